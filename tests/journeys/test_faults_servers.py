"""PostgreSQL and Redis misbehave under a running service: nothing is lost, nothing is paid twice."""

import secrets
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest

from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from tests.journeys.books import assert_books_balance
from tests.journeys.people import Person, a_draft
from tests.journeys.stack import Stack, until

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Plant:
    """A stack on servers that the test can switch off."""

    stack: Stack
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("plant")
    with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        EmbeddedValkey(folder / "valkey", durable=False) as valkey,
    ):
        environ = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        with Stack(folder / "data", environ=environ) as stack:
            yield Plant(stack, postgres, valkey)


@pytest.fixture
def editor(plant: Plant) -> Person:
    return plant.stack.newcomer(f"editor-{secrets.token_hex(4)}", plan="studio")


def test_the_same_key_thirty_times_at_once_is_one_generation(editor: Person) -> None:
    once = {"Idempotency-Key": "the-editor-clicked-wildly"}

    with ThreadPoolExecutor(30) as clicks:
        answers = list(
            clicks.map(
                lambda _: editor.send("POST", "/v1/generations", a_draft(takes=2), headers=once), range(30)
            )
        )

    accepted = [answer for answer in answers if answer.status_code == 202]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len(accepted) > 1
    assert len({answer.json()["id"] for answer in accepted}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in accepted) == 1
    assert len(editor.get("/v1/generations")["items"]) == 1
    assert editor.purse()[2] == 2
    editor.generation(accepted[0].json()["id"])


def test_a_submit_without_redis_is_accepted_and_runs_when_it_returns(plant: Plant, editor: Person) -> None:
    plant.valkey.kill()
    began = time.monotonic()
    accepted = editor.send("POST", "/v1/generations", a_draft())
    took = time.monotonic() - began
    assert accepted.status_code == 202
    assert took < 10
    ready = editor.get("/readyz")
    assert "redis" in str(ready["degraded"])
    assert editor.get(f"/v1/generations/{accepted.json()['id']}")["state"] == "queued"

    plant.valkey.start()

    assert editor.generation(accepted.json()["id"], seconds=150)["state"] == "ready"
    assert_books_balance(plant.stack)


def test_a_redis_that_hangs_slows_a_submit_but_does_not_stop_it(plant: Plant, editor: Person) -> None:
    (process,) = [each for each in psutil.Process().children() if str(plant.stack.data.parent) in _line(each)]
    process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        accepted = editor.send("POST", "/v1/generations", a_draft())
        took = time.monotonic() - began
    finally:
        process.send_signal(signal.SIGCONT)

    assert accepted.status_code == 202
    assert took < 10
    assert editor.generation(accepted.json()["id"], seconds=150)["state"] == "ready"


def test_workers_leave_on_sigterm_while_redis_is_away(plant: Plant, editor: Person) -> None:
    plant.valkey.kill()
    try:
        asked = [
            psutil.Process(pid)
            for role in ("worker", "media")
            for pid in plant.stack.kill(role, signal.SIGTERM)
        ]
        _, alive = psutil.wait_procs(asked, timeout=15)
        assert not alive
    finally:
        plant.valkey.start()
    assert editor.ready_draft()["state"] == "ready"


def test_flushing_redis_under_load_costs_seconds_no_lease(plant: Plant, editor: Person) -> None:
    calm = _time_of(editor, flush=None)

    flushed = _time_of(editor, flush=plant.stack)

    assert flushed - calm < 20  # a lease that has to run out costs 30
    assert_books_balance(plant.stack)


def test_steps_resume_after_postgresql_crashed_and_recovered(plant: Plant, editor: Person) -> None:
    draft = editor.ready_draft()
    drafts = [editor.draft(takes=2)["id"] for _ in range(2)]
    master = editor.ok("POST", f"/v1/takes/{draft['takes'][0]['id']}/master", {"resolution": "540p"})["id"]
    until(lambda: plant.stack.query("SELECT 1 FROM work WHERE lane LIKE 'media%%' AND lease IS NOT NULL"))

    plant.postgres.restart(immediate=True)

    for identifier in (*drafts, master):
        assert editor.generation(identifier, seconds=120)["state"] == "ready"
    assert editor.receipt(master)["credits"]["returned"] == 0
    assert_books_balance(plant.stack)


def _time_of(editor: Person, *, flush: Stack | None) -> float:
    """How long six drafts take together; Redis forgets everything when a third of them is done."""
    began = time.monotonic()
    ids = [editor.draft(brief={"seed": seed})["id"] for seed in range(6)]
    if flush is not None:
        until(lambda: sum(_is_ready(editor, each) for each in ids) >= 2)
        with flush.redis() as redis:
            redis.flushall()
    for identifier in ids:
        assert editor.generation(identifier)["state"] == "ready"
    return time.monotonic() - began


def _is_ready(editor: Person, identifier: str) -> bool:
    return bool(editor.get(f"/v1/generations/{identifier}")["state"] == "ready")


def _line(process: psutil.Process) -> str:
    """The command line of a Valkey, nothing of any other."""
    line = " ".join(process.cmdline())
    return line if "valkey-server" in line else ""
