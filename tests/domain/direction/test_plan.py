import json
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.plan import ShotPlan, plan_shot
from plugin_backend.domain.direction.terms import (
    Action,
    Ease,
    Environment,
    Heading,
    LightSource,
    Move,
    SubjectKind,
    TimeOfDay,
    Weather,
)
from tests.animatic.briefs import BRIEFS

FIVE = Fraction(5)

SAID = {
    Move.DOLLY_IN: (
        "dolly in",
        "dollies in",
        "the camera dollies slowly in",
        "push gently in",
        "dolly forward",
    ),
    Move.DOLLY_OUT: ("dolly out", "dolly slowly out", "the camera pulls back", "dolly backward in the fog"),
    Move.TRUCK_LEFT: (
        "truck left",
        "the camera trucks left",
        "a tracking shot to the left",
        "slides slowly left",
    ),
    Move.TRUCK_RIGHT: ("truck right", "tracks right", "a tracking shot", "a tracking shot to the right"),
    Move.PAN_LEFT: (
        "pan left",
        "the camera pans left",
        "pans slowly left",
        "pans across the bay to the left",
    ),
    Move.PAN_RIGHT: ("pan right", "pans right", "the camera pans", "pans very slowly to the right"),
    Move.TILT_UP: ("tilt up", "tilts up", "the camera tilts slowly up"),
    Move.TILT_DOWN: ("tilt down", "tilts down", "the camera tilts slowly down"),
    Move.CRANE_UP: ("crane up", "cranes up", "crane slowly up", "a crane shot"),
    Move.CRANE_DOWN: ("crane down", "cranes down", "crane slowly down", "the camera lowers"),
    Move.ORBIT_LEFT: (
        "orbit left",
        "the camera orbits left",
        "camera orbits slowly left",
        "the camera orbits around the bottle to the left",
        "the camera circles to the left",
        "camera orbits left as the train goes to the right",
    ),
    Move.ORBIT_RIGHT: (
        "orbit right",
        "camera orbits right",
        "the camera orbits",
        "the camera orbits a bottle while a boat drifts to the left",
        "camera orbits, light from the left",
    ),
    Move.ZOOM_IN: ("zoom in", "zooms in", "zoom slowly in", "crash zoom"),
    Move.ZOOM_OUT: ("zoom out", "zooms out", "zoom slowly out"),
    Move.ROLL_LEFT: ("the camera rolls left", "roll the camera to the left", "camera roll left"),
    Move.ROLL_RIGHT: ("the camera rolls right", "the camera rolls slowly to the right"),
}

GOLDEN = {
    "forest": (Environment.FOREST, TimeOfDay.GOLDEN, Weather.FOG, Move.DOLLY_IN),
    "street": (Environment.STREET, TimeOfDay.NIGHT, Weather.WET, Move.TRUCK_LEFT),
    "harbour": (Environment.HARBOUR, TimeOfDay.DAWN, Weather.CLEAR, Move.STATIC),
    "fireworks": (Environment.LAKE, TimeOfDay.NIGHT, Weather.CLEAR, Move.TILT_UP),
    "pendulum": (Environment.WALL, TimeOfDay.INDOORS, Weather.CLEAR, Move.STATIC),
    "ball": (Environment.GALLERY, TimeOfDay.INDOORS, Weather.CLEAR, Move.STATIC),
    "pour": (Environment.COUNTER, TimeOfDay.INDOORS, Weather.CLEAR, Move.DOLLY_IN),
    "desert": (Environment.DESERT, TimeOfDay.NOON, Weather.HAZE, Move.CRANE_UP),
    "workshop": (Environment.WORKSHOP, TimeOfDay.INDOORS, Weather.CLEAR, Move.HANDHELD),
    "bottle": (Environment.TABLETOP, TimeOfDay.INDOORS, Weather.CLEAR, Move.ORBIT_RIGHT),
    "train": (Environment.PLATFORM, TimeOfDay.AFTERNOON, Weather.CLEAR, Move.STATIC),
    "snow-loop": (Environment.CABIN, TimeOfDay.NIGHT, Weather.SNOW, Move.STATIC),
}


@pytest.mark.parametrize("name", BRIEFS)
def test_a_reference_brief_is_understood(name: str) -> None:
    plan = plan_shot(BRIEFS[name], duration_seconds=FIVE)
    concept = plan.concept
    (move,) = plan.motion.camera
    assert (concept.environment, concept.time_of_day, concept.weather, move.move) == GOLDEN[name]


