"""Storyboards: drafted all or none, shots that wait for the one before, takes that are picked."""

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text

from plugin_backend.domain.brief import GenerationRequest, Keyframe
from plugin_backend.domain.errors import (
    ConflictError,
    DraftQuotaExhaustedError,
    NotFoundError,
    PriceChangedError,
    UnsupportedByModelError,
    ValidationFailedError,
)
from plugin_backend.domain.looks import Look
from plugin_backend.domain.storyboard import ShotState
from plugin_backend.services import assets, stepping
from plugin_backend.services import storyboards as service
from plugin_backend.services.boards import storyboard_drafts, storyboard_waves
from plugin_backend.services.boards.storyboard_drafts import Drafting
from plugin_backend.services.storyboards import StoryboardView
from tests.services.boards import NEXT, SHOT, board, check_frame, drafted, made, problems, seen, states
from tests.services.studio import Studio, at_once, keyed


def test_every_shot_is_drafted_in_one_batch(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT, SHOT, SHOT), takes=2)

    assert states(view) == [ShotState.DRAFTING] * 3
    assert studio.count("generations") == 3
    assert studio.one("SELECT count(DISTINCT batch_id) FROM generations") == 1
    assert studio.drafts_used(caller) == 6
    found = made(studio, caller, view)
    assert states(found) == [ShotState.DRAFTED] * 3
    assert [len(shot.takes) for shot in found.shots] == [2, 2, 2]
    assert [shot.row.label for shot in found.shots] == ["SH010", "SH020", "SH030"]


def test_one_shot_that_cannot_be_made_refuses_all_and_says_which(studio: Studio) -> None:
    caller = studio.person()
    long = replace(SHOT, brief=replace(SHOT.brief, duration_seconds=Fraction(500)))
    view = board(studio, caller, SHOT, long)
    before = studio.everything()

    with pytest.raises(UnsupportedByModelError) as refusal:
        drafted(studio, caller, view)

    assert [each.pointer for each in refusal.value.problems] == ["/shots/1/brief/duration_seconds"]
    assert studio.everything() == before


def test_the_same_key_drafts_once(studio: Studio) -> None:
    caller = studio.person()
    view, wanted = board(studio, caller, SHOT), Drafting()

    for replayed in (False, True):
        key = keyed(caller)
        storyboard_drafts.generate(studio.house, caller, view.row.id, wanted, idempotency=key)
        assert key.replayed is replayed
    assert studio.count("generations") == 1


def test_asked_at_once_the_drafts_are_made_once(studio: Studio) -> None:
    caller = studio.person()
    view = board(studio, caller, SHOT, SHOT)
    results = at_once(6, lambda _: storyboard_drafts.generate(studio.house, caller, view.row.id, Drafting()))

    assert sorted(type(each).__name__ for each in results) == ["ConflictError"] * 5 + ["StoryboardView"]
    assert studio.count("generations") == 2


def test_a_shot_with_a_take_is_drafted_again_only_where_that_is_said(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT, SHOT))
    made(studio, caller, view)

    with pytest.raises(ConflictError):
        drafted(studio, caller, view)
    drafted(studio, caller, view, again=True, shots=(view.shots[1].row.id,))

    assert [len(shot.takes) for shot in made(studio, caller, view).shots] == [1, 2]


def test_what_continues_a_shot_waits_and_begins_with_its_last_frame(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT))
    assert states(view) == [ShotState.DRAFTING, ShotState.WAITING]
    assert studio.count("generations") == 1

    studio.step(view.row.id)  # too early: it looks again later
    made(studio, caller, view)
    studio.clock.turn(timedelta(seconds=3))
    check_frame(studio, view)
    assert studio.step(view.row.id)

    found = seen(studio, caller, view)
    assert states(found) == [ShotState.DRAFTED, ShotState.DRAFTING]
    asked = found.shots[1].drafts[0].generation
    (frame,) = GenerationRequest.from_json(asked.request).brief.keyframes
    assert frame == Keyframe(studio.one("SELECT id FROM assets"))
    assert asked.batch_id == found.shots[0].drafts[0].generation.batch_id
    assert asked.request["brief"]["prompt"] == "a red boat comes in"
    studio.step(view.row.id)
    assert studio.one("SELECT count(*) FROM work WHERE subject_id = :id", id=view.row.id) == 0


