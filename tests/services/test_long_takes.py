"""A take longer than its model makes at once: parts that go on from each other, paid as one or not at all."""

from datetime import timedelta
from fractions import Fraction

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Operation
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings
from plugin_backend.services.money import exposures
from tests.services.remote import RAY_32, Remote, far, settle, turn_to_next, work_off
from tests.services.studio import Studio, with_brief
from worker.providers.protocol import Broken, InDoubt, Refused, Running, Stopped

LONG = with_brief(RAY_32, duration_seconds=Fraction(15))
"""Which ray-3.2 makes as ten seconds and five more."""
FIRST, SECOND = 45, 15
PRICE = FIRST + SECOND


def _long(studio: Studio, caller: Caller) -> GenerationView:
    return studio.ask(caller, LONG)


def _attempts(studio: Studio) -> list[tuple[int, str, int, bool | None]]:
    found = studio.rows(
        "SELECT part, state, credits_at_risk, billed FROM attempts ORDER BY part, resolved_at, state"
    )
    return [(part, state, credits, billed) for part, state, credits, billed in found]


def _run(studio: Studio, luma: Remote) -> tuple[Studio, Caller, GenerationView]:
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    return studio, caller, settle(studio, _long(studio, caller))


def test_each_part_goes_on_from_the_one_before_and_all_are_one_take(studio: Studio) -> None:
    luma = Remote()
    studio, caller, view = _run(studio, luma)

    first, second = luma.posts
    assert [int(shot.request.brief.duration_seconds) for shot in luma.posts] == [10, 5]
    assert [(shot.part, shot.parts) for shot in luma.posts] == [(0, 2), (1, 2)]
    assert first.continued is None
    assert second.continued is not None
    assert (second.continued.operation, second.continued.provider_ref) == (Operation.EXTEND, "luma-1")
    (take,) = view.takes
    assert (take.state, take.parts) == (TakeState.STORED, 2)
    assert take.source is not None
    assert len(take.source["parts"]) == 2
    assert _attempts(studio) == [(0, "closed", FIRST, True), (1, "closed", SECOND, True)]
    assert studio.balance(caller) == (100 - PRICE, 0)


def test_a_later_part_is_sent_only_when_the_one_before_is_finished(studio: Studio) -> None:
    luma = Remote(fates={0: Running(0.5)})
    studio = far(studio, luma)
    view = _long(studio, studio.person(credits_granted=100))
    work_off(studio)
    for _ in range(5):
        turn_to_next(studio)
        work_off(studio)
    assert len(luma.posts) == 1
    assert studio.see(view.generation.id).takes[0].progress == 0.25

    luma.fates = {}
    assert settle(studio, view).generation.state is GenerationState.READY


def test_a_failed_later_part_fails_the_take_for_nothing_and_what_was_made_is_an_exposure(
    studio: Studio,
) -> None:
    broken = Broken("provider-failed", "The model gave up.", retryable=True, billed=False)
    studio, caller, view = _run(studio, Remote(fates={1: broken}))

    assert view.generation.state is GenerationState.FAILED
    assert studio.balance(caller) == (100, 0)
    (exposed,) = exposures.find(
        studio.house, studio.person(is_operator=True), settled=False, before=None, limit=10
    )
    assert (exposed.part, exposed.credits, exposed.provider_ref) == (0, FIRST, "luma-1")
    assert "The model gave up." in exposed.why


def test_a_later_part_that_is_refused_for_good_fails_the_take_and_goes_to_no_other_model(
    studio: Studio,
) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _long(studio, caller)
    work_off(studio)
    luma.answers = [Refused("provider-failed", "luma refused it (HTTP 402)", is_outage=True)]

    found = settle(studio, view)

    assert found.generation.state is GenerationState.FAILED
    assert len(luma.posts) == 2
    assert _attempts(studio) == [(0, "closed", FIRST, True), (1, "refused", SECOND, False)]
    assert studio.balance(caller) == (100, 0)


@pytest.mark.parametrize("hears", [True, False])
def test_a_later_part_in_doubt_is_found_again_or_sent_again_and_never_twice_at_once(
    studio: Studio,
    hears: bool,  # noqa: FBT001 - a case of the table
) -> None:
    luma = Remote(lists=True, hears=hears)
    studio = far(studio, luma)
    view = _long(studio, studio.person(credits_granted=100))
    work_off(studio)
    luma.answers = [InDoubt("reset by peer")]

    found = settle(studio, view)

    assert found.takes[0].state is TakeState.STORED
    assert len(luma.jobs) == 2
    assert len(luma.posts) == (2 if hears else 3)


def test_cancelled_between_parts_the_parts_that_were_made_are_kept_and_only_they_are_charged(
    studio: Studio,
) -> None:
    luma = Remote(fates={1: Running(0.1)}, stops=Stopped(charged=False))
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _long(studio, caller)
    work_off(studio)
    while len(luma.posts) < 2:
        turn_to_next(studio)
        work_off(studio)

    told = endings.cancel(studio.house, caller, view.generation.id).cancellation
    found = settle(studio, view)

    assert told is not None
    assert told["charged"] is True
    assert found.generation.state is GenerationState.CANCELLED
    assert (found.takes[0].state, found.takes[0].parts) == (TakeState.STORED, 1)
    assert studio.balance(caller) == (100 - FIRST, 0)
    assert _attempts(studio) == [(0, "closed", FIRST, True), (1, "closed", SECOND, False)]


def test_cancelled_in_its_first_part_only_that_part_is_charged(studio: Studio) -> None:
    luma = Remote(fates={0: Running(0.5)}, stops=Stopped(charged=True))
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _long(studio, caller)
    work_off(studio)

    told = endings.cancel(studio.house, caller, view.generation.id).cancellation
    found = settle(studio, view)

    assert told is not None
    assert told["credits_at_most"] == FIRST
    assert found.takes[0].state is TakeState.CANCELLED
    assert studio.balance(caller) == (100 - FIRST, 0)


def test_cancelled_while_a_part_goes_on_it_is_finished_and_no_other_is_sent(studio: Studio) -> None:
    luma = Remote(fates={0: Running(0.5)})
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _long(studio, caller)
    work_off(studio)
    endings.cancel(studio.house, caller, view.generation.id)
    for _ in range(3):
        turn_to_next(studio)
        work_off(studio)

    luma.fates = {}
    found = settle(studio, view)

    assert len(luma.posts) == 1
    assert (found.takes[0].state, found.takes[0].parts) == (TakeState.STORED, 1)
    assert studio.balance(caller) == (100 - FIRST, 0)


@pytest.mark.slow
def test_a_part_that_is_never_finished_is_given_up_and_its_take_costs_nothing(studio: Studio) -> None:
    luma = Remote(fates={1: Running(0.9)})
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)

    found = settle(studio, _long(studio, caller), within=timedelta(days=2))

    assert found.generation.failure is not None
    assert found.generation.failure["slug"] == "timed-out"
    assert studio.balance(caller) == (100, 0)
    operator = studio.person(is_operator=True)
    open_ones = exposures.totals(studio.house, operator)
    assert [(total.provider, total.attempts, total.credits) for total in open_ones] == [("luma", 2, PRICE)]
