"""What a plan leaves out is refused at every door, with the limit and the way out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from plugin_backend.domain.brief import (
    AUTO,
    DynamicRange,
    GenerationRequest,
    Kind,
    Resolution,
)
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.errors import PlanLimitError
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.domain.storyboard import ShotState
from plugin_backend.services import deliveries, endings, generations, quoting, takes
from plugin_backend.services.delivering import assembling
from plugin_backend.services.delivering.assembling import Assembling
from plugin_backend.services.money import plans
from plugin_backend.services.running import administering
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import SEQUENCE, asked
from tests.services.admitted import let_in
from tests.services.boards import NEXT, SHOT, board, drafted, picked, states
from tests.services.remote import Remote, far
from tests.services.studio import Studio
from tests.services.turns import second_turn

MASTER = asked(kind=Kind.MASTER, resolution=Resolution.P1080)
EXR = DeliveryRequest(host=Host.DOWNLOAD, master_format=DeliveryFormat.EXR_ACES)
PRORES = replace(EXR, master_format=DeliveryFormat.PRORES_422_HQ)
IN_HDR = replace(SEQUENCE, colour_space=ColourSpace.REC2100_PQ)
LIMITS: list[tuple[str, dict[str, Any], GenerationRequest]] = [
    ("models", {"models": ["animatic"]}, asked(model="ray-3.2")),
    ("tiers", {"tiers": ["draft"]}, MASTER),
    ("max_resolution", {"max_resolution": "720p"}, MASTER),
    ("hdr", {"hdr": False}, asked(dynamic_range=DynamicRange.HDR)),
    ("exr", {"exr": False}, asked(exr=True)),
    ("exr", {"exr": False}, replace(asked(), deliver_to=EXR, sequence=SEQUENCE)),
    ("hdr", {"hdr": False}, replace(asked(), deliver_to=PRORES, sequence=IN_HDR)),
]


@pytest.mark.parametrize(("limit", "terms", "wanted"), LIMITS, ids=range(len(LIMITS)))
def test_a_request_beyond_the_plan_is_refused_and_quoted_as_impossible(
    studio: Studio, limit: str, terms: dict[str, Any], wanted: GenerationRequest
) -> None:
    caller = _on(studio, **terms)

    with pytest.raises(PlanLimitError, match=r"The plan Studio \(studio\) does not include .+, or ask") as no:
        generations.request(studio.house, caller, [asked(), wanted])

    assert (no.value.limit, no.value.plan) == (limit, "studio")
    assert studio.count("generations") == 0  # of a batch, all or none
    quotes = {each.model: each for each in quoting.quote(studio.house, caller, wanted)}
    asked_for = quotes[wanted.brief.model]
    assert not asked_for.possible
    assert no.value.detail in asked_for.reasons
    assert quoting.routing(studio.house, caller, wanted).credits_held is None


def test_what_the_plan_includes_is_asked_for_as_ever(studio: Studio) -> None:
    caller = _on(studio, tiers=["draft"], models=["animatic"], max_resolution="720p", hdr=False, exr=False)

    assert studio.ask(caller, asked(resolution=Resolution.P720)).generation.state == "queued"


def test_a_draft_is_no_way_around_to_a_master(studio: Studio) -> None:
    caller = _on(studio, tiers=["draft"])
    take = studio.finish(studio.ask(caller, asked())).takes[0]

    for ask in (takes.master, takes.quote_master):
        with pytest.raises(PlanLimitError) as refusal:
            ask(studio.house, caller, take.id, MasterRequest())
        assert refusal.value.limit == "tiers"


def test_a_master_of_no_named_picture_is_as_good_as_the_plan_goes(studio: Studio) -> None:
    caller = _on(studio, hdr=False, max_resolution="720p")
    take = studio.finish(studio.ask(caller, asked())).takes[0]

    quoted = takes.quote_master(studio.house, caller, take.id, MasterRequest())
    brief = takes.master(studio.house, caller, take.id, MasterRequest()).views[0].generation.request["brief"]

    assert (brief["resolution"], brief["dynamic_range"]) == ("720p", "sdr")
    assert quoted.way.request.brief.to_json() == brief
    for asked_for in (
        MasterRequest(resolution=Resolution.P1080),
        MasterRequest(dynamic_range=DynamicRange.HDR),
    ):
        with pytest.raises(PlanLimitError):
            takes.master(studio.house, caller, take.id, asked_for)


def test_a_failed_one_is_not_retried_beyond_the_plan_of_today(studio: Studio) -> None:
    caller = _on(studio)
    studio.upstream.broken_seeds.add(7)
    failed = studio.finish(studio.ask(caller, asked(resolution=Resolution.P720, seed=7))).generation
    caller = let_in(studio, _with(studio, caller, max_resolution="540p"))

    with pytest.raises(PlanLimitError):
        endings.retry(studio.house, caller, failed.id)
    operator, view = studio.person(is_operator=True), studio.see(failed.id)
    with pytest.raises(PlanLimitError):  # nor by an administrator, for them
        administering.retry_for(studio.house, operator, view, reason="a test", request_id="one")


def test_auto_and_fallbacks_keep_to_what_is_allowed(studio: Studio) -> None:
    studio = far(studio, Remote(name="luma-dream-machine"))
    first, allowed = "ray-2", "ray-flash-2"
    caller = _on(studio, models=["animatic", allowed])
    auto = asked(model=AUTO, resolution=Resolution.P540)

    chosen = quoting.routing(studio.house, caller, auto)
    routing = quoting.routing(
        studio.house, caller, replace(asked(model=allowed), fallback_models=(first, "animatic"))
    )

    assert {each.model.id for each in chosen.considered} == {allowed}
    assert {each.model.id for each in routing.choices if each.why_not is None} <= {allowed, "animatic"}
    (left_out,) = [each for each in routing.choices if each.model.id == first]
    assert "does not include" in str(left_out.why_not)


def test_auto_with_nothing_allowed_says_why(studio: Studio) -> None:
    caller = _on(studio, models=[])
    quotes = quoting.quote(studio.house, caller, asked(model=AUTO))

    assert not any(each.possible for each in quotes)
    with pytest.raises(PlanLimitError, match="no model is left"):
        generations.request(studio.house, caller, [asked(model=AUTO)])


def test_files_beyond_the_plan_are_not_delivered_retried_or_cut(studio: Studio) -> None:
    caller = _on(studio)
    take = studio.finish(studio.ask(caller, asked())).takes[0]
    exr = deliveries.request(studio.house, caller, take.id, EXR)[0].delivery
    deliveries.cancel(studio.house, caller, exr.id)
    view = picked(studio, caller, SHOT)
    caller = let_in(studio, _with(studio, caller, exr=False, hdr=False))

    refused: list[Callable[[], Any]] = [
        lambda: deliveries.request(studio.house, caller, take.id, EXR),
        lambda: deliveries.request(studio.house, caller, take.id, replace(PRORES, sequence=IN_HDR)),
        lambda: deliveries.retry(studio.house, caller, exr.id),
        lambda: assembling.assemble(studio.house, caller, view.row.id, Assembling(delivery=EXR)),
    ]
    for ask in refused:
        with pytest.raises(PlanLimitError):
            ask()
    assert deliveries.request(studio.house, caller, take.id, DeliveryRequest(sequence=SEQUENCE))


def test_a_storyboard_is_no_way_around(studio: Studio) -> None:
    caller = _on(studio, models=["animatic"])
    view = board(studio, caller, SHOT, replace(SHOT, brief=replace(SHOT.brief, model="ray-3.2")))

    with pytest.raises(PlanLimitError):
        drafted(studio, caller, view)

    assert studio.count("generations") == 0


def test_a_shot_whose_turn_comes_is_asked_for_by_the_plan_of_then(studio: Studio) -> None:
    caller = _on(studio)
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT))
    _with(studio, caller, models=["ray-3.2"])

    found = second_turn(studio, caller, view)

    assert states(found)[1] is ShotState.REFUSED
    assert "does not include animatic" in str(found.shots[1].row.problem)


def _on(studio: Studio, **terms: Any) -> Caller:
    """Somebody with credits whose plan is so."""
    return let_in(studio, _with(studio, studio.person(credits_granted=1_000), **terms))


def _with(studio: Studio, caller: Caller, **terms: Any) -> Caller:
    if terms:
        plans.change(studio.house, studio.person(plan="free", is_operator=True), "studio", terms)
    return caller