def test_each_subject_moves_its_own_way() -> None:
    motions = plan_shot(BRIEFS["train"], duration_seconds=FIVE).motion.subjects
    assert {(m.kind, m.action, m.heading) for m in motions} == {
        (SubjectKind.PERSON, Action.WALK, Heading.LEFT),
        (SubjectKind.TRAIN, Action.CROSS, Heading.LEFT),
    }
    ball = plan_shot(BRIEFS["ball"], duration_seconds=FIVE).motion.subjects[0]
    assert (ball.action, ball.heading) == (Action.ROLL, Heading.RIGHT)


def test_a_subject_keeps_the_colour_the_brief_gave_it() -> None:
    subjects = {s.kind: s for s in plan_shot(BRIEFS["ball"], duration_seconds=FIVE).concept.subjects}
    assert subjects[SubjectKind.BALL].colour == "#e0261c"
    assert subjects[SubjectKind.COLUMN].colour == "#f4f1ea"


def test_a_tracking_camera_keeps_a_constant_pace() -> None:
    (move,) = plan_shot(BRIEFS["street"], duration_seconds=FIVE).motion.camera
    assert move.tracking
    assert move.ease is Ease.LINEAR


def test_slow_is_weaker_than_fast() -> None:
    strengths = [
        plan_shot(f"{pace} dolly in", duration_seconds=FIVE).motion.camera[0].strength
        for pace in ("very slow", "slow", "", "fast")
    ]
    assert strengths == sorted(strengths)
    assert len(set(strengths)) == 4


def test_several_moves_are_all_planned() -> None:
    plan = plan_shot("crane up and pan left, handheld", duration_seconds=FIVE)
    moves = [m.move for m in plan.motion.camera]
    assert moves == [Move.CRANE_UP, Move.PAN_LEFT, Move.HANDHELD]


@pytest.mark.parametrize(("move", "prompt"), [(move, said) for move, all_ in SAID.items() for said in all_])
def test_a_move_goes_the_way_the_brief_says(move: Move, prompt: str) -> None:
    assert [m.move for m in plan_shot(prompt, duration_seconds=FIVE).motion.camera] == [move]


def test_every_move_with_a_direction_is_read_both_ways() -> None:
    assert {move for move in Move if move.other_way is not None} == set(SAID)
    assert all(move.other_way in SAID and SAID[move.other_way] != SAID[move] for move in SAID)
    assert {move for move in Move if move.other_way is None} == {Move.STATIC, Move.HANDHELD}


def test_the_light_and_the_accents_come_from_the_words() -> None:
    lighting = plan_shot(BRIEFS["street"], duration_seconds=FIVE).lighting
    assert LightSource.NEON in lighting.sources
    assert lighting.accents[:2] == ("#ff3fa0", "#2f6bff")


def test_a_loop_is_asked_for_by_word_or_by_flag() -> None:
    assert plan_shot(BRIEFS["snow-loop"], duration_seconds=FIVE).loop
    assert plan_shot("a calm sea", duration_seconds=FIVE, loop=True).loop
    assert not plan_shot("a calm sea", duration_seconds=FIVE).loop


@given(text=st.text(max_size=400), seconds=st.fractions(min_value=1, max_value=20), loop=st.booleans())
def test_any_text_gives_one_plan_that_survives_json(text: str, *, seconds: Fraction, loop: bool) -> None:
    plan = plan_shot(text, duration_seconds=seconds, loop=loop)
    assert plan == plan_shot(text, duration_seconds=seconds, loop=loop)
    assert ShotPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert plan.motion.camera


@pytest.mark.parametrize(
    "text", ["boat " * 20_000, "\U0001f30a" * 10_000, "a" * 100_000, "\x00\ud7ff" * 5_000, ""]
)
def test_a_huge_or_strange_prompt_is_planned_in_milliseconds(text: str) -> None:
    best = min(_seconds_to_plan(text) for _ in range(5))
    assert best < 0.02  # 5 ms on an idle core; room for a busy one


def _seconds_to_plan(text: str) -> float:
    started = time.process_time()
    plan_shot(text, duration_seconds=FIVE)
    return time.process_time() - started
