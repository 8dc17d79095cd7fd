"""Accepted takes are looked after together: asked for at once, given back each to its own time."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services.making import watching
from plugin_backend.services.making.watching import Seen
from plugin_backend.services.moves import nudge
from tests.services.flights import (
    LONG,
    RUNNING,
    Polled,
    call_watcher,
    due_in,
    flying,
)
from tests.services.remote import PRICE, RAY_32, far, settle, turn_to_next, work_off
from tests.services.studio import Studio, at_once
from worker.providers.protocol import Broken, Finished, Progress, Running


def test_all_that_is_due_is_asked_for_at_once(studio: Studio) -> None:
    luma = Polled(fate=RUNNING)
    studio = far(studio, luma)
    flying(studio, takes=4, count=5)

    call_watcher(studio)

    ((asked),) = luma.polls
    assert len(asked) == 20


def test_each_take_is_due_again_at_a_time_of_its_own(studio: Studio) -> None:
    studio = far(studio, Polled(fate=RUNNING))
    flying(studio, takes=4, count=3)

    call_watcher(studio)

    due = due_in(studio)
    assert len(set(due)) > 8
    assert all(2 <= seconds <= 67 for seconds in due)


def test_the_provider_s_own_wish_is_the_least(studio: Studio) -> None:
    studio = far(studio, Polled(fate=Running(0.5, look_again_seconds=300)))
    flying(studio, takes=2)

    call_watcher(studio)

    assert due_in(studio) == [300, 300]


def test_a_poll_that_breaks_ends_no_take_and_is_tried_ever_more_seldom(studio: Studio) -> None:
    luma = Polled(fate=RUNNING, breaks=RuntimeError("an answer nobody foresaw"))
    studio = far(studio, luma)
    _, (view,) = flying(studio)

    waits = []
    for _ in range(12):
        turn_to_next(studio)
        call_watcher(studio, after=timedelta(0))
        waits.append(due_in(studio)[0])

    assert studio.see(view.generation.id).takes[0].state is TakeState.SUBMITTED
    assert max(waits) > 40
    assert studio.one("SELECT state FROM provider_health WHERE provider = 'luma'") == "open"
    luma.breaks = luma.fate = None
    assert settle(studio, view).generation.state is GenerationState.READY
    assert studio.one("SELECT state FROM provider_health WHERE provider = 'luma'") == "closed"


def test_one_that_does_not_answer_is_asked_for_a_few_at_a_time(studio: Studio) -> None:
    luma = Polled(fate=RUNNING, breaks=ConnectionError())
    studio = far(studio, luma)
    flying(studio, takes=4, count=5)
    call_watcher(studio)
    assert len(luma.polls[0]) == 20

    call_watcher(studio)

    assert all(len(asked) <= 8 for asked in luma.polls[1:])


def test_trouble_with_one_take_is_no_outage(studio: Studio) -> None:
    studio = far(studio, Polled(fates={0: Running(trouble="HTTP 500")}))
    flying(studio)
    luma = studio.runtime.providers["luma"]
    assert isinstance(luma, Polled)
    luma.fates = {}
    luma.fate = RUNNING
    flying(studio)

    for _ in range(8):
        call_watcher(studio)

    assert studio.rows("SELECT state FROM provider_health WHERE provider = 'luma'") in ([], [("closed",)])


def test_a_row_that_somebody_else_has_by_now_is_not_written(studio: Studio) -> None:
    """It was claimed and asked about, then its lease ran out and another watcher took it."""
    studio = far(studio, Polled(fate=RUNNING))
    _, (view,) = flying(studio, takes=3)
    studio.clock.turn(LONG)
    batch = watching.claim(studio.house, "luma", most=10, most_when_unwell=10)
    lost = batch.rows[0]
    with studio.house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work SET lease = 'another' WHERE subject_id = %s", (lost.take_id,))

    ours = watching.look_again(studio.house, [Seen(row=row, progress=0.9) for row in batch.rows])

    assert ours == 2
    assert studio.one("SELECT lease FROM work WHERE subject_id = :id", id=lost.take_id) == "another"
    shown = {take.id: take.progress for take in studio.see(view.generation.id).takes}
    assert sorted(shown.values(), key=str) == [0.9, 0.9, None]
    assert shown[lost.take_id] is None


def test_an_end_that_somebody_else_may_be_writing_is_not_written(studio: Studio) -> None:
    luma = Polled(fate=RUNNING)
    studio = far(studio, luma)
    _, (view,) = flying(studio)
    luma.fate = Broken("provider-failed", "It gave up.")

    def overtake() -> None:
        with studio.house.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE work SET lease = 'another' WHERE lane = 'watch'")

    luma.on_poll = overtake
    call_watcher(studio)

    assert studio.see(view.generation.id).takes[0].state is TakeState.SUBMITTED


def test_two_watchers_at_once_ask_for_different_takes(studio: Studio) -> None:
    studio = far(studio, Polled(fate=RUNNING))
    flying(studio, takes=4, count=8)
    studio.clock.turn(LONG)

    batches = at_once(4, lambda _: watching.claim(studio.house, "luma", most=10, most_when_unwell=10).rows)

    taken = [row.take_id for rows in batches for row in rows]
    assert len(taken) == len(set(taken)) == 32


def test_the_longest_due_come_first_and_of_equals_the_first_made(studio: Studio) -> None:
    studio = far(studio, Polled(fate=RUNNING))
    flying(studio, takes=4, count=5)
    studio.clock.turn(LONG)
    ids = [take_id for (take_id,) in studio.rows("SELECT subject_id FROM work WHERE lane = 'watch'")]
    with studio.house.engine.begin() as connection:
        for take_id in sorted(ids, reverse=True):  # the table holds them the other way round
            day = 1 + sorted(ids).index(take_id) % 3
            moved = "UPDATE work SET next_at = CAST(%s AS timestamptz) WHERE subject_id = %s"
            connection.exec_driver_sql(moved, (f"2020-01-0{day} 00:00Z", take_id))

    rows = watching.claim(studio.house, "luma", most=20, most_when_unwell=20).rows

    taken = [(row.due_at, row.take_id) for row in rows]
    assert len(taken) == 20
    assert taken == sorted(taken)


def test_readers_are_told_how_far_it_is_at_most_once_a_second(studio: Studio) -> None:
    luma = Polled(fate=Running(0.1))
    studio = far(studio, luma)
    _, (view,) = flying(studio)

    def version() -> int:
        return studio.see(view.generation.id).generation.version

    def see(progress: float) -> None:
        luma.fate = Running(progress)
        with studio.house.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE work SET next_at = now() - interval '9 years'")
        call_watcher(studio, after=timedelta(0))

    studio.clock.turn(LONG)
    see(0.2)
    told = version()
    see(0.3)
    see(0.4)
    assert version() == told
    studio.clock.turn(timedelta(seconds=1))
    see(0.5)

    assert version() == told + 1
    assert studio.see(view.generation.id).takes[0].progress == 0.5


def test_progress_never_goes_back(studio: Studio) -> None:
    luma = Polled(fate=Running(0.6))
    studio = far(studio, luma)
    _, (view,) = flying(studio)
    call_watcher(studio)

    for claimed in (Running(0.2), Running(None), Running(7.0)):
        luma.fate = claimed
        call_watcher(studio)

    assert studio.see(view.generation.id).takes[0].progress == 1.0


def test_of_a_batch_each_take_ends_as_it_ends(studio: Studio) -> None:
    fates: dict[str, Progress] = {
        "luma-1": Finished({"files": [{"role": "movie", "url": "https://x/1"}]}),
        "luma-2": Broken("moderated", "Not this."),
        "luma-3": RUNNING,
    }

    class Mixed(Polled):
        def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
            return {ref: fates[ref] for ref in refs}

    studio = far(studio, Mixed())
    _, (view,) = flying_slowly(studio, fates)

    call_watcher(studio)

    states = [take.state for take in studio.see(view.generation.id).takes]
    assert sorted(states) == [TakeState.FAILED, TakeState.RENDERED, TakeState.SUBMITTED]


def flying_slowly(studio: Studio, fates: Mapping[str, Progress]) -> tuple[Caller, list[GenerationView]]:
    """Three takes in the air; nothing is due for them yet, so no fate has struck."""
    caller = studio.person(credits_granted=len(fates) * PRICE)
    view = studio.ask(caller, replace(RAY_32, takes=len(fates)))
    work_off(studio)
    return caller, [view]


def test_a_take_that_was_nudged_while_it_was_asked_about_is_due_at_once(studio: Studio) -> None:
    luma = Polled(fate=RUNNING)
    studio = far(studio, luma)
    _, (view,) = flying(studio)
    heard = threading.Event()

    def call_back() -> None:
        if not heard.is_set():
            heard.set()
            with studio.house.begin() as work:
                nudge(work, view.takes[0].id)

    luma.on_poll = call_back
    call_watcher(studio)

    assert due_in(studio) == [0.0]
