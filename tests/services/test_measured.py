"""What a model has really taken here is told once it was made often enough to mean something."""

from datetime import timedelta

from plugin_backend.domain.brief import Resolution
from plugin_backend.services.making import measured
from plugin_backend.services.making.measured import FEWEST
from tests.domain.requests import asked
from tests.services.remote import Remote, far, settle
from tests.services.studio import Studio
from worker.providers.protocol import Refused

DRAFT = asked(model="ray-3.2", resolution=Resolution.P360)


def test_a_model_that_was_used_is_measured(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=1000)
    luma.answers = [Refused("provider-failed", "Busy.", retryable=True)]
    for _ in range(FEWEST):
        settle(studio, studio.ask(caller, DRAFT))

    (found,) = measured.measure(studio.house).items()

    assert found[0] == ("ray-3.2", "draft")
    assert found[1].sample == FEWEST
    assert 0 <= found[1].p50_seconds <= found[1].p95_seconds
    assert found[1].to_json()["retries_per_take"] == 1 / FEWEST
    assert found[1].credits_per_accepted_take == 6


def test_a_model_that_was_hardly_used_is_not(studio: Studio) -> None:
    studio = far(studio, Remote())
    caller = studio.person(credits_granted=1000)
    for _ in range(FEWEST - 1):
        settle(studio, studio.ask(caller, DRAFT))

    assert measured.measure(studio.house) == {}


def test_what_is_long_past_says_nothing(studio: Studio) -> None:
    studio = far(studio, Remote())
    caller = studio.person(credits_granted=1000)
    for _ in range(FEWEST):
        settle(studio, studio.ask(caller, DRAFT))
    studio.clock.turn(timedelta(days=31))

    assert measured.measure(studio.house) == {}
