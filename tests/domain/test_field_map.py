"""Every shot that a resold model can make has one way of being asked for."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.brief import GenerationRequest, Kind, Resolution
from plugin_backend.domain.capabilities import capability_problems, facts
from plugin_backend.domain.catalogue import Catalogue, Model
from plugin_backend.domain.making.field_map import field_map_for
from tests.domain.requests import asked, requests

CATALOGUE = Catalogue.load()
RESOLD = [model for model in CATALOGUE.models if model.provider == "atlas" and model.retired is None]


@given(requests, st.sampled_from(RESOLD))
def test_whatever_a_resold_model_can_do_it_can_be_asked_for(request: GenerationRequest, model: Model) -> None:
    if capability_problems(request, model):
        return
    found = field_map_for(model.upstream, facts(request))
    assert found is not None
    assert "prompt" in found.send
    brief = request.brief
    assert brief.first_frame is None or "first_frame" in found.send
    assert brief.last_frame is None or "last_frame" in found.send
    assert not brief.references or "references" in found.send
    assert not brief.audio or "audio" in found.send


def test_a_tier_that_is_sold_as_a_model_is_chosen_by_its_size() -> None:
    model = CATALOGUE.model("kling-3.0")
    small = asked(resolution=Resolution.P720, duration_seconds=Fraction(5))
    large = asked(kind=Kind.MASTER, resolution=Resolution.P1080, duration_seconds=Fraction(5))
    found = [field_map_for(model.upstream, facts(each)) for each in (small, large)]
    assert [each.id for each in found if each is not None] == [
        "kwaivgi/kling-v3.0-std/text-to-video",
        "kwaivgi/kling-v3.0-pro/text-to-video",
    ]


def test_no_way_of_asking_that_fits_is_said_so() -> None:
    assert field_map_for((), facts(asked())) is None
