"""What a workspace forbids is refused at every door: models, words, files without a statement of rights."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from plugin_backend.db.rows import AssetRow
from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import (
    GenerationRequest,
    Keyframe,
    ReferenceRole,
)
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.errors import ForbiddenError, RightsNotAttestedError, ValidationFailedError
from plugin_backend.domain.looks import Look, LookReference
from plugin_backend.domain.storyboard import ShotState
from plugin_backend.services import assets, generations, policies, projects, quoting, stepping, storyboards
from plugin_backend.services.boards import storyboard_changes
from plugin_backend.services.boards.storyboard_changes import ShotChange, StoryboardChange
from plugin_backend.services.director import planning, steering
from plugin_backend.services.storyboards import NewStoryboard
from tests.domain.requests import asked
from tests.services.admitted import let_in
from tests.services.boards import NEXT, SHOT, board, drafted, states
from tests.services.storing import FACTS, PICTURE
from tests.services.studio import Studio
from tests.services.turns import second_turn


def test_a_workspace_forbids_models_at_the_same_doors(studio: Studio) -> None:
    caller = _within(studio, models=["ray-3.2"])

    with pytest.raises(ForbiddenError, match=r"does not allow animatic: use ray-3\.2"):
        generations.request(studio.house, caller, [asked()])
    quotes = {each.model: each for each in quoting.quote(studio.house, caller, asked())}
    assert "does not allow" in quotes["animatic"].reasons[0]


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
        with pytest.raises(RightsNotAttestedError, match=f"attested the rights to {asset.id}: POST") as no:
            ask()
        assert no.value.asset_ids == (asset.id,)

    colleague = studio.person(colleague_of=caller)
    assets.attest(house, caller, asset.id)
    kept = assets.attest(house, colleague, asset.id)

    assert (kept.attested_by, kept.attested_at) == (caller.user_id, studio.clock.moment)  # who said so first
    for ask in doors:
        assert ask()


def test_a_frame_that_is_made_here_needs_no_statement(studio: Studio) -> None:
    caller = _within(studio, attestation_required=True)
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT))

    assert ShotState.REFUSED not in states(second_turn(studio, caller, view))


def _ready(studio: Studio, caller: Caller) -> AssetRow:
    """A picture that was uploaded and checked."""
    row = assets.receive(studio.house, caller, PICTURE, b"png")
    claim = stepping.claim(studio.house, row.id)
    assert claim is not None
    key = f"assets/{row.id}/clean.png"
    studio.house.storage.put_bytes(key, b"clean")
    assets.accepted(studio.house, claim, row, facts=FACTS, files={"clean": key})
    return assets.get(studio.house, caller, row.id)


def _within(studio: Studio, **policy: Any) -> Caller:
    """Somebody with credits whose workspace's policy is so."""
    owner = studio.person(role=Role.OWNER)
    policies.change(studio.house, owner, owner.workspace_id, policy, reason="a test")
    return let_in(studio, studio.person(credits_granted=1_000, colleague_of=owner))
