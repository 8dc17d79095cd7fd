"""Errands: each kind has so many places, one that hangs holds its own, the end waits for what runs."""

import threading
import time
from collections.abc import Iterator

import pytest

from worker.errands import InlineErrands, ThreadedErrands


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hanging errands wait for; open at the end, so that no test leaves a thread."""
    opened = threading.Event()
    yield opened
    opened.set()


def _hang(errands: ThreadedErrands, kind: str, gate: threading.Event, *, places: int) -> bool:
    def hang() -> None:
        gate.wait(30)

    return errands.start(kind, hang, places=places)


def test_a_kind_has_so_many_places_and_no_more(gate: threading.Event) -> None:
    errands = ThreadedErrands()

    started = [_hang(errands, "luma", gate, places=3) for _ in range(5)]

    assert started == [True, True, True, False, False]


def test_one_kind_that_hangs_leaves_every_other_alone(gate: threading.Event) -> None:
    errands, done = ThreadedErrands(), threading.Event()
    while _hang(errands, "luma", gate, places=8):
        pass

    assert errands.start("atlas", done.set, places=8)

    assert done.wait(10)


def test_a_place_is_free_again_even_when_the_errand_broke() -> None:
    errands, first = ThreadedErrands(), threading.Event()

    def break_down() -> None:
        first.set()
        raise RuntimeError("whatever it met")

    assert errands.start("luma", break_down, places=1)
    assert first.wait(10)
    assert errands.finish(within=10)


def test_told_to_stop_it_begins_no_more_and_waits_for_what_runs(gate: threading.Event) -> None:
    errands = ThreadedErrands()
    assert _hang(errands, "luma", gate, places=1)
    errands.stop()

    assert not errands.start("atlas", lambda: None, places=1)
    threading.Timer(0.3, gate.set).start()
    assert errands.finish(within=20)


def test_what_hangs_at_the_end_is_left_behind(gate: threading.Event) -> None:
    errands = ThreadedErrands()
    assert _hang(errands, "luma", gate, places=1)

    began = time.monotonic()

    assert not errands.finish(within=0.2)
    assert time.monotonic() - began < 10


def test_an_errand_that_rests_is_woken_by_the_end() -> None:
    errands, woken = ThreadedErrands(), threading.Event()

    def rest() -> None:
        if not errands.rest(60):
            woken.set()

    assert errands.start("watch", rest, places=1)

    assert errands.finish(within=20)
    assert woken.is_set()


def test_in_a_simulation_they_are_done_at_once_and_never_rest() -> None:
    done: list[str] = []

    assert InlineErrands().start("luma", lambda: done.append("luma"), places=1)

    assert done == ["luma"]
    assert not InlineErrands().rest(1)
