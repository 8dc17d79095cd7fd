"""Processes are killed and asked to leave: `up` starts them again, and their work is done once."""

import signal
from collections.abc import Iterator
from typing import Any, Final

import psutil
import pytest

from tests.journeys.books import assert_books_balance
from tests.journeys.people import Person
from tests.journeys.stack import Stack, living, until

pytestmark = pytest.mark.slow

AT_WORK: Final = (
    "SELECT w.lease FROM work w "
    "JOIN chunks c ON c.id = w.subject_id LEFT JOIN renders r ON r.id = c.render_id "
    "WHERE w.lease IS NOT NULL AND (r.subject_id = %s OR c.delivery_id = %s)"
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("processes")) as running:
        yield running


@pytest.fixture(scope="module")
def first(stack: Stack) -> tuple[Person, str]:
    """Somebody with a take."""
    editor = stack.newcomer("editor-at-work", plan="studio")
    draft = editor.ready_draft(brief={"duration_seconds": 2})
    return editor, draft["takes"][0]["id"]


@pytest.fixture
def editor(stack: Stack, first: tuple[Person, str]) -> Person:
    return stack.again(first[0])


@pytest.fixture
def take(first: tuple[Person, str]) -> str:
    return first[1]


def _master(editor: Person, take: str) -> Any:
    """Large enough to be interrupted."""
    return editor.ok("POST", f"/v1/takes/{take}/master", {"resolution": "720p", "dynamic_range": "hdr"})


def _until_at_work(stack: Stack, subject: str) -> list[str]:
    """Until media processes hold ranges of it; their leases."""
    return [lease for (lease,) in until(lambda: stack.query(AT_WORK, subject, subject), pause=0.02)]


def _leave(stack: Stack, role: str) -> None:
    """Every process of a role is told to stop, and does."""
    told = [psutil.Process(pid) for pid in stack.kill(role, signal.SIGTERM)]
    _, alive = psutil.wait_procs(told, timeout=15)
    assert not alive, role


def _ends_well(stack: Stack, editor: Person, master: Any) -> None:
    done = editor.generation(master["id"])
    assert done["state"] == "ready", done["failure"]
    receipt = editor.receipt(master["id"])
    held = master["cost"]["credits_held"]
    assert receipt["credits"] == {"quoted": held, "held": held, "settled": held, "returned": 0}
    assert [entry["kind"] for entry in receipt["ledger"]] == ["hold", "settle"]
    assert_books_balance(stack)


def test_a_media_child_killed_mid_render_costs_a_moment(stack: Stack, editor: Person, take: str) -> None:
    master = _master(editor, take)
    _until_at_work(stack, master["takes"][0]["id"])

    assert stack.kill("child")

    _ends_well(stack, editor, master)


def test_media_processes_killed_mid_render_and_mid_conform_finish_after_their_lease(
    stack: Stack, editor: Person, take: str
) -> None:
    master = _master(editor, take)
    _until_at_work(stack, master["takes"][0]["id"])
    assert len(stack.kill("media")) == 2

    wanted = {"host": "nuke", "sequence": {"frame_rate": "25", "width": 1920, "height": 1080}}
    delivery = editor.ok("POST", f"/v1/takes/{take}/deliveries", wanted)
    _until_at_work(stack, delivery["id"])
    assert stack.kill("media")

    _ends_well(stack, editor, master)
    done = editor.until_done(f"/v1/deliveries/{delivery['id']}")
    assert (done["state"], done["clips"][0]["frame_count"]) == ("ready", 50)
    frames = editor.get(done["files"][0]["sequence"]["frames_url"], params={"limit": "100"})["items"]
    assert len({frame["name"] for frame in frames}) == 50


def test_killed_processes_are_replaced_and_nothing_is_lost(stack: Stack, editor: Person) -> None:
    drafts = [editor.draft(takes=2)["id"] for _ in range(2)]
    for role in ("worker", "clock", "web"):
        killed = stack.kill(role)
        until(lambda: {each.pid for each in stack.processes(role)} - set(killed))  # noqa: B023 - used at once

    until(stack.is_ready)

    for identifier in drafts:
        assert editor.generation(identifier)["state"] == "ready"
    assert_books_balance(stack)


def test_processes_told_to_stop_leave_in_time_and_their_work_goes_on(
    stack: Stack, editor: Person, take: str
) -> None:
    master = _master(editor, take)
    leases = _until_at_work(stack, master["takes"][0]["id"])

    _leave(stack, "media")
    kept = stack.query("SELECT subject_id FROM work WHERE lease = ANY(%s)", leases)
    for role in ("worker", "clock", "web"):
        _leave(stack, role)

    assert kept == [], "leases are handed back, not waited for"
    until(stack.is_ready)
    _ends_well(stack, editor, master)


def test_one_signal_ends_everything_and_the_next_start_takes_the_work_up(
    stack: Stack, editor: Person, take: str
) -> None:
    master = _master(editor, take)
    _until_at_work(stack, master["takes"][0]["id"])

    took = stack.stop()

    assert took < 15
    assert living(stack.data) == []
    keys = stack.keys
    stack.start()
    assert {stack.keys[name] for name in ("admin_key", "user_key")} == {keys["admin_key"], keys["user_key"]}
    again = stack.again(editor)
    _ends_well(stack, again, master)


def test_a_killed_supervisor_takes_everything_along_and_can_be_started_again(
    stack: Stack, editor: Person
) -> None:
    draft = editor.draft(takes=2)
    psutil.Process(stack.pid).kill()

    until(lambda: not living(stack.data), seconds=60)

    stack.stop()
    stack.start()
    again = stack.again(editor)
    assert again.generation(draft["id"])["state"] == "ready"
    assert_books_balance(stack)
