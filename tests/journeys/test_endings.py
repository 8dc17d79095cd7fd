"""How a generation can end, and that the receipt is right each time."""

from typing import Any

import pytest

from tests.journeys.books import assert_books_balance
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, a_draft, slug
from tests.journeys.stack import Stack, until


def a_master(*, takes: int = 1, seconds: int = 2, resolution: str = "720p") -> dict[str, Any]:
    return {
        **a_draft(takes=takes, brief={"duration_seconds": seconds, "resolution": resolution}),
        "kind": "master",
    }


@pytest.fixture
def editor(newcomer: Newcomer) -> Person:
    return newcomer(plan="free")


def _cancel(editor: Person, identifier: str) -> Any:
    editor.ok("POST", f"/v1/generations/{identifier}/cancel")
    return editor.generation(identifier)


def test_cancelled_while_waiting_everything_returns_at_once(editor: Person) -> None:
    running = editor.draft(takes=2, brief={"duration_seconds": 5})
    waiting = editor.ok("POST", "/v1/generations", a_master())

    ended = editor.ok("POST", f"/v1/generations/{waiting['id']}/cancel")

    assert ended["state"] == "cancelled"
    held = waiting["cost"]["credits_held"]
    receipt = editor.receipt(waiting["id"])
    assert receipt["credits"] == {"quoted": held, "held": held, "settled": 0, "returned": held}
    assert receipt["attempts"] == []
    assert _cancel(editor, running["id"])["state"] in ("cancelled", "ready")
    assert editor.purse()[:2] == (1_000, 0)


def test_cancelled_mid_render_everything_returns(stack: Stack, editor: Person) -> None:
    master = editor.ok("POST", "/v1/generations", a_master(seconds=5, resolution="1080p"))
    path = f"/v1/generations/{master['id']}"
    until(lambda: editor.get(path)["state"] == "generating" and editor.get(path)["progress"] > 0)

    ended = _cancel(editor, master["id"])

    assert ended["state"] == "cancelled"
    receipt = editor.receipt(master["id"])
    held = master["cost"]["credits_held"]
    assert receipt["credits"] == {"quoted": held, "held": held, "settled": 0, "returned": held}
    assert "everything returned" in receipt["why"]
    assert editor.purse()[:2] == (1_000, 0)
    assert _cancel(editor, master["id"])["state"] == "cancelled", "twice is once"
    assert_books_balance(stack)


@pytest.mark.slow
def test_cancelled_after_one_take_was_stored_that_one_is_paid(stack: Stack, editor: Person) -> None:
    master = editor.ok("POST", "/v1/generations", a_master(takes=3, seconds=1, resolution="540p"))
    path = f"/v1/generations/{master['id']}"
    until(lambda: any(take["state"] == "stored" for take in editor.get(path)["takes"]), pause=0.02)

    ended = _cancel(editor, master["id"])

    stored = sum(take["state"] == "stored" for take in ended["takes"])
    receipt = editor.receipt(master["id"])
    each = receipt["credits_per_take"]
    assert stored >= 1
    assert receipt["takes_charged"] == stored
    assert receipt["credits"]["settled"] == stored * each
    assert receipt["credits"]["returned"] == (3 - stored) * each
    assert ended["state"] in ("cancelled", "ready")
    assert editor.purse()[:2] == (1_000 - stored * each, 0)
    assert_books_balance(stack)


def test_a_finished_one_cannot_be_cancelled_and_an_unfinished_one_not_deleted(editor: Person) -> None:
    draft = editor.draft()
    early = editor.send("DELETE", f"/v1/generations/{draft['id']}")
    assert (early.status_code, slug(early)) == (409, "conflict")
    editor.generation(draft["id"])

    late = editor.send("POST", f"/v1/generations/{draft['id']}/cancel")

    assert (late.status_code, slug(late)) == (409, "illegal-transition")


@pytest.mark.slow
def test_one_of_three_takes_fails_the_other_two_are_kept_and_paid(stack: Stack, editor: Person) -> None:
    master = editor.ok("POST", "/v1/generations", a_master(takes=3, seconds=1, resolution="360p"))
    broken = master["takes"][1]["id"]
    # A fault of the disk: what must become a file is a folder that is not empty.
    (stack.data / "storage" / "takes" / broken / "proxy.mp4" / "in the way").mkdir(parents=True)

    ended = editor.generation(master["id"])

    assert ended["state"] == "ready"
    assert [take["state"] for take in ended["takes"]] == ["stored", "failed", "stored"]
    assert ended["takes"][1]["failure"]["detail"]
    receipt = editor.receipt(master["id"])
    each = receipt["credits_per_take"]
    assert receipt["takes_charged"] == 2
    assert receipt["credits"] == {"quoted": 3 * each, "held": 3 * each, "settled": 2 * each, "returned": each}
    assert editor.purse()[:2] == (1_000 - 2 * each, 0)
    assert_books_balance(stack)
