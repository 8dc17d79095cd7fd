"""A storyboard's picked takes as one delivery: which takes, at which timecodes, and what refuses it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from plugin_backend.db.deliveries import taken_for
from plugin_backend.db.generations import GenerationFilter
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.cut_plan import CUT_VERSION, part_of_chunk, parts_of
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.errors import ConflictError, GoneError, NotFoundError, ValidationFailedError
from plugin_backend.domain.lifecycle import DeliveryState
from plugin_backend.domain.sequence import Sequence
from plugin_backend.services import deliveries, endings, generations, stepping
from plugin_backend.services import takes as take_service
from plugin_backend.services.boards import storyboard_changes
from plugin_backend.services.boards.storyboard_changes import ShotChange, StoryboardChange
from plugin_backend.services.deliveries import DeliveryView
from plugin_backend.services.delivering import assembling, conforming
from plugin_backend.services.delivering.assembling import Assembling
from plugin_backend.services.delivering.delivery_plans import planned
from plugin_backend.services.keeping import removing
from plugin_backend.services.storyboards import StoryboardView
from plugin_backend.services.takes import MasterRequest
from tests.services.boards import SHOT, picked, problems, seen
from tests.services.studio import Studio, keyed

RESOLVE = Assembling(delivery=DeliveryRequest(host=Host.RESOLVE))


def cut(studio: Studio, caller: Caller, view: StoryboardView, wanted: Assembling = RESOLVE) -> DeliveryView:
    return assembling.assemble(studio.house, caller, view.row.id, wanted)


def test_a_cut_is_one_delivery_whose_record_timecode_runs_on(studio: Studio) -> None:
    caller = studio.person()
    view = picked(studio, caller, SHOT, replace(SHOT, handles_frames=0), SHOT)
    row = cut(studio, caller, view).delivery

    assert (row.take_id, row.storyboard_id, row.state) == (None, view.row.id, DeliveryState.QUEUED)
    plans = planned(row)
    # 120 frames at 24 are 5 s: 150 frames at 30000/1001, less the handles of each.
    assert [plan.frame_count for plan in plans] == [150, 150, 150]
    assert [plan.sequence.handles_frames for plan in plans] == [6, 0, 6]
    starts = [str(plan.sequence.playhead) for plan in plans]
    assert starts == ["01:00:59;20", "01:01:04;10", "01:01:09;10"]  # a minute lost two labels on the way
    assert len({plan.reel for plan in plans}) == len({plan.name_stem for plan in plans}) == 3
    assert row.plan is not None
    assert row.plan["version"] == CUT_VERSION
    assert row.plan["sequence"]["playhead_timecode"] == "01:00:59;20"
    told = studio.told(caller)[-1]
    assert (told.type, told.data) == ("delivery.queued", {"storyboard_id": view.row.id})
    assert [each.id for each in seen(studio, caller, view).cuts] == [row.id]


@pytest.mark.parametrize(
    ("sequence", "length"),
    [
        # Five seconds, less eight frames at each end.
        ({"frame_rate": "24000/1001", "playhead_timecode": "23:59:58:00"}, 120 - 16),
        ({"frame_rate": "60000/1001", "playhead_timecode": "00:59:58;30"}, 300 - 16),
        ({"frame_rate": "25"}, 125 - 16),
    ],
)
def test_the_frames_of_a_cut_add_up_exactly_at_every_rate(
    studio: Studio, sequence: dict[str, Any], length: int
) -> None:
    caller = studio.person()
    timebase = Sequence.from_json({**sequence, "handles_frames": 8})
    view = picked(studio, caller, SHOT, SHOT, SHOT, sequence=timebase)
    for host in (Host.PREMIERE_PRO, Host.PHOTOSHOP):
        plans = planned(cut(studio, caller, view, Assembling(delivery=DeliveryRequest(host=host))).delivery)
        starts = [plan.asked_sequence.playhead for plan in plans]
        assert [each.frames_since(starts[0]) for each in starts] == [0, length, 2 * length]


def test_an_applied_cut_marks_every_generation_that_is_in_it(studio: Studio) -> None:
    caller = studio.person()
    view = picked(studio, caller, SHOT, SHOT)
    row = cut(studio, caller, view).delivery
    with studio.house.engine.begin() as connection:
        ready = "UPDATE deliveries SET state = 'ready', finished_at = created_at WHERE id = :id"
        connection.execute(text(ready), {"id": row.id})
    assert generations.find(studio.house, caller, GenerationFilter(applied=True)) == ()

    deliveries.applied(studio.house, caller, row.id)

    found = generations.find(studio.house, caller, GenerationFilter(applied=True))
    assert {each.generation.id for each in found} == {s.drafts[0].generation.id for s in view.shots}


def test_its_ranges_are_counted_on_from_take_to_take(studio: Studio) -> None:
    caller = studio.person()
    view = cut(studio, caller, picked(studio, caller, SHOT, SHOT))
    studio.step(view.delivery.id)

    ranges = studio.rows(
        "SELECT number, first_frame, frame_count FROM chunks WHERE delivery_id = :id ORDER BY number",
        id=view.delivery.id,
    )
    assert [number for number, _, _ in ranges] == list(range(len(ranges)))
    plan = view.delivery.plan or {}
    for number, first, count in ranges:
        part, own = part_of_chunk(plan, number)
        chunk = ConformPlan.from_json(part["plan"]).chunks[own]
        assert (chunk.first, chunk.count) == (first, count)
    studio.clock.turn(timedelta(seconds=11))
    claim = stepping.claim(studio.house, view.delivery.id)
    assert claim is not None
    hand = conforming.look(studio.house, claim)
    assert hand is not None
    assert [[chunk.number for chunk in part.chunks] for part in hand.parts] == [
        [number for number, _, _ in ranges if part_of_chunk(plan, number)[0] == part.work]
        for part in hand.parts
    ]


def test_a_draft_that_has_a_master_is_cut_in_as_its_master_under_the_same_names(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    view = picked(studio, caller, SHOT, SHOT)
    before = planned(cut(studio, caller, view).delivery)
    draft = view.shots[1].picked
    assert draft is not None
    studio.finish(take_service.master(studio.house, caller, draft.id, MasterRequest()).views[0])

    after = cut(studio, caller, view).delivery
    with studio.house.begin() as work:
        used = taken_for(work.connection, after)
    assert [generation.kind.value for _, generation in used] == ["draft", "master"]
    assert [plan.name_stem for plan in planned(after)] == [plan.name_stem for plan in before]
    assert [plan.reel for plan in planned(after)] == [plan.reel for plan in before]


def test_a_shot_without_a_picked_take_is_named_or_left_out(studio: Studio) -> None:
    caller = studio.person()
    view = picked(studio, caller, SHOT, SHOT, SHOT)
    none = ShotChange(id=view.shots[1].row.id, says={"take_id": None})
    storyboard_changes.change(studio.house, caller, view.row.id, StoryboardChange(shots=(none,)))

    with pytest.raises(ValidationFailedError) as refusal:
        cut(studio, caller, view)
    assert problems(refusal) == ["/shots/1/take_id"]
    assert len(planned(cut(studio, caller, view, replace(RESOLVE, skip_unpicked=True)).delivery)) == 2


def test_handles_beyond_the_take_are_a_problem_of_their_shot(studio: Studio) -> None:
    caller = studio.person()
    view = picked(studio, caller, SHOT, replace(SHOT, handles_frames=0))
    before = studio.everything()

    with pytest.raises(ValidationFailedError) as refusal:
        cut(studio, caller, view, replace(RESOLVE, handles_frames=75))

    assert set(problems(refusal)) == {"/shots/0/handles_frames"}
    assert studio.everything() == before


def test_the_same_key_assembles_once(studio: Studio) -> None:
    caller = studio.person()
    view = picked(studio, caller, SHOT)
    for replayed in (False, True):
        key = keyed(caller)
        assembling.assemble(studio.house, caller, view.row.id, RESOLVE, idempotency=key)
        assert key.replayed is replayed
    assert studio.count("deliveries") == 1


def test_a_cut_is_cancelled_and_asked_for_again(studio: Studio) -> None:
    caller = studio.person()
    first = cut(studio, caller, picked(studio, caller, SHOT, SHOT)).delivery
    deliveries.cancel(studio.house, caller, first.id)

    again = deliveries.retry(studio.house, caller, first.id).delivery

    assert (again.storyboard_id, planned(again)) == (first.storyboard_id, planned(first))
    prefixes = [part["prefix"] for part in parts_of(again.plan or {})]
    assert prefixes == [f"deliveries/{again.id}/01", f"deliveries/{again.id}/02"]


def test_a_take_of_an_unfinished_cut_is_not_deleted_and_later_takes_the_cut_along(studio: Studio) -> None:
    caller = studio.person()
    view = picked(studio, caller, SHOT, SHOT)
    row = cut(studio, caller, view).delivery
    generation_id = view.shots[1].drafts[0].generation.id

    with pytest.raises(ConflictError):
        endings.delete(studio.house, caller, generation_id)
    deliveries.cancel(studio.house, caller, row.id)
    endings.delete(studio.house, caller, generation_id)

    claim = stepping.claim(studio.house, generation_id)
    assert claim is not None
    doomed = removing.deleted_media(studio.house, claim)
    assert doomed is not None
    assert f"deliveries/{row.id}" in doomed.prefixes
    with pytest.raises(GoneError):
        deliveries.retry(studio.house, caller, row.id)


def test_a_cut_of_another_workspace_is_not_there(studio: Studio) -> None:
    caller, stranger = studio.person(), studio.person()
    view = picked(studio, caller, SHOT)
    row = cut(studio, caller, view).delivery

    with pytest.raises(NotFoundError):
        cut(studio, stranger, view)
    with pytest.raises(NotFoundError):
        deliveries.get(studio.house, stranger, row.id)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8), st.data())
def test_every_range_of_a_cut_belongs_to_exactly_one_take(counts: list[int], data: st.DataObject) -> None:
    plan: dict[str, Any] = {
        "parts": [{"name": name, "plan": {"chunks": [None] * count}} for name, count in enumerate(counts)]
    }
    number = data.draw(st.integers(0, sum(counts) - 1))

    part, own = part_of_chunk(plan, number)

    assert sum(counts[: part["name"]]) + own == number
    with pytest.raises(ValueError, match="no such range"):
        part_of_chunk(plan, sum(counts))
