from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
import pytest

from plugin_backend.domain.direction.directives import DirectiveKind
from plugin_backend.domain.direction.evaluation import Defect, DefectKind
from plugin_backend.domain.direction.terms import Move
from tests.worker.director.clips import Picture, directive, framed, panned, seen, wall

PAN = directive(DirectiveKind.CAMERA, move=Move.PAN_RIGHT)


def faults(clip: list[Picture], *, loop: bool = False) -> dict[DefectKind, Defect]:
    return {each.kind: each for each in seen(clip, PAN, loop=loop).defects}


def brightened(clip: list[Picture], gain: Callable[[int], float]) -> list[Picture]:
    return [
        np.clip(frame.astype(np.float32) * gain(number), 0, 255).astype(np.uint8)
        for number, frame in enumerate(clip)
    ]


@pytest.mark.parametrize("speed", [0.03, 0.1, 0.8])
def test_a_clean_clip_has_no_fault(speed: float) -> None:
    assert faults(panned(x=speed)) == {}


def test_black_frames_are_found_where_they_are() -> None:
    clip = panned(x=0.1)
    clip[10:13] = [frame * 0 for frame in clip[10:13]]
    assert faults(clip)[DefectKind.BLACK].at_seconds == (0.833, 0.917, 1.0)


def test_a_picture_that_stands_still_for_half_a_second_is_frozen() -> None:
    clip = panned(x=0.1)
    clip[8:14] = [clip[8]] * 6
    frozen = faults(clip)[DefectKind.FROZEN]
    assert frozen.measured == pytest.approx(5 / 12, abs=0.001)


def test_a_clip_in_which_nothing_moves_is_frozen_only_if_something_was_to_move() -> None:
    clip = panned()[:1] * 24
    assert faults(clip)[DefectKind.FROZEN].severity == 1.0
    assert seen(clip, directive(DirectiveKind.CAMERA, move=Move.STATIC)).defects == ()


@pytest.mark.parametrize("every", [2, 3, 5])
def test_every_so_manieth_frame_shown_twice_is_judder(every: int) -> None:
    clip = panned(x=0.1)
    for number in range(every, len(clip), every):
        clip[number] = clip[number - 1]
    assert faults(clip)[DefectKind.DUPLICATE].measured == pytest.approx(1 / every, abs=0.06)


def test_a_cut_is_found_at_its_frame_and_is_no_camera_motion() -> None:
    clip = [*panned(frames=12), *panned(frames=12, seed=8)]
    evaluation = seen(clip, directive(DirectiveKind.CAMERA, move=Move.STATIC))
    (cut,) = evaluation.defects
    assert cut.kind is DefectKind.CUT
    assert cut.at_seconds == (1.0,)
    assert evaluation.move == "static"


def test_a_whip_pan_is_no_cut() -> None:
    slow, fast = panned(frames=8), panned(x=2.0, frames=8)
    painted = wall()
    middle = [framed(painted, x=480 + 40 * n, y=270) for n in range(8)]
    assert DefectKind.CUT not in faults([*slow, *middle])
    assert DefectKind.CUT not in faults(fast)


@pytest.mark.parametrize("depth", [0.03, 0.08])
def test_flicker_is_found_at_three_per_cent(depth: float) -> None:
    clip = brightened(panned(x=0.1), lambda number: 1 + depth * (-1) ** number)
    assert DefectKind.FLICKER in faults(clip)


def test_a_sudden_change_of_exposure_is_found_and_a_slow_one_is_none() -> None:
    sudden = faults(brightened(panned(x=0.05), lambda number: 1.0 if number < 12 else 1.25))
    assert sudden[DefectKind.EXPOSURE_JUMP].measured == pytest.approx(0.22, abs=0.05)
    assert DefectKind.CUT not in sudden
    assert faults(brightened(panned(x=0.05), lambda number: 0.8 + 0.02 * number)) == {}


def test_what_is_blown_out_or_sunk_is_found() -> None:
    assert DefectKind.CLIPPED in faults(brightened(panned(x=0.1), lambda _: 2.5))
    assert DefectKind.CRUSHED in faults([(frame // 4 * 0 + frame // 64) for frame in panned(x=0.1)])


def test_a_loop_that_does_not_close_is_found_only_where_one_was_asked() -> None:
    clip = panned(x=0.2)
    assert DefectKind.LOOP_SEAM in faults(clip, loop=True)
    assert DefectKind.LOOP_SEAM not in faults(clip)
    painted = wall()
    round_trip = [framed(painted, x=480 + 20 * np.sin(2 * np.pi * n / 24), y=270) for n in range(24)]
    assert DefectKind.LOOP_SEAM not in faults(round_trip, loop=True)


def test_an_unsteady_camera_is_a_fault_unless_a_hand_was_asked_for() -> None:
    chance = np.random.default_rng(4)
    painted = wall()
    shaken = [framed(painted, x=480 + 3 * chance.normal(), y=270 + 3 * chance.normal()) for _ in range(24)]
    static = directive(DirectiveKind.CAMERA, move=Move.STATIC)
    handheld = directive(DirectiveKind.CAMERA, move=Move.HANDHELD, to_seconds=Fraction(2))
    assert [each.kind for each in seen(shaken, static).defects] == [DefectKind.SHAKE]
    assert seen(shaken, handheld).defects == ()


def test_a_frame_held_for_a_moment_is_no_freeze() -> None:
    clip = panned(x=0.1)
    clip[8:11] = [clip[8]] * 3
    assert DefectKind.FROZEN not in faults(clip)


@pytest.mark.parametrize(("blur", "is_soft"), [(0.0, False), (1.0, False), (4.0, True)])
def test_softness_is_seen_at_the_full_size(blur: float, is_soft: bool) -> None:  # noqa: FBT001 - a table's
    sharp = cv2.resize(wall(width=1920, height=1080), (960, 540), interpolation=cv2.INTER_AREA)
    cv2.rectangle(sharp, (300, 150), (600, 400), (20, 20, 20), -1)
    picture = cv2.GaussianBlur(sharp, (0, 0), blur) if blur else sharp
    clip = [np.asarray(np.roll(picture, 4 * number, axis=1), np.uint8) for number in range(8)]
    assert (DefectKind.SOFT in faults(clip)) is is_soft


@pytest.mark.parametrize("speed", [0.8, 3.0, 5.0])
def test_a_pan_of_any_speed_is_no_cut(speed: float) -> None:
    painted = wall(width=2600)
    clip = [framed(painted, x=200 + speed * 320 / 12 * number, y=270) for number in range(10)]
    assert DefectKind.CUT not in faults(clip)