def test_where_the_shot_before_has_no_take_the_next_is_not_made(studio: Studio) -> None:
    caller = studio.person()
    studio.upstream.broken_seeds.add(1)
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT, NEXT))
    made(studio, caller, view)
    studio.clock.turn(timedelta(seconds=3))
    for _ in range(4):
        studio.step(view.row.id)

    found = seen(studio, caller, view)
    assert states(found) == [ShotState.FAILED, ShotState.REFUSED, ShotState.REFUSED]
    assert found.shots[2].row.problem == {"detail": "The shot before has no take to go on from."}
    assert studio.due() == []


def test_a_wave_whose_turn_comes_too_late_is_refused_with_why(studio: Studio) -> None:
    caller = studio.person(draft_limit_per_day=2)
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT))
    made(studio, caller, view)
    drafted(studio, caller, board(studio, caller, SHOT))  # the last unit of the day
    studio.clock.turn(timedelta(seconds=3))
    check_frame(studio, view)
    studio.step(view.row.id)

    shot = seen(studio, caller, view).shots[1]
    assert shot.state is ShotState.REFUSED
    assert shot.row.problem is not None
    assert "draft units" in shot.row.problem["detail"]


def test_what_waits_must_be_payable_today(studio: Studio) -> None:
    caller = studio.person(draft_limit_per_day=2)
    view = board(studio, caller, SHOT, NEXT, NEXT)

    with pytest.raises(DraftQuotaExhaustedError):
        drafted(studio, caller, view)

    assert (studio.count("generations"), studio.drafts_used(caller)) == (0, 0)


def test_a_continued_shot_needs_one_before_it(studio: Studio) -> None:
    caller = studio.person()
    view = board(studio, caller, SHOT, NEXT)

    with pytest.raises(ValidationFailedError) as refusal:
        drafted(studio, caller, view, shots=(view.shots[1].row.id,))

    assert problems(refusal) == ["/shots/1/continue"]


