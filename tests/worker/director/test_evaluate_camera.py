from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.direction.directives import DirectiveKind
from plugin_backend.domain.direction.evaluation import Evaluation, Standing
from plugin_backend.domain.direction.terms import Move
from tests.worker.director.clips import FRAMES, directive, panned, seen, with_disc


def figure(evaluation: Evaluation, name: str) -> float:
    value = evaluation.figures[name]
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("camera", "move"),
    [
        ({"x": 0.1}, Move.PAN_RIGHT),
        ({"x": -0.1}, Move.PAN_LEFT),
        ({"y": -0.15}, Move.TILT_UP),
        ({"y": 0.15}, Move.TILT_DOWN),
        ({"zoom": 0.2}, Move.ZOOM_IN),
        ({"zoom": -0.2}, Move.ZOOM_OUT),
        ({}, Move.STATIC),
    ],
)
def test_a_move_is_called_by_its_name(camera: dict[str, Any], move: Move) -> None:
    assert seen(panned(**camera)).move == move.value


@settings(max_examples=6, deadline=None)
@given(
    x=st.floats(-0.3, 0.3),
    y=st.floats(-0.3, 0.3),
    zoom=st.floats(-0.3, 0.3),
    roll=st.floats(-8, 8),
)
def test_any_motion_is_measured_to_a_hundredth_of_the_frame(
    x: float, y: float, zoom: float, roll: float
) -> None:
    evaluation = seen(panned(x=x, y=y, zoom=zoom, roll=roll, frames=6))
    assert figure(evaluation, "camera_zoom_ln_per_second") == pytest.approx(zoom, abs=0.015)
    assert figure(evaluation, "camera_roll_degrees_per_second") == pytest.approx(roll, abs=0.6)
    # The path bends where the camera rolls and zooms; in its middle the speeds are these.
    assert figure(evaluation, "camera_x_widths_per_second") == pytest.approx(x, abs=0.03)
    assert figure(evaluation, "camera_y_heights_per_second") == pytest.approx(y, abs=0.03)


def test_a_whip_pan_is_followed_though_a_third_of_the_frame_goes_by_between_two_looks() -> None:
    evaluation = seen(panned(x=3.0, frames=6))
    assert figure(evaluation, "camera_x_widths_per_second") == pytest.approx(3.0, rel=0.1)


def test_the_asked_pan_is_followed_and_the_contrary_one_missed() -> None:
    clip = panned(x=0.1)
    right = directive(DirectiveKind.CAMERA, id="right", move=Move.PAN_RIGHT)
    left = directive(DirectiveKind.CAMERA, id="left", move=Move.PAN_LEFT)
    static = directive(DirectiveKind.CAMERA, id="static", move=Move.STATIC)
    standings = {each.directive_id: each.standing for each in seen(clip, right).adherence}
    standings |= {each.directive_id: each.standing for each in seen(clip, left).adherence}
    standings |= {each.directive_id: each.standing for each in seen(clip, static).adherence}
    assert standings == {"right": Standing.FOLLOWED, "left": Standing.MISSED, "static": Standing.MISSED}


@pytest.mark.parametrize("x", [0.1, -0.1])
def test_a_pan_that_was_asked_without_a_side_is_followed_either_way(x: float) -> None:
    asked = directive(DirectiveKind.CAMERA, move=Move.PAN_RIGHT, either_way=True)
    assert [each.standing for each in seen(panned(x=x), asked).adherence] == [Standing.FOLLOWED]
    assert [each.standing for each in seen(panned(), asked).adherence] == [Standing.MISSED]


def test_no_motion_follows_no_move() -> None:
    asked = directive(DirectiveKind.CAMERA, move=Move.DOLLY_IN)
    (judged,) = seen(panned(), asked).adherence
    assert judged.standing is Standing.MISSED
    assert judged.says == "The camera does not move."


def test_a_drawn_speed_is_compared_with_the_measured_one() -> None:
    clip = panned(x=0.1)
    close = directive(DirectiveKind.CAMERA, id="close", vector=(0.11, 0.0))
    far = directive(DirectiveKind.CAMERA, id="far", vector=(0.5, 0.0))
    (near,), (off,) = seen(clip, close).adherence, seen(clip, far).adherence
    assert near.standing is Standing.FOLLOWED
    assert off.standing is Standing.MISSED


def test_a_move_at_another_time_than_asked_is_missed() -> None:
    still, moving = panned(frames=13)[:1] * 12, panned(x=0.15, frames=12)
    asked = directive(
        DirectiveKind.CAMERA, move=Move.PAN_RIGHT, from_seconds=Fraction(0), to_seconds=Fraction(1)
    )
    late = seen([*still, *moving], asked).adherence[0]
    timely = seen([*moving, *[moving[-1]] * 12], asked).adherence[0]
    assert late.standing is Standing.MISSED
    assert timely.standing is Standing.FOLLOWED


def test_a_ball_in_a_room_with_hardly_a_corner_is_not_taken_for_the_camera() -> None:
    room = np.full((180, 320, 3), 205, np.uint8)
    cv2.rectangle(room, (-5, 130), (330, 200), (165, 160, 150), -1)
    cv2.rectangle(room, (200, -5), (235, 140), (235, 233, 228), -1)
    ball = with_disc([room] * FRAMES, lambda share: (0.1 + 0.5 * share, 0.62), radius=0.1)
    evaluation = seen(ball, directive(DirectiveKind.CAMERA, move=Move.STATIC))
    assert evaluation.move in {"static", "unknown"}
    assert evaluation.adherence[0].standing is not Standing.MISSED


def test_without_anything_to_follow_the_camera_is_not_measured() -> None:
    flat = [frame * 0 + 120 for frame in panned(frames=12)]
    evaluation = seen(flat, directive(DirectiveKind.CAMERA, move=Move.PAN_RIGHT))
    assert evaluation.adherence[0].standing is Standing.NOT_MEASURED
    assert evaluation.adherence[0].score is None
    assert evaluation.move == "unknown"
    assert evaluation.figures["camera_x_widths_per_second"] is None
    assert all("too little structure" in each for each in evaluation.not_measured)
    assert evaluation.not_measured


def test_an_evaluation_survives_its_trip_through_json() -> None:
    evaluation = seen(panned(x=0.1, frames=8), directive(DirectiveKind.CAMERA, move=Move.PAN_RIGHT))
    assert Evaluation.from_json(evaluation.to_json()) == evaluation
