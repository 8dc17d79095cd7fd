"""Luma Dream Machine's listing: how far it is walked, and when it may say that an attempt is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.ids import new_token
from tests.fakes.faults import Door, Fault
from tests.fakes.faults import Kind as FaultKind
from tests.providers.contract import SUBJECTS, Rig, playing
from worker.providers.luma_dream_machine import LumaDreamMachine
from worker.providers.messages import Answer
from worker.providers.protocol import CannotList, Found, NotFound

DREAM_MACHINE = next(subject for subject in SUBJECTS if subject.name == "luma-dream-machine")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with playing(DREAM_MACHINE, tmp_path) as opened:
        yield opened


def _crowd(rig: Rig, ref: str, *, count: int) -> None:
    """So many jobs of others, newer than that one and as far as possible like it."""
    job = rig.simulator.jobs.get(ref)
    assert job is not None
    body = {**job.body, "callback_url": "http://127.0.0.1:9/another"}
    for _ in range(count):
        rig.simulator.jobs.add(replace(job, id=rig.simulator.new_id(), body=body))


def test_an_attempt_is_found_behind_hundreds_of_newer_ones(rig: Rig) -> None:
    shot = rig.shot()
    ref = rig.accepted(shot)
    _crowd(rig, ref, count=250)

    assert isinstance(rig.provider.find(shot.token), Found)
    assert rig.simulator.seen[Door.LIST] == 3


def test_a_page_that_broke_off_is_asked_for_once_more(rig: Rig) -> None:
    shot = rig.shot()
    _crowd(rig, rig.accepted(shot), count=250)
    rig.simulator.faults.add(Fault(kind=FaultKind.ERROR, status=503, on=Door.LIST, nth=(2, 4)))

    assert isinstance(rig.provider.find(shot.token), Found)
    assert rig.simulator.seen[Door.LIST] == 5


def test_a_listing_is_walked_no_further_back_than_the_attempt(rig: Rig) -> None:
    _crowd(rig, rig.accepted(), count=250)
    rig.simulator.clock.advance(7_200)
    now = datetime.fromtimestamp(rig.simulator.clock.now(), tz=UTC)

    assert rig.provider.find(new_token(), since=now) == NotFound()
    assert rig.simulator.seen[Door.LIST] == 1
    assert rig.provider.find(new_token(), since=now - timedelta(days=1)) == NotFound()
    assert rig.simulator.seen[Door.LIST] == 4


@pytest.mark.parametrize("skew", [-1_800, 1_800])
def test_a_clock_that_is_wrong_there_hides_no_attempt(rig: Rig, skew: float) -> None:
    rig.simulator.clock.skew = skew
    shot = rig.shot()
    since = datetime.fromtimestamp(rig.simulator.clock.now(), tz=UTC)
    _crowd(rig, rig.accepted(shot), count=150)

    assert isinstance(rig.provider.find(shot.token, since=since), Found)


def _line(number: int, created_at: str | None) -> dict[str, Any]:
    return {"id": f"gen-{number}", "created_at": created_at, "request": {"callback_url": "https://x/h"}}


@pytest.mark.parametrize(
    "times",
    [
        [f"2020-01-01T00:{minute:02}:00Z" for minute in range(10)],
        [None] * 10,
        ["yesterday"] * 10,
        ["2020-01-01T00:00:00"] * 10,
    ],
    ids=["oldest first", "none", "no times", "no zone"],
)
def test_a_listing_in_any_other_order_is_walked_to_its_end(times: list[str | None]) -> None:
    """Its order is documented nowhere: only one that goes back in time may be left early."""
    upstream = LumaDreamMachine()
    data = {"generations": [_line(n, at) for n, at in enumerate(times)], "has_more": True}

    found, is_more = upstream.listed(Answer(status=200, data=data))

    assert is_more
    assert len(found) == 10


def test_a_listing_that_has_no_end_says_nothing(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=FaultKind.HTML, on=Door.LIST, nth=(3,)))
    _crowd(rig, rig.accepted(), count=250)

    assert rig.provider.find(new_token()) == CannotList(passing=True)
