"""A provider that does not answer is left alone, found out about by one, and delays no other."""

from datetime import timedelta

import pytest

from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.domain.making.health import FAILURES_TO_OPEN
from plugin_backend.services.making import attempts
from plugin_backend.services.making.attempts import Ordered
from plugin_backend.services.making.manners import NotNowError
from tests.services.flights import RUNNING, break_circuit, hold, lane, swept, under_way
from tests.services.remote import PRICE, RAY_32, Remote, far, settle
from tests.services.studio import Studio, at_once, with_brief
from worker.providers.protocol import Accepted, InDoubt, Refused

OUTAGE = Refused("provider-failed", "luma cannot be reached.", retryable=True, is_outage=True)


def test_outages_open_the_circuit_and_then_nothing_is_sent(studio: Studio) -> None:
    luma = Remote(answers=[OUTAGE] * 100)
    studio = far(studio, luma)
    views = under_way(studio, count=10)

    for view in views:
        studio.step(view.takes[0].id)

    assert len(luma.posts) == FAILURES_TO_OPEN
    assert [lane(studio, view) for view in views[FAILURES_TO_OPEN:]] == ["waiting-master"] * 5
    assert studio.one("SELECT state FROM provider_health WHERE provider = 'luma'") == "open"


def test_answers_that_never_came_open_it_too_because_each_may_cost_us(studio: Studio) -> None:
    luma = Remote(answers=[InDoubt("luma did not say.")] * 100)
    studio = far(studio, luma)

    for view in under_way(studio, count=10):
        studio.step(view.takes[0].id)

    assert len(luma.posts) == FAILURES_TO_OPEN


def test_a_refusal_that_is_about_the_request_says_that_the_provider_is_there(studio: Studio) -> None:
    moderated = Refused("moderated", "Not this.")
    luma = Remote(answers=[OUTAGE, OUTAGE, OUTAGE, OUTAGE, moderated, OUTAGE, OUTAGE, OUTAGE, OUTAGE])
    studio = far(studio, luma)

    for view in under_way(studio, count=9):
        studio.step(view.takes[0].id)

    assert studio.one("SELECT state FROM provider_health WHERE provider = 'luma'") == "closed"


def test_when_it_has_rested_exactly_one_of_many_finds_out_how_it_is(studio: Studio) -> None:
    studio = far(studio, Remote())
    hands = [hold(studio, view) for view in under_way(studio, count=8)]
    break_circuit(studio)
    studio.clock.turn(timedelta(seconds=20))
    ordered = Ordered(provider="luma", credits_at_risk=PRICE)

    results = at_once(8, lambda n: attempts.intend(studio.house, hands[n][0], hands[n][1].take, ordered))

    assert sum(isinstance(each, NotNowError) for each in results) == 7
    assert studio.one("SELECT state FROM provider_health WHERE provider = 'luma'") == "half-open"


def test_the_one_that_found_it_well_lets_everybody_through_again(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    views = under_way(studio, count=5)
    break_circuit(studio)
    for view in views:
        studio.step(view.takes[0].id)
    assert luma.posts == []
    assert swept(studio) == []

    studio.clock.turn(timedelta(seconds=20))
    (prober,) = swept(studio)
    studio.step(prober)

    assert len(luma.posts) == 1
    assert len(swept(studio)) == 4


def test_one_provider_that_is_down_delays_no_other(studio: Studio) -> None:
    luma, atlas = Remote(answers=[OUTAGE] * 100), Remote("atlas")
    studio = far(studio, luma, atlas)
    break_circuit(studio)
    person = studio.person(credits_granted=10_000)
    under_way(studio, count=3, caller=person)
    kling = with_brief(RAY_32, model="kling-3.0", resolution=Resolution.P720)

    view = settle(studio, studio.ask(person, kling), within=timedelta(hours=1))

    assert view.generation.state is GenerationState.READY
    assert len(atlas.posts) == 1
    assert len(luma.posts) < FAILURES_TO_OPEN  # to find out how it is


@pytest.mark.parametrize("answer", [Accepted("luma-x"), Refused("moderated", "Not this.")])
def test_any_answer_closes_it(studio: Studio, answer: Accepted | Refused) -> None:
    studio = far(studio, Remote(answers=[answer], fate=RUNNING))
    (view,) = under_way(studio, count=1)
    break_circuit(studio)
    studio.clock.turn(timedelta(seconds=20))

    studio.step(view.takes[0].id)

    assert studio.one("SELECT state FROM provider_health WHERE provider = 'luma'") == "closed"
    assert studio.see(view.generation.id).takes[0].state in (TakeState.SUBMITTED, TakeState.FAILED)
