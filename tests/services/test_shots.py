"""What a provider is handed: what a shot goes on from, and the draft that its master is held to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import Brief, Kind, Operation, Resolution, Source
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.making.additions import Addition
from plugin_backend.services import takes
from plugin_backend.services.money import receipts
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.services.remote import RAY_32, Remote, far, settle
from tests.services.studio import Studio, with_brief
from worker.providers.protocol import Shot
from worker.providers.wording import prompt_of

RAY_2 = asked(kind=Kind.DRAFT, model="ray-2", resolution=Resolution.P540)


def _studio(studio: Studio) -> tuple[Studio, Caller, Remote, Remote]:
    luma, dream_machine = Remote(), Remote("luma-dream-machine")
    studio = far(studio, luma, dream_machine)
    return studio, studio.person(credits_granted=10_000), luma, dream_machine


def _ready(studio: Studio, view: GenerationView) -> GenerationView:
    found = settle(studio, view)
    assert found.generation.state is GenerationState.READY, found.generation.failure
    return found


def _last(remote: Remote) -> Shot:
    return remote.posts[-1]


def test_an_extension_of_a_take_names_it_as_its_provider_knows_it_and_as_our_file(studio: Studio) -> None:
    studio, caller, luma, _ = _studio(studio)
    first = _ready(studio, studio.ask(caller, RAY_32))
    source = Source(operation=Operation.EXTEND, take_id=first.takes[0].id)

    _ready(studio, studio.ask(caller, with_brief(RAY_32, source=source)))

    continued = _last(luma).continued
    assert continued is not None
    assert (continued.operation, continued.provider_ref) == (Operation.EXTEND, "luma-1")
    assert continued.file is not None
    assert continued.file.key == f"takes/{first.takes[0].id}/0.mp4"


def test_a_take_of_another_provider_is_handed_over_as_our_file_only(studio: Studio) -> None:
    studio, caller, luma, _ = _studio(studio)
    first = _ready(studio, studio.ask(caller, RAY_2))
    source = Source(operation=Operation.EDIT, take_id=first.takes[0].id)

    _ready(studio, studio.ask(caller, with_brief(RAY_32, source=source)))

    continued = _last(luma).continued
    assert continued is not None
    assert (continued.operation, continued.provider_ref) == (Operation.EDIT, None)
    assert continued.file is not None
    assert _last(luma).request.brief.operation is Operation.EDIT


def test_a_checked_asset_is_handed_over_as_its_clean_file(studio: Studio) -> None:
    studio, caller, luma, _ = _studio(studio)
    with studio.house.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO assets (id, workspace_id, owner_id, state, media_type, kind, files, created_at,"
                " updated_at, duration_seconds) VALUES ('ast_1', :w, :o, 'ready', 'video/mp4', 'video',"
                ' \'{"clean": "assets/ast_1/clean.mp4"}\', now(), now(), 5)'
            ),
            {"w": caller.workspace_id, "o": caller.user_id},
        )
    source = Source(operation=Operation.REFRAME, asset_id="ast_1")

    _ready(studio, studio.ask(caller, with_brief(RAY_32, source=source)))

    continued = _last(luma).continued
    assert continued is not None
    assert continued.file is not None
    assert (continued.file.key, continued.file.media_type) == ("assets/ast_1/clean.mp4", "video/mp4")


def _master(studio: Studio, caller: Caller, draft: GenerationView, **wanted: Any) -> GenerationView:
    made = takes.master(studio.house, caller, draft.takes[0].id, MasterRequest(**wanted)).views[0]
    studio.clock.turn(timedelta(seconds=1))
    return _ready(studio, made)


def test_a_draft_of_the_same_model_is_made_larger_itself(studio: Studio) -> None:
    studio, caller, _, dream_machine = _studio(studio)
    draft = _ready(studio, studio.ask(caller, RAY_2))

    master = _master(studio, caller, draft)

    shot = _last(dream_machine)
    assert shot.addition is Addition.UPSCALE
    assert shot.continued is not None
    assert shot.continued.provider_ref == "luma-dream-machine-1"
    assert shot.promotion is not None
    assert (shot.promotion["method"], shot.promotion["draft_ref"]) == ("upscale", "luma-dream-machine-1")
    assert master.generation.promotion is not None
    assert master.generation.promotion["method"] == "upscale"


def test_a_draft_in_several_parts_cannot_be_made_larger_and_its_master_says_so(studio: Studio) -> None:
    studio, caller, _, dream_machine = _studio(studio)
    draft = _ready(studio, studio.ask(caller, with_brief(RAY_2, duration_seconds=14)))
    assert draft.takes[0].parts == 2

    master = _master(studio, caller, draft)

    assert {shot.addition for shot in dream_machine.posts} == {None}
    assert master.generation.promotion is not None
    assert master.generation.promotion["method"] == "resubmit"


def test_a_draft_is_the_film_its_master_is_worked_over_from(studio: Studio) -> None:
    studio, caller, luma, _ = _studio(studio)
    draft = _ready(studio, studio.ask(caller, replace(RAY_32, kind=Kind.DRAFT)))

    _master(studio, caller, draft, resolution=Resolution.P720)

    shot = _last(luma)
    assert shot.addition is None
    assert shot.continued is not None
    assert (shot.continued.operation, shot.continued.provider_ref) == (Operation.EDIT, "luma-1")
    assert shot.promotion is not None
    assert shot.promotion["method"] == "edit-source"


@pytest.mark.parametrize("number", [0, 1])
def test_every_part_says_which_it_is_and_what_it_lasts(studio: Studio, number: int) -> None:
    studio, caller, luma, _ = _studio(studio)
    brief = replace(RAY_32.brief, duration_seconds=Brief().duration_seconds * 3)

    _ready(studio, studio.ask(caller, replace(RAY_32, brief=brief)))

    shot = luma.posts[number]
    seconds = int(shot.request.brief.duration_seconds)
    assert (shot.part, shot.parts, seconds) == (number, 2, (10, 5)[number])
    assert shot.seed == luma.posts[0].seed
    assert len({each.token for each in luma.posts}) == 2


def test_what_the_model_s_limit_left_no_room_for_is_told_in_the_trace(studio: Studio) -> None:
    studio, caller, luma, _ = _studio(studio)
    words = "a harbour at dawn, fishing boats. " * 176  # 5,984 of 6,000 characters
    arrow = Annotation(tool=AnnotationTool.ARROW, points=((0.3, 0.5), (0.7, 0.5)), note="pan")

    view = _ready(studio, studio.ask(caller, with_brief(RAY_32, prompt=words, annotations=(arrow,))))

    assert prompt_of(_last(luma)) == words
    said = [line["summary"] for line in receipts.trace(studio.house, caller, view.generation.id)]
    assert [line for line in said if "left no room for: The camera turns right" in line]
