import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.direction.terms import Ease, Move, SubjectKind
from tests.animatic.briefs import spec_of
from worker.animatic.camera import eased, rig_of
from worker.animatic.render import bake
from worker.animatic.scenes.gallery import ball_x
from worker.animatic.scenes.glass import level
from worker.animatic.scenes.pendulum import angle
from worker.animatic.scenes.street import walking_x
from worker.animatic.scenes.train import train_x
from worker.animatic.spec import Annotation, ShotSpec
from worker.animatic.stage import Stage


def flow(spec: ShotSpec, first: int, second: int) -> NDArray[np.float32]:
    """Dense optical flow in pixels between two frames, as an independent eye sees it."""
    shot = bake(spec)
    grey = []
    for index in (first, second):
        picture = np.sqrt(np.clip(next(iter(shot.frames(index, 1))).mean(axis=2), 0.0, 1.0))
        grey.append(cv2.GaussianBlur((picture * 255).astype(np.uint8), (0, 0), 1.2))
    return np.asarray(
        cv2.calcOpticalFlowFarneback(
            grey[0], grey[1], np.zeros((*grey[0].shape, 2), np.float32), 0.5, 4, 25, 4, 7, 1.5, 0
        ),
        np.float32,
    )


def push(spec: ShotSpec, first: int = 58, second: int = 61) -> tuple[float, float]:
    """Where the picture as a whole goes."""
    field = flow(spec, first, second)
    strong = np.abs(field).sum(axis=2) > 0.15
    assert strong.mean() > 0.05
    return float(np.median(field[strong][:, 0])), float(np.median(field[strong][:, 1]))


PLACE = "pine forest in the morning"


@pytest.mark.parametrize(
    ("move", "axis", "sign"),
    [
        ("truck left", 0, 1),
        ("truck right", 0, -1),
        ("pan left", 0, 1),
        ("pan right", 0, -1),
        ("tilt up", 1, 1),
        ("tilt down", 1, -1),
        ("crane up", 1, 1),
        ("crane down", 1, -1),
    ],
)
def test_the_picture_moves_against_the_camera(move: str, axis: int, sign: int) -> None:
    place = "desert dunes" if axis else PLACE
    seen = push(spec_of(f"{move}, {place}", width=320, height=180))
    assert seen[axis] * sign > 0.1
    assert abs(seen[axis]) > abs(seen[1 - axis])


@pytest.mark.parametrize(
    ("move", "sign"), [("dolly in", 1), ("dolly out", -1), ("zoom in", 1), ("zoom out", -1)]
)
def test_moving_in_makes_the_picture_grow(move: str, sign: int) -> None:
    field = flow(spec_of(f"{move}, {PLACE}", width=320, height=180), 58, 62)
    left, right = field[60:150, 10:90, 0], field[60:150, 230:310, 0]
    assert sign * (np.median(right) - np.median(left)) > 0.15


@pytest.mark.parametrize(("move", "sign"), [("rolls left", 1), ("rolls right", -1)])
def test_a_roll_turns_the_picture_against_the_camera(move: str, sign: int) -> None:
    field = flow(spec_of(f"the camera {move}, {PLACE}", width=320, height=180), 56, 62)
    left, right = field[60:120, 10:90, 1], field[60:120, 230:310, 1]
    assert sign * (np.median(right) - np.median(left)) > 0.3


def test_an_orbit_turns_near_and_far_against_each_other() -> None:
    stage = Stage.of(spec_of("orbit right, a bottle"), {})
    early, late = stage.view(1.5), stage.view(3.5)
    depths = (1.2, stage.rig.pivot, 6.0)
    moved = [late.place(0, 0, d)[0] - early.place(0, 0, d)[0] for d in depths]
    assert moved[0] < -0.02
    assert abs(moved[1]) < 1e-9
    assert moved[2] > 0.02


@pytest.mark.parametrize("move", [move for move in Move if move.other_way is not None])
def test_a_move_and_its_opposite_are_mirrored(move: Move) -> None:
    assert move.other_way is not None
    there, back = (_travel(each) for each in (move, move.other_way))
    assert np.abs(there).max() > 0.05
    assert there == pytest.approx([-each for each in back], abs=1e-6)


def _travel(move: Move) -> list[float]:
    """How far the camera comes from start to end; a zoom on a scale where twice is as far as half."""
    rig = rig_of(spec_of(f"{move.replace('-', ' ')}, a quiet wall"))
    states = (rig.state(0.0), rig.state(5.0))
    early, late = ((s.x, s.y, s.z, s.pan, s.tilt, s.orbit, s.roll, float(np.log(s.zoom))) for s in states)
    return [after - before for before, after in zip(early, late, strict=True)]


def test_near_things_move_faster_than_far_things() -> None:
    stage = Stage.of(spec_of("truck left, forest"), {})
    early, late = stage.view(1.0), stage.view(4.0)
    travel = [abs(late.place(0, 0, d)[0] - early.place(0, 0, d)[0]) for d in (1.0, 2.0, 4.0, 8.0, 1e6)]
    assert travel == sorted(travel, reverse=True)
    assert travel[0] == pytest.approx(2 * travel[1])
    assert travel[-1] < 1e-5


def test_the_rendered_ground_slides_faster_at_the_lens_than_at_the_horizon() -> None:
    field = flow(spec_of("truck left, pine forest in the morning", width=320, height=180), 59, 61)
    far, near = np.median(field[112:122, :, 0]), np.median(field[150:170, :, 0])
    assert near > far > 0


