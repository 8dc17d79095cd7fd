"""Whoever is forgotten: providers are asked to delete what they have, as often as is reasonable."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.keeping import Copy
from plugin_backend.services.keeping import erasing
from tests.domain.requests import asked
from tests.services.remote import RAY_32, Remote, far, settle, turn_to_next, work_off
from tests.services.studio import Studio, studio_on


@pytest.fixture
def remote() -> Remote:
    return Remote()


@pytest.fixture
def studio(database: str, tmp_path: Path, remote: Remote) -> Iterator[Studio]:
    with studio_on(database, tmp_path) as opened:
        yield far(opened, remote)


def leaver(studio: Studio, *, made: int) -> Caller:
    """Somebody for whom a provider made so many, and the built-in engine one, and who asked to leave."""
    boss = studio.person(role=Role.OWNER)
    person = studio.person(colleague_of=boss, credits_granted=1_000)
    for wanted in [RAY_32] * made + [asked()]:
        settle(studio, studio.ask(person, wanted))
    erasing.erase_user(studio.house, boss, person.user_id, reason="They asked us to.")
    return person


def forgotten(studio: Studio, *, within: timedelta = timedelta(hours=2)) -> dict[str, int]:
    """What was counted by the time that the receipt is there."""
    latest = studio.clock.moment + within
    while studio.clock.moment < latest:
        work_off(studio)
        ((step, done),) = studio.rows("SELECT step, done FROM erasures")
        if step == "done":
            return {name: done.get(name, 0) for name in ("provider_copies", "kept_by_providers")}
        turn_to_next(studio)
    raise AssertionError(f"it never ends: {studio.rows('SELECT * FROM erasures')}")


def test_who_deletes_is_asked_once_who_does_not_answer_again_and_the_receipt_counts_what_is_kept(
    studio: Studio, remote: Remote
) -> None:
    leaver(studio, made=4)
    remote.copies = {"luma-1": Copy.GONE, "luma-2": Copy.LATER, "luma-3": Copy.GONE}
    with studio.house.engine.begin() as connection:  # of a provider that is set up no more
        connection.exec_driver_sql("UPDATE attempts SET provider = 'elsewhere' WHERE provider_ref = 'luma-4'")

    assert forgotten(studio) == {"provider_copies": 2, "kept_by_providers": 2}
    asked_for = [ref for refs in remote.asked_to_forget for ref in refs]
    assert [asked_for.count(ref) for ref in sorted(remote.jobs)] == [1, 6, 7, 0]


def test_a_provider_that_is_away_for_days_holds_up_no_receipt_for_longer_than_two(
    studio: Studio, remote: Remote
) -> None:
    leaver(studio, made=1)
    remote.copies = dict.fromkeys(remote.jobs, Copy.LATER)
    with studio.house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE erasures SET created_at = created_at - interval '47 hours 50 min'")

    assert forgotten(studio) == {"provider_copies": 0, "kept_by_providers": 1}


class KilledError(BaseException):
    """The process is gone."""


def test_killed_while_it_asks_it_asks_again(studio: Studio, remote: Remote) -> None:
    leaver(studio, made=2)
    remote.copies = dict.fromkeys(remote.jobs, Copy.GONE)
    killed: set[str] = set()

    def die(point: str) -> None:
        if point.startswith("erasure:recall") and point not in killed:
            killed.add(point)
            raise KilledError(point)

    mortal = replace(studio.house, failpoint=die)
    dying = replace(studio, house=mortal, runtime=replace(studio.runtime, house=mortal))
    for _ in range(100):
        try:
            work_off(dying)
        except KilledError:
            studio.clock.turn(timedelta(seconds=31))  # its lease runs out
        if len(killed) == 2:
            break
        turn_to_next(dying)

    assert killed == {"erasure:recall", "erasure:recall:written"}
    assert forgotten(studio) == {"provider_copies": 2, "kept_by_providers": 0}
    assert remote.asked_to_forget == [["luma-1", "luma-2"]] * 2
