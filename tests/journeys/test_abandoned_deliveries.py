"""Deliveries that nobody wants any more leave nothing in storage."""

from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person
from tests.journeys.stack import Stack, until

LARGE = {"frame_rate": "24000/1001", "width": 1920, "height": 1080}


@pytest.fixture(scope="module")
def take(editor: Person) -> Any:
    return editor.ready_draft()["takes"][0]


@pytest.mark.slow
def test_a_cancelled_delivery_leaves_no_files_and_can_be_asked_for_again(
    stack: Stack, editor: Person, take: Any
) -> None:
    body = {"host": "nuke", "sequence": LARGE}
    asked = editor.ok("POST", f"/v1/takes/{take['id']}/deliveries", body)
    path = f"/v1/deliveries/{asked['id']}"
    until(lambda: stack.stored(f"deliveries/{asked['id']}/"), seconds=150, pause=0.01)

    cancelled = editor.ok("POST", f"{path}/cancel")

    assert cancelled["state"] == "cancelled"
    assert editor.ok("POST", f"{path}/cancel")["state"] == "cancelled"
    until(lambda: not stack.stored(f"deliveries/{asked['id']}/"), seconds=150)
    once = {"Idempotency-Key": "once-more-please"}
    again = editor.send("POST", f"{path}/retry", headers=once)
    replay = editor.send("POST", f"{path}/retry", headers=once)
    assert again.status_code == replay.status_code == 202
    assert again.json()["id"] == replay.json()["id"] != asked["id"]
    assert replay.headers["Idempotency-Replayed"] == "true"
    editor.ok("POST", f"/v1/deliveries/{again.json()['id']}/cancel")


@pytest.mark.slow
def test_a_deleted_shot_takes_its_deliveries_files_along(stack: Stack, newcomer: Newcomer) -> None:
    editor = newcomer()
    draft = editor.ready_draft()
    delivery = editor.delivery(draft["takes"][0]["id"], master_format="h264")
    url = delivery["files"][0]["url"]

    assert editor.send("DELETE", f"/v1/generations/{draft['id']}").status_code == 204

    until(lambda: not stack.stored(f"deliveries/{delivery['id']}/"))
    assert httpx.get(url, trust_env=False).status_code == 404
