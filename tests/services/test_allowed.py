"""What a plan leaves out or a workspace forbids is refused at every door, with the limit and the way out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugin_backend.db.rows import AssetRow
from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import (
    AUTO,
    DynamicRange,
    GenerationRequest,
    Keyframe,
    Kind,
    ReferenceRole,
    Resolution,
)
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.delivery import DeliveryRequest, Host
from plugin_backend.domain.delivery_formats import DeliveryFormat
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.errors import ForbiddenError, PlanLimitError, ValidationFailedError
from plugin_backend.domain.looks import Look, LookReference
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.domain.storyboard import ShotState
from plugin_backend.services import (
    assembling,
    assets,
    deliveries,
    endings,
    generations,
    planning,
    plans,
    policies,
    projects,
    quoting,
    steering,
    stepping,
    storyboard_changes,
    storyboards,
    takes,
)
from plugin_backend.services.assembling import Assembling
from plugin_backend.services.storyboard_changes import ShotChange, StoryboardChange
from plugin_backend.services.storyboards import NewStoryboard, StoryboardView
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import SEQUENCE, asked
from tests.services.admitted import let_in
from tests.services.boards import NEXT, SHOT, board, drafted, made, seen, states
from tests.services.remote import Remote, far
from tests.services.studio import Studio
from tests.services.test_assembling import picked
from tests.services.test_assets import FACTS, PICTURE
from tests.services.test_storyboards import check_frame

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


def test_a_failed_one_is_not_retried_beyond_the_plan_of_today(studio: Studio) -> None:
    caller = _on(studio)
    studio.upstream.broken_seeds.add(7)
    failed = studio.finish(studio.ask(caller, asked(resolution=Resolution.P720, seed=7))).generation
    caller = let_in(studio, _with(studio, caller, max_resolution="540p"))

    with pytest.raises(PlanLimitError):
        endings.retry(studio.house, caller, failed.id)


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

    found = _turns(studio, caller, view)

    assert states(found)[1] is ShotState.REFUSED
    assert "does not include animatic" in str(found.shots[1].row.problem)


def test_a_workspace_forbids_models_at_the_same_doors(studio: Studio) -> None:
    caller = _within(studio, models=["ray-3.2"])

    with pytest.raises(ForbiddenError, match=r"does not allow animatic: use ray-3\.2"):
        generations.request(studio.house, caller, [asked()])
    quotes = {each.model: each for each in quoting.quote(studio.house, caller, asked())}
    assert "does not allow" in quotes["animatic"].reasons[0]
    assert caller.allowance.models_of(studio.house.catalogue).models[0].id == "ray-3.2"


def _noted(text: str) -> Annotation:
    return Annotation(tool=AnnotationTool.TEXT, points=((0.5, 0.5),), note=text)


SAID: list[tuple[str, GenerationRequest]] = [
    ("/brief/prompt", asked(prompt="a GUN\u200b on the table")),
    ("/brief/annotations/0/note", asked(annotations=(_noted("aim the g-u-n"),))),
    ("/label", replace(asked(), label="SH010 gun")),
    ("/look/exclusions/0", replace(asked(), look=Look(exclusions=("no gun",)).to_json())),
]


@pytest.mark.parametrize(("pointer", "wanted"), SAID, ids=[pointer for pointer, _ in SAID])
def test_blocked_terms_are_refused_in_whatever_a_request_says(
    studio: Studio, pointer: str, wanted: GenerationRequest
) -> None:
    caller = _within(studio, blocked_terms=["gun"])

    for ask in (
        lambda: generations.request(studio.house, caller, [wanted]),
        lambda: quoting.quote(studio.house, caller, wanted),
        lambda: planning.plan(studio.house, caller, wanted),
    ):
        with pytest.raises(ValidationFailedError) as refusal:
            ask()
        assert [problem.pointer for problem in refusal.value.problems] == [pointer]


def test_blocked_terms_are_refused_wherever_else_words_enter(studio: Studio) -> None:
    caller = _within(studio, blocked_terms=["gun"])
    house = studio.house
    shot = replace(SHOT, brief=replace(SHOT.brief, prompt="a gun"))
    look = Look(style=("gun metal",))
    project = projects.create(house, caller, name="Harbour")
    view = board(studio, caller, SHOT)
    going = studio.ask(caller, asked())
    doors: dict[str, Callable[[], Any]] = {
        "/shots/0/brief/prompt": lambda: board(studio, caller, shot),
        "/title": lambda: storyboards.create(house, caller, NewStoryboard(title="Gun", shots=(SHOT,))),
        "/script": lambda: storyboards.create(
            house, caller, NewStoryboard(title="A", script="EXT. PIER. A man with a gun.")
        ),
        "/look/style/0": lambda: projects.change(house, caller, project.id, look=look),
        "/note": lambda: steering.tell(
            house, caller, going.generation.id, Order(verb=Verb.STEER, note="more gun")
        ),
        "/shots/0/label": lambda: storyboard_changes.change(
            house,
            caller,
            view.row.id,
            StoryboardChange(shots=(ShotChange(id=view.shots[0].row.id, says={"label": "gun"}),)),
        ),
    }
    for pointer, ask in doors.items():
        with pytest.raises(ValidationFailedError) as refusal:
            ask()
        assert [problem.pointer for problem in refusal.value.problems] == [pointer]


def test_an_asset_is_used_only_once_somebody_attested_the_rights(studio: Studio) -> None:
    caller = _within(studio, attestation_required=True)
    house, asset = studio.house, _ready(studio, caller)
    look = Look(references=(LookReference(asset.id, ReferenceRole.STYLE),))
    project = projects.create(house, caller, name="Harbour")
    wanted = asked(keyframes=(Keyframe(asset.id),))
    doors: list[Callable[[], Any]] = [
        lambda: generations.request(house, caller, [wanted]),
        lambda: projects.change(house, caller, project.id, look=look),
        lambda: board(studio, caller, SHOT, look=look),
    ]
    for ask in doors:
        with pytest.raises(ValidationFailedError, match=f"attested the rights to {asset.id}: PATCH"):
            ask()

    colleague = studio.person(colleague_of=caller)
    assets.attest(house, caller, asset.id)
    kept = assets.attest(house, colleague, asset.id)

    assert (kept.attested_by, kept.attested_at) == (caller.user_id, studio.clock.moment)  # who said so first
    for ask in doors:
        assert ask()


def test_a_frame_that_is_made_here_needs_no_statement(studio: Studio) -> None:
    caller = _within(studio, attestation_required=True)
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT))

    assert ShotState.REFUSED not in states(_turns(studio, caller, view))


def _turns(studio: Studio, caller: Caller, view: StoryboardView) -> StoryboardView:
    """The board once the second shot's turn has come."""
    made(studio, caller, view)
    studio.clock.turn(timedelta(seconds=3))
    check_frame(studio, view)
    studio.step(view.row.id)
    return seen(studio, caller, view)


def _ready(studio: Studio, caller: Caller) -> AssetRow:
    """A picture that was uploaded and checked."""
    row = assets.receive(studio.house, caller, PICTURE, b"png")
    claim = stepping.claim(studio.house, row.id)
    assert claim is not None
    key = f"assets/{row.id}/clean.png"
    studio.house.storage.put_bytes(key, b"clean")
    assets.accepted(studio.house, claim, row, facts=FACTS, files={"clean": key})
    return assets.get(studio.house, caller, row.id)


def _on(studio: Studio, **terms: Any) -> Caller:
    """Somebody with credits whose plan is so."""
    return let_in(studio, _with(studio, studio.person(credits_granted=1_000), **terms))


def _with(studio: Studio, caller: Caller, **terms: Any) -> Caller:
    if terms:
        plans.change(studio.house, studio.person(plan="free", is_operator=True), "studio", terms)
    return caller


def _within(studio: Studio, **policy: Any) -> Caller:
    """Somebody with credits whose workspace's policy is so."""
    owner = studio.person(role=Role.OWNER)
    policies.change(studio.house, owner, owner.workspace_id, policy, reason="a test")
    return let_in(studio, studio.person(credits_granted=1_000, colleague_of=owner))
