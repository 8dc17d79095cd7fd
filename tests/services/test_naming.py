"""Namings of projects in deliveries and cuts: a draft and its master alike, no two takes alike."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from plugin_backend.db.generations import GenerationView
from plugin_backend.db.tables import clip_names
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.services import deliveries, projects
from plugin_backend.services import takes as take_service
from plugin_backend.services.boards import storyboard_changes
from plugin_backend.services.boards.storyboard_changes import ShotChange, StoryboardChange
from plugin_backend.services.delivering import assembling
from plugin_backend.services.delivering.assembling import Assembling
from plugin_backend.services.delivering.delivery_plans import planned
from plugin_backend.services.delivering.naming import named
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.services.boards import SHOT, board, drafted, made
from tests.services.studio import Studio, at_once

PREMIERE = DeliveryRequest(host=Host.PREMIERE_PRO)


def project(studio: Studio, caller: Caller, naming: str | None, *, name: str = "Lost Isle") -> str:
    made = projects.create(studio.house, caller, name=name)
    return projects.change(studio.house, caller, made.id, naming=naming).id


def drafts(studio: Studio, caller: Caller, project_id: str, label: str | None, *, takes: int = 2) -> Any:
    wanted = replace(asked(), takes=takes, project_id=project_id, label=label)
    return studio.finish(studio.ask(caller, wanted))


def delivered(studio: Studio, caller: Caller, take_id: str) -> tuple[str, str | None]:
    """The stem of the files, and the bin."""
    view, _ = deliveries.request(studio.house, caller, take_id, PREMIERE)
    (plan,) = planned(view.delivery)
    assert view.delivery.plan is not None
    return plan.name_stem, view.delivery.plan.get("bin")


def test_a_delivery_is_called_as_its_project_says(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    named_so = project(studio, caller, "{project}_{shot}_{take:02}_v{version:03}")
    drafts(studio, caller, named_so, "SH010")
    again: GenerationView = drafts(studio, caller, named_so, "SH010")

    first, second = (delivered(studio, caller, take.id) for take in again.takes)

    assert first == ("Lost_Isle_SH010_01_v002", "AI takes/Lost_Isle/SH010")
    assert second == ("Lost_Isle_SH010_02_v002", "AI takes/Lost_Isle/SH010")


def test_without_a_naming_nothing_changes(studio: Studio) -> None:
    caller = studio.person()
    plain = drafts(studio, caller, project(studio, caller, None), "SH010", takes=1)

    stem, found = delivered(studio, caller, plain.takes[0].id)

    assert (stem, found) == (f"SH010_{plain.takes[0].id[-8:]}", None)


@pytest.mark.parametrize(
    ("naming", "of_draft", "of_master"),
    [("{shot}_{model}_{take}", None, None), ("{shot}_{tier}", "SH010_draft", "SH010_master")],
)
def test_a_draft_and_its_master_are_called_alike_unless_the_tier_is_asked_for(
    studio: Studio, naming: str, of_draft: str | None, of_master: str | None
) -> None:
    caller = studio.person(credits_granted=1_000)
    draft = drafts(studio, caller, project(studio, caller, naming), "SH010", takes=1)
    take_id = draft.takes[0].id
    master = studio.finish(take_service.master(studio.house, caller, take_id, MasterRequest()).views[0])

    names = [delivered(studio, caller, each)[0] for each in (take_id, master.takes[0].id)]

    if of_draft is None:
        assert names[0] == names[1]
    else:
        assert names == [of_draft, of_master]


def test_takes_that_would_be_called_the_same_are_numbered_and_stay_so(studio: Studio) -> None:
    caller = studio.person()
    named_so = project(studio, caller, "{shot}")
    labels = ("SH010", "sh010", "SH010", "SH010_2")
    views = [drafts(studio, caller, named_so, label, takes=1) for label in labels]
    takes = [view.takes[0].id for view in views]

    names = [delivered(studio, caller, take)[0] for take in takes]

    assert names == ["SH010", "sh010_2", "SH010_3", "SH010_2_2"]
    assert [delivered(studio, caller, take)[0] for take in reversed(takes)] == names[::-1]


def test_two_that_are_delivered_at_once_are_not_called_the_same(studio: Studio) -> None:
    caller = studio.person()
    view = drafts(studio, caller, project(studio, caller, "{shot}"), "SH010", takes=4)

    def name(number: int) -> str:
        with studio.house.begin() as work:
            found = named(work, view.generation, view.takes[number])
        assert found is not None
        return found.stem

    assert sorted(at_once(4, name)) == ["SH010", "SH010_2", "SH010_3", "SH010_4"]


def test_what_is_kept_of_names_holds_no_word(studio: Studio) -> None:
    caller = studio.person()
    view = drafts(studio, caller, project(studio, caller, "{shot}"), "Canary", takes=1)
    delivered(studio, caller, view.takes[0].id)

    with studio.house.engine.connect() as connection:
        kept = connection.execute(select(clip_names)).all()

    assert len(kept) == 1
    assert "canary" not in str(kept).casefold()


def test_a_bad_naming_is_refused_and_a_good_one_taken_away_again(studio: Studio) -> None:
    caller = studio.person()
    made = project(studio, caller, "{shot}")

    with pytest.raises(ValidationFailedError, match="shots"):
        projects.change(studio.house, caller, made, naming="{shots}")

    assert projects.get(studio.house, caller, made).naming == "{shot}"
    assert projects.change(studio.house, caller, made, naming=None).naming is None


def test_a_cut_and_its_shots_are_called_as_their_project_says(studio: Studio) -> None:
    caller = studio.person()
    named_so = project(studio, caller, "{project}_{shot}")
    view = drafted(studio, caller, board(studio, caller, SHOT, SHOT, project_id=named_so))
    done = made(studio, caller, view)
    picks = tuple(ShotChange(id=shot.row.id, says={"take_id": shot.takes[0].id}) for shot in done.shots)
    storyboard_changes.change(studio.house, caller, view.row.id, StoryboardChange(shots=picks))

    cut = assembling.assemble(studio.house, caller, view.row.id, Assembling(delivery=PREMIERE)).delivery

    assert cut.plan is not None
    assert cut.plan["name"] == f"Lost_Isle_Harbour_{view.row.id[-8:]}"
    assert len({plan.name_stem for plan in planned(cut)}) == 2
    assert all(plan.name_stem.startswith("Lost_Isle_") for plan in planned(cut))
