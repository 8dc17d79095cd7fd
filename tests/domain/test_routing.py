"""What may follow the model that was asked for, and what has to be held for it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from plugin_backend.domain.brief import GenerationRequest, Kind, Resolution
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.making.routing import Choice, choices, dearest, taken
from tests.domain.requests import asked

CATALOGUE = Catalogue.load()
EVERYONE = frozenset({"luma", "luma-dream-machine", "atlas", "comet", "adobe-firefly"})


def routed(request: GenerationRequest, configured: frozenset[str] = EVERYONE) -> tuple[Choice, ...]:
    return choices(request, CATALOGUE.model("ray-2"), CATALOGUE, configured)


def wanted(*fallbacks: str, max_credits: int | None = None, takes: int = 2) -> GenerationRequest:
    request = asked(kind=Kind.MASTER, takes=takes, resolution=Resolution.P720)
    return replace(request, fallback_models=fallbacks, max_credits=max_credits)


def test_the_model_asked_for_comes_first_and_the_fallbacks_in_their_order() -> None:
    found = routed(wanted("kling-3.0", "ray-flash-2", "ray-2"))

    assert [choice.model.id for choice in taken(found)] == ["ray-2", "kling-3.0", "ray-flash-2"]
    assert [choice.to_json()["credits_per_take"] for choice in found] == [71, 42, 24]


def test_what_is_held_covers_the_dearest() -> None:
    assert dearest(taken(routed(wanted("ray-3.2", "kling-3.0")))) == 142
    assert dearest(taken(routed(wanted("veo-3.1"), EVERYONE))) == 142


@pytest.mark.parametrize(
    ("fallback", "why"),
    [
        ("veo-3.1", "4, 6 or 8 s, not 5 s"),
        ("sora-2", "use veo-3.1"),
        ("kling-2.6", "1080p"),
        ("ray-3.2", "operator adds its provider luma"),
    ],
)
def test_a_fallback_that_cannot_is_left_out_and_says_why(fallback: str, why: str) -> None:
    found = routed(wanted(fallback), EVERYONE - {"luma"})

    assert [choice.model.id for choice in taken(found)] == ["ray-2"]
    assert why in (found[1].why_not or "")


def test_a_fallback_over_the_editors_limit_is_left_out() -> None:
    found = routed(wanted("kling-3.0", "ray-flash-2", max_credits=50))

    assert [choice.model.id for choice in taken(found[1:])] == ["ray-flash-2"]
    assert "over the 50 allowed" in (found[1].why_not or "")


def test_a_fallback_that_does_not_exist_is_the_callers_mistake() -> None:
    with pytest.raises(ValidationFailedError) as refusal:
        routed(wanted("kling-3.0", "ray-99"))

    assert [problem.pointer for problem in refusal.value.problems] == ["/fallback_models/1"]


def test_a_shot_in_parts_costs_and_takes_what_its_parts_do() -> None:
    ray = CATALOGUE.model("ray-3.2")
    request = asked(kind=Kind.MASTER, resolution=Resolution.P720, duration_seconds=Fraction(15))

    (found,) = taken(choices(request, ray, CATALOGUE, EVERYONE))

    assert found.price is not None
    assert found.price.credits_per_take == 90 + 30  # 10 s, and 5 s more
    assert found.expected_seconds == 600
