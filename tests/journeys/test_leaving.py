"""Taking one's data along and leaving: real media, packed once more, then gone with every word."""

import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from tests.api.words import WORD, files_with_it, rows_with_it
from tests.journeys.books import assert_books_balance
from tests.journeys.people import slug
from tests.journeys.pictures import photograph
from tests.journeys.stack import Stack, until

pytestmark = pytest.mark.slow

# Added up anew by the clock within minutes; the erasure is not done before.
_SUMS = {"usage_changes.label", "usage_days.label"}


def test_what_was_made_is_packed_and_then_neither_files_nor_rows_know_a_word(stack: Stack) -> None:
    leaver = stack.newcomer(WORD, plan="studio")
    asset = leaver.upload(f"{WORD}.jpg", photograph(seed=3), media_type="image/jpeg")
    keyframes = [{"asset_id": asset["id"], "at_seconds": 0}]
    draft = leaver.ready_draft(label=WORD, brief={"prompt": f"a {WORD} by the sea", "keyframes": keyframes})
    take_id = draft["takes"][0]["id"]
    delivery = leaver.delivery(take_id, host="premiere-pro", timeline=["otio", "fcp7xml"])
    assert {file["role"] for file in delivery["files"]} >= {"master", "timeline"}
    named = stack.query(
        "SELECT key FROM delivery_files WHERE delivery_id = %s AND coalesce(sequence, 'null') = 'null'",
        delivery["id"],
    )
    assert stack.stored(f"deliveries/{delivery['id']}/") == {key for (key,) in named}, "else it is swept"
    running = leaver.draft(takes=4, label=WORD, brief={"prompt": WORD, "duration_seconds": 5})
    mine = (f"takes/{take_id}/", f"deliveries/{delivery['id']}/", f"assets/{asset['id']}/")
    stored = leaver.get("/v1/me/storage")
    counted = sum((stack.data / "storage" / key).stat().st_size for key in stack.stored(*mine))
    assert stored["bytes"] >= counted > 0
    assert len(files_with_it(stack.data / "storage")) > 0, "names and provenance hold the prompt"

    asked = leaver.ok("POST", "/v1/me/export", {"with_media": True})
    packed = until(lambda: _when(leaver.get(f"/v1/me/exports/{asked['id']}"), "ready"))
    data = httpx.get(packed["archive"]["url"], timeout=60, trust_env=False).content
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    generations = [json.loads(line) for line in archive.read("data/generations.jsonl").splitlines()]
    assert {each["label"] for each in generations} == {WORD}
    assert {f"media/{key}" for key in stack.stored(*mine)} <= set(archive.namelist())

    asked_to = {"reason": f"{WORD} asked us to"}
    erasure = stack.operator.ok("POST", f"/v1/admin/users/{leaver.id}/delete", asked_to)
    assert slug(leaver.send("GET", "/v1/me")) == "unauthenticated"
    path = f"{stack.url}/v1/erasures/{erasure['id']}"
    until(lambda: _is_at(path, "check", "done"))
    until(lambda: not stack.stored(*mine) or None)
    until(lambda: not files_with_it(stack.data / "storage") or None)

    assert rows_with_it(stack.running()["DATABASE_URL"]).keys() <= _SUMS
    states = stack.query("SELECT DISTINCT state FROM generations WHERE owner_id = %s", leaver.id)
    assert {state for (state,) in states} <= {"ready", "cancelled"}
    assert stack.query("SELECT finished_at IS NOT NULL FROM generations WHERE id = %s", running["id"]) == [
        (True,)
    ]
    assert stack.query("SELECT available, held FROM accounts WHERE owner_id = %s", leaver.id) == [(0, 0)]
    assert_books_balance(stack)


def _when(found: Any, state: str) -> Any:
    return found if found["state"] == state else None


def _is_at(path: str, *steps: str) -> bool:
    return httpx.get(path, trust_env=False).json()["step"] in steps