def test_handheld_never_stands_still_and_never_strays() -> None:
    rig = rig_of(spec_of("workshop"))
    places = np.array([(s.pan, s.tilt) for s in (rig.state(t / 24) for t in range(120))])
    assert np.abs(places).max() < 0.05
    assert (np.abs(np.diff(places, axis=0)).sum(axis=1) > 0).all()


def test_eases_start_and_end_where_they_should() -> None:
    for ease in Ease:
        values = [eased(share / 50, ease) for share in range(51)]
        assert values[0] == 0.0
        assert values[-1] == pytest.approx(1.0)
        assert values == sorted(values)
    assert eased(0.02, Ease.IN_OUT) < 0.001


def test_a_drawn_stroke_leads_the_camera_in_its_own_time() -> None:
    stroke = Annotation("camera", ((0.7, 0.5), (0.3, 0.5)), 1.0, 3.0)
    rig = rig_of(spec_of("", annotations=(stroke,)))
    assert [rig.state(t).x for t in (0.0, 1.0)] == [0.0, 0.0]
    assert rig.state(3.0).x == pytest.approx(rig.state(5.0).x)
    assert rig.state(3.0).x == pytest.approx(-0.4 * 192 / 108 * rig.reach)


def test_a_path_is_followed_at_even_speed_through_its_corners() -> None:
    corner = Annotation("camera", ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6)), 0.0, 4.0)
    rig = rig_of(spec_of("", width=100, height=100, annotations=(corner,)))
    assert rig.state(2.0).x == pytest.approx(0.4 * rig.reach)
    assert rig.state(2.0).y == pytest.approx(0.0)


def test_the_pendulum_keeps_its_period_and_slows_at_the_ends() -> None:
    stage = Stage.of(spec_of("pendulum"), {})
    times = np.linspace(0, 5, 5001)
    swing = np.array([angle(stage, float(t)) for t in times])
    rising = times[1:][(swing[:-1] < 0) & (swing[1:] >= 0)]
    period = 2 * math.pi * math.sqrt(1.9 / 9.81) * (1 + 0.25 / 16)  # of a 1.9 m rod swinging half a radian
    assert np.diff(rising)[0] == pytest.approx(period, rel=1e-3)
    speed = np.abs(np.gradient(swing, times))
    assert speed[np.abs(swing) > 0.49].mean() < 0.25 * speed[np.abs(swing) < 0.05].mean()


def test_the_ball_keeps_its_speed_even_while_hidden() -> None:
    stage = Stage.of(spec_of("ball"), {})
    steps = np.diff([ball_x(stage, index / 24) for index in range(120)])
    assert steps.min() > 0
    assert np.ptp(steps) < 1e-9


def test_the_column_hides_the_ball_and_lets_it_out_again() -> None:
    shot = bake(spec_of("ball", width=320, height=180))
    red = []
    for index in (30, 60, 90):
        picture = next(iter(shot.frames(index, 1)))
        mask = (picture[:, :, 0] > 3.0 * picture[:, :, 2]) & (picture[:, :, 0] > 2.0 * picture[:, :, 1])
        columns = np.argwhere(mask[:130])[:, 1]
        red.append((len(columns), float(columns.mean()) if len(columns) else 0.0))
    assert red[0][0] > 200
    assert red[2][0] > 200
    assert red[1][0] < 40
    assert red[0][1] < 160 < red[2][1]


def test_the_coffee_rises_steadily() -> None:
    stage = Stage.of(spec_of("pour"), {})
    levels = [level(stage, t / 4) for t in range(20)]
    assert levels == sorted(levels)
    assert levels[0] < 0.2
    assert levels[-1] > 0.7


def test_train_and_walker_go_left_each_at_its_own_speed() -> None:
    stage = Stage.of(spec_of("train"), {})
    assert train_x(stage, 2.0) < train_x(stage, 1.0) < 0
    field = flow(spec_of("train", width=320, height=180), 60, 61)
    assert np.median(field[80:105, 20:120, 0]) < -1.0


def test_a_drawn_path_leads_the_subject_and_turns_it_round() -> None:
    path = Annotation("subject", ((0.2, 0.7), (0.8, 0.7)), 1.0, 4.0)
    stage = Stage.of(spec_of("train", annotations=(path,)), {})
    half = 192 / 108 / 2
    assert stage.heading(SubjectKind.PERSON, -1.0) == 1.0
    for waiting in (0.0, 1.0):
        assert np.allclose(stage.drawn(waiting) or (), (-0.6 * half, 0.2))
    assert walking_x(stage, 2.0, 0.4, 1.0, 4.0) == pytest.approx(0.6 * half)


def test_a_drawn_path_moves_the_rendered_subject() -> None:
    path = Annotation("subject", ((0.1, 0.6), (0.9, 0.6)), 0.0, 5.0)
    shot = bake(spec_of("ball", width=320, height=180, annotations=(path,)))
    places = []
    for index in (24, 96):
        picture = next(iter(shot.frames(index, 1)))
        mask = (picture[:, :, 0] > 3.0 * picture[:, :, 2]) & (picture[:, :, 0] > 2.0 * picture[:, :, 1])
        places.append(float(np.argwhere(mask[:130])[:, 1].mean()))
    assert places[0] < 120
    assert places[1] > 200
