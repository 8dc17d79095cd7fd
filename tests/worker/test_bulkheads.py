"""The main thread of a steps process waits for no provider; one that hangs holds its own threads only."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.work import PROVIDER_PLACES, watch_hint
from tests.services.remote import RAY_32, Remote, far
from tests.services.studio import Studio, studio_on, with_brief
from worker import steps
from worker.errands import ThreadedErrands
from worker.providers.protocol import Progress, Running, Shot, Submission

KLING = with_brief(RAY_32, model="kling-3.0", resolution=Resolution.P720)


@dataclass
class Hanging(Remote):
    """Answers nothing until it is let go."""

    let_go: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def submit(self, shot: Shot) -> Submission:
        self._hang()
        return super().submit(shot)

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        self._hang()
        return super().poll(refs)

    def _hang(self) -> None:
        self.waiting.release()
        assert self.let_go.wait(60)


@dataclass(frozen=True)
class Floor:
    """A studio whose provider steps run on threads."""

    studio: Studio
    luma: Hanging
    atlas: Remote
    errands: ThreadedErrands


@pytest.fixture
def floor(database: str, tmp_path: Path) -> Iterator[Floor]:
    with studio_on(database, tmp_path, pool_size=20) as opened:
        luma, atlas, errands = Hanging(), Remote("atlas", fate=Running(0.5)), ThreadedErrands()
        studio = far(opened, luma, atlas)
        studio = replace(studio, runtime=replace(studio.runtime, errands=errands))
        yield Floor(studio, luma, atlas, errands)
        luma.let_go.set()
        assert errands.finish(within=60)


def _due_takes(floor: Floor, caller: Caller, *, count: int, model: str) -> list[GenerationView]:
    wanted = RAY_32 if model == "ray-3.2" else KLING
    views = [floor.studio.ask(caller, wanted) for _ in range(count)]
    for _ in range(2):
        for view in views:
            floor.studio.step(view.generation.id)
    return views


def _soon(happens: Callable[[], bool]) -> None:
    """Wait for something that threads bring about."""
    until = time.monotonic() + 30
    while not happens():
        assert time.monotonic() < until
        threading.Event().wait(0.02)


def _state(floor: Floor, view: GenerationView) -> TakeState:
    return floor.studio.see(view.generation.id).takes[0].state


def test_while_one_provider_hangs_another_is_sent_and_the_main_thread_goes_on(floor: Floor) -> None:
    caller = floor.studio.person(credits_granted=10_000)
    stuck = _due_takes(floor, caller, count=PROVIDER_PLACES + 3, model="ray-3.2")
    (well,) = _due_takes(floor, caller, count=1, model="kling-3.0")

    for view in stuck:
        assert floor.studio.step(view.takes[0].id)  # returns although nothing answers
    floor.studio.step(well.takes[0].id)

    _soon(lambda: _state(floor, well) is TakeState.SUBMITTED)
    assert {_state(floor, view) for view in stuck} == {TakeState.WANTED}
    assert len(floor.luma.posts) == 0


def test_what_finds_no_place_is_handed_back_untried(floor: Floor) -> None:
    caller = floor.studio.person(credits_granted=10_000)
    stuck = _due_takes(floor, caller, count=PROVIDER_PLACES + 3, model="ray-3.2")

    for view in stuck:
        floor.studio.step(view.takes[0].id)

    free = "SELECT tries FROM work WHERE lane = 'provider-master' AND lease IS NULL"
    assert floor.studio.rows(free) == [(0,)] * 3
    for _ in range(PROVIDER_PLACES):
        assert floor.luma.waiting.acquire(timeout=30)
    assert not floor.luma.waiting.acquire(timeout=0.2)


def test_a_watcher_that_hangs_holds_up_neither_sending_nor_another_watcher(floor: Floor) -> None:
    caller = floor.studio.person(credits_granted=10_000)
    floor.luma.let_go.set()
    (flying,) = _due_takes(floor, caller, count=1, model="ray-3.2")
    floor.studio.step(flying.takes[0].id)
    _soon(lambda: _state(floor, flying) is TakeState.SUBMITTED)
    (well,) = _due_takes(floor, caller, count=1, model="kling-3.0")
    floor.luma.let_go.clear()
    with floor.studio.house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work SET next_at = '2020-01-01' WHERE lane = 'watch'")

    assert steps.advance(floor.studio.runtime, watch_hint("luma").subject_id)
    floor.studio.step(well.takes[0].id)

    _soon(lambda: _state(floor, well) is TakeState.SUBMITTED)
    floor.atlas.fate = None
    with floor.studio.house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE work SET next_at = '2020-01-01' WHERE topic = 'atlas'")
    assert steps.advance(floor.studio.runtime, watch_hint("atlas").subject_id)
    _soon(lambda: _state(floor, well) is TakeState.RENDERED)


def test_no_connection_is_held_while_a_provider_is_waited_for(floor: Floor) -> None:
    caller = floor.studio.person(credits_granted=10_000)
    stuck = _due_takes(floor, caller, count=PROVIDER_PLACES, model="ray-3.2")

    for view in stuck:
        floor.studio.step(view.takes[0].id)
    for _ in range(PROVIDER_PLACES):
        assert floor.luma.waiting.acquire(timeout=30)

    assert floor.studio.house.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of every queueing pool


def test_told_to_stop_a_process_sends_nothing_new_and_finishes_what_it_sent(floor: Floor) -> None:
    caller = floor.studio.person(credits_granted=10_000)
    first, second = _due_takes(floor, caller, count=2, model="ray-3.2")
    floor.studio.step(first.takes[0].id)
    assert floor.luma.waiting.acquire(timeout=30)

    floor.errands.stop()
    floor.studio.step(second.takes[0].id)
    floor.luma.let_go.set()

    assert floor.errands.finish(within=30)
    assert (_state(floor, first), _state(floor, second)) == (TakeState.SUBMITTED, TakeState.WANTED)
    assert len(floor.luma.posts) == 1
