"""What is cancelled while pixels are worked on stops at once: its media child is gone, and others go on.

The clock starts before the request and stops when the child has ended. How long that takes is printed; the
bound here is for a machine that does several things at once, `bench.cancel` measures a calm one.
"""

import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.journeys.people import Person
from tests.journeys.stack import Stack, until

pytestmark = pytest.mark.slow

LARGE = {"frame_rate": "24", "width": 1920, "height": 1080}
BOUND_SECONDS = 6


@pytest.fixture(scope="module")
def take(editor: Person) -> Any:
    return editor.ready_draft()["takes"][0]


def _ended(stack: Stack, cancel: Callable[[], Any]) -> float:
    """Seconds from the request to the end of the child that was at work."""
    before = {child.pid for child in stack.processes("child")}
    assert before
    began = time.monotonic()
    cancel()
    until(lambda: any(not psutil.pid_exists(pid) for pid in before), seconds=60, pause=0.01)
    return time.monotonic() - began


def _told(what: str, seconds: float) -> None:
    print(f"\n{what}: {seconds:.2f} s after its cancel nothing computes it")  # noqa: T201 - the figure
    assert seconds < BOUND_SECONDS


def test_a_delivery_whose_frames_are_being_made_stops(stack: Stack, editor: Person, take: Any) -> None:
    body = {"host": "nuke", "sequence": LARGE}
    asked = editor.ok("POST", f"/v1/takes/{take['id']}/deliveries", body)
    path = f"/v1/deliveries/{asked['id']}"
    until(lambda: stack.stored(f"deliveries/{asked['id']}/"), pause=0.01)

    _told("frames", _ended(stack, lambda: editor.ok("POST", f"{path}/cancel")))

    assert editor.get(path)["state"] == "cancelled"
    until(lambda: not stack.stored(f"deliveries/{asked['id']}/"))


def test_a_delivery_that_is_being_put_together_and_checked_stops(
    stack: Stack, editor: Person, take: Any
) -> None:
    body = {"host": "download", "master_format": "prores-4444", "sequence": LARGE}
    asked = editor.ok("POST", f"/v1/takes/{take['id']}/deliveries", body)
    path = f"/v1/deliveries/{asked['id']}"
    held = "SELECT 1 FROM work WHERE subject_id = %s AND lane LIKE 'media-%%' AND lease IS NOT NULL"
    until(lambda: stack.query(held, asked["id"]), pause=0.01)

    _told("checks", _ended(stack, lambda: editor.ok("POST", f"{path}/cancel")))

    assert editor.get(path)["state"] == "cancelled"
    until(lambda: not stack.stored(f"deliveries/{asked['id']}/"))


def test_a_draft_that_is_being_rendered_stops_and_costs_nothing(stack: Stack, editor: Person) -> None:
    before = editor.purse()
    asked = editor.draft(brief={"resolution": "720p", "duration_seconds": 10})
    path = f"/v1/generations/{asked['id']}"
    until(lambda: stack.stored(f"takes/{asked['takes'][0]['id']}/"), pause=0.01)

    _told("render", _ended(stack, lambda: editor.ok("POST", f"{path}/cancel")))

    assert editor.until_done(path)["state"] == "cancelled"
    assert editor.purse() == before