def test_the_limit_counts_for_all_shots_together(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    view = drafted(
        studio, caller, board(studio, caller, SHOT, NEXT), max_credits=0
    )  # animatic drafts are free

    assert states(view) == [ShotState.DRAFTING, ShotState.WAITING]
    house = replace(studio.house, configured_providers=frozenset({"luma"}))
    paid = replace(SHOT, brief=replace(SHOT.brief, model="ray-3.2", seed=None))
    other = board(studio, caller, paid, paid)
    with pytest.raises(PriceChangedError):
        storyboard_drafts.generate(house, caller, other.row.id, Drafting(max_credits=1))


def test_the_look_is_worn_by_every_shot_and_leaves_the_words_alone(studio: Studio) -> None:
    caller = studio.person()
    look = Look(palette=("#102030",), light=("moonlight",), exclusions=("no lens flare",))
    bare = replace(SHOT, brief=replace(SHOT.brief, look=False))
    view = drafted(studio, caller, board(studio, caller, SHOT, bare, look=look))

    worn, plain = (shot.drafts[0].generation.request for shot in view.shots)
    assert Look.from_json(worn["look"]) == look
    assert worn["brief"]["prompt"] == "fog over a harbour"
    assert "look" not in plain
    made(studio, caller, view)
    told = studio.rows(
        "SELECT generation_id, each->>'says' FROM directions, jsonb_array_elements(directives) AS each"
        " WHERE each->>'source' = 'look' ORDER BY 2"
    )
    mine = view.shots[0].drafts[0].generation.id
    assert told == [
        (mine, "in the colours #102030"),
        (mine, "lit by moonlight"),
        (mine, "no lens flare"),
    ]


def test_the_board_shows_how_far_shots_drift_apart_and_from_the_look(studio: Studio) -> None:
    caller = studio.person()
    view = board(studio, caller, SHOT, SHOT, SHOT, look=Look(palette=("#102040",)))
    found = made(studio, caller, drafted(studio, caller, view))
    assert [shot.distance_to_look for shot in found.drifts()] == [None] * 3  # nobody has looked yet
    _see(studio, found, ["#102040", "#102040", "#c06020"])

    first, second, third = seen(studio, caller, view).drifts()
    assert (first.distance_to_look, first.distance_to_others) == (0.0, first.distance_to_others)
    assert first == second
    assert third.distance_to_look is not None
    assert third.distance_to_look > 50
    assert third.share_in_look == 0


def _see(studio: Studio, view: StoryboardView, colours: list[str]) -> None:
    """What the director would have written of one take of each shot."""
    statement = text(
        "INSERT INTO evaluations (id, workspace_id, owner_id, take_id, generation_id, evaluation,"
        " created_at, done_at) SELECT 'evl_' || id, workspace_id, owner_id, id, generation_id,"
        " CAST(:seen AS jsonb), created_at, created_at FROM takes WHERE id = :take_id"
        " ON CONFLICT (take_id) DO UPDATE SET evaluation = excluded.evaluation, done_at = excluded.done_at"
    )
    with studio.house.engine.begin() as connection:
        for shot, colour in zip(view.shots, colours, strict=True):
            evaluation = json.dumps({"palette": [[colour, 1.0]], "figures": {}})
            connection.execute(statement, {"take_id": shot.takes[0].id, "seen": evaluation})


def test_a_deleted_storyboard_is_gone_and_what_waits_is_made_no_more(studio: Studio) -> None:
    caller = studio.person()
    view = drafted(studio, caller, board(studio, caller, SHOT, NEXT))
    service.delete(studio.house, caller, view.row.id)

    with pytest.raises(NotFoundError):
        seen(studio, caller, view)
    for _ in range(5):
        studio.work_off()
        studio.clock.turn(timedelta(seconds=3))
    assert studio.due() == []
    assert studio.count("generations") == 1


def test_a_storyboard_of_another_workspace_is_not_there(studio: Studio) -> None:
    caller, stranger = studio.person(), studio.person()
    view = board(studio, caller, SHOT)

    with pytest.raises(NotFoundError):
        seen(studio, stranger, view)
    with pytest.raises(NotFoundError):
        drafted(studio, stranger, view)
    with pytest.raises(NotFoundError):
        service.delete(studio.house, stranger, view.row.id)


def test_a_shot_is_shown_by_its_best_take_and_the_next_goes_on_from_that(studio: Studio) -> None:
    caller = studio.person()
    view = made(studio, caller, drafted(studio, caller, board(studio, caller, SHOT, NEXT), takes=3))
    with studio.house.engine.begin() as connection:
        connection.execute(text("UPDATE takes SET score = CASE number WHEN 2 THEN 0.9 ELSE 0.4 END"))

    first = seen(studio, caller, view).shots[0]
    claim = stepping.claim(studio.house, view.row.id)
    assert claim is not None
    (waiting,) = storyboard_waves.look(studio.house, claim)

    assert first.shown is not None
    assert (first.shown.number, waiting.take) == (2, first.shown)


def test_the_frame_a_waiting_shot_begins_with_cannot_be_deleted(studio: Studio) -> None:
    caller = studio.person()
    view = made(studio, caller, drafted(studio, caller, board(studio, caller, SHOT, NEXT)))
    check_frame(studio, view)
    waiting = seen(studio, caller, view).shots[1].row.waiting
    assert waiting is not None

    with pytest.raises(ConflictError, match="shot"):
        assets.delete(studio.house, caller, waiting["asset_id"])
