"""Changing a storyboard: which takes are picked, the order, what shots are to show."""

import pytest

from plugin_backend.domain.brief import Brief
from plugin_backend.domain.errors import (
    ConflictError,
    ValidationFailedError,
)
from plugin_backend.domain.looks import Look
from plugin_backend.services.boards import storyboard_changes
from plugin_backend.services.boards.storyboard_changes import ShotChange, StoryboardChange
from tests.services.boards import NEXT, SHOT, board, drafted, made, problems
from tests.services.studio import Studio


def test_a_take_is_picked_another_takes_its_place_and_none_is_left(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT), takes=2)
    shot = made(studio, caller, view).shots[0]
    for take_id in (shot.takes[0].id, shot.takes[1].id, None):
        says = ShotChange(id=shot.row.id, says={"take_id": take_id})
        found = storyboard_changes.change(studio.house, caller, view.row.id, StoryboardChange(shots=(says,)))
        assert found.shots[0].row.take_id == take_id
        picked = studio.rows("SELECT id FROM takes WHERE picked_at IS NOT NULL")
        assert [each for (each,) in picked] == ([take_id] if take_id else [])


def test_a_shot_takes_no_take_of_another(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT, SHOT))
    first, second = made(studio, caller, view).shots
    says = ShotChange(id=first.row.id, says={"take_id": second.takes[0].id})

    with pytest.raises(ValidationFailedError) as refusal:
        storyboard_changes.change(studio.house, caller, view.row.id, StoryboardChange(shots=(says,)))

    assert problems(refusal) == ["/shots/0/take_id"]


def test_shots_are_put_in_another_order_and_their_briefs_changed(studio: Studio) -> None:
    caller = studio.person()
    view = board(studio, caller, SHOT, NEXT)
    first, second = (shot.row.id for shot in view.shots)
    brief = Brief(prompt="rain")
    says = ShotChange(id=second, says={"brief": brief, "label": "SH015", "continues": False})
    wanted = StoryboardChange(says={"title": "Rain"}, order=(second, first), shots=(says,))

    found = storyboard_changes.change(studio.house, caller, view.row.id, wanted)

    assert found.row.title == "Rain"
    assert [shot.row.id for shot in found.shots] == [second, first]
    assert (found.shots[0].row.label, found.shots[0].row.brief["prompt"]) == ("SH015", "rain")
    assert found.row.version == view.row.version + 1


def test_what_is_being_generated_keeps_its_brief(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT))
    says = ShotChange(id=view.shots[0].row.id, says={"label": "other"})

    with pytest.raises(ConflictError):
        storyboard_changes.change(studio.house, caller, view.row.id, StoryboardChange(shots=(says,)))


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (StoryboardChange(order=("sht_1",)), "/order"),
        (StoryboardChange(shots=(ShotChange(id="sht_1", says={}),)), "/shots/0/id"),
        (StoryboardChange(says={"look": Look(palette=("red",))}), "/look/palette/0"),
    ],
)
def test_a_change_that_makes_no_sense_says_where(
    studio: Studio, wanted: StoryboardChange, pointer: str
) -> None:
    caller = studio.person()
    view = board(studio, caller, SHOT)

    with pytest.raises(ValidationFailedError) as refusal:
        storyboard_changes.change(studio.house, caller, view.row.id, wanted)

    assert problems(refusal) == [pointer]
