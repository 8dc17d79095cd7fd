import json
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.sequence import ColourSpace
from tests.media.scenes import SUN, sunrise
from worker.media import colour, kernels
from worker.media.kernels import Picture, Rgb16
from worker.media.measure import Measurer, Measures, Tally, tally_frame

RATE = Fraction(24000, 1001)
HEIGHT, WIDTH = 180, 320


def texture(seed: int = 0) -> Picture:
    """Something to see move: soft noise, twice the size of a frame."""
    noise = np.random.default_rng(seed).random((HEIGHT * 2, WIDTH * 2, 3), dtype=np.float32)
    return _contrasted(np.asarray(cv2.GaussianBlur(noise, (0, 0), 4), dtype=np.float32))


def _contrasted(scene: Picture) -> Picture:
    return np.asarray((scene - scene.min()) / (scene.max() - scene.min()), dtype=np.float32)


def filmed(scene: Picture, *, right: float = 0, up: float = 0, zoom: float = 1) -> Rgb16:
    """A frame whose content has gone that many pixels, and grown about the centre."""
    centre = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2])
    origin = centre + np.array([WIDTH / 2, HEIGHT / 2])  # where the frame's centre lies in the scene
    shift = centre - zoom * origin + [right, -up]
    warp = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    frame = cv2.warpAffine(scene, warp, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    return (np.asarray(frame) * 65535).astype(np.uint16)


def numbers(facts: Measures) -> dict[str, float]:
    """What can be compared approximately; no direction is a direction of its own."""
    found = facts.to_json() | {"frame_rate": float(facts.frame_rate)}
    return {name: -1.0 if value is None else value for name, value in found.items()}


def measured(shown: list[Rgb16]) -> Measures:
    measurer = Measurer()
    for frame in shown:
        measurer.add(frame.astype(np.float32) / np.float32(65535), shown=frame)
    return measurer.tally.measures(RATE)


@pytest.mark.parametrize(
    ("right", "up", "degrees"), [(4, 0, 0), (0, 3, 90), (-4, 0, 180), (0, -3, 270), (3, 3, 45)]
)
def test_a_move_is_measured_by_its_speed_and_direction(right: int, up: int, degrees: int) -> None:
    scene = texture()
    facts = measured([filmed(scene, right=right * i, up=up * i) for i in range(6)])
    speed = np.hypot(right, up) / WIDTH * float(RATE)
    assert facts.motion_mean_widths_per_second == pytest.approx(speed, rel=0.1)
    assert facts.motion_direction_degrees is not None
    assert abs((facts.motion_direction_degrees - degrees + 180) % 360 - 180) < 5
    assert abs(facts.motion_zoom_per_second) < 0.1


@pytest.mark.parametrize("growth", [1.02, 0.98])
def test_a_push_in_and_a_pull_out_are_told_apart_and_have_no_direction(growth: float) -> None:
    scene = texture()
    facts = measured([filmed(scene, zoom=growth**i) for i in range(6)])
    assert facts.motion_zoom_per_second == pytest.approx((growth - 1) * float(RATE), rel=0.3)
    assert facts.motion_direction_degrees is None


@pytest.mark.parametrize(
    ("width", "height"), [(640, 32), (640, 64), (640, 120), (1280, 220), (120, 640), (64, 1280)]
)
def test_strips_and_towers_are_measured_as_any_picture(width: int, height: int) -> None:
    long = max(width, height)
    scene = cv2.resize(texture(), (long + 32, height) if width == long else (width, long + 32))
    steps = [step * long // 160 for step in range(3)]
    tops = [0 if width == long else step for step in steps]
    lefts = [step if width == long else 0 for step in steps]
    windows = [scene[y : y + height, x : x + width] for x, y in zip(lefts, tops, strict=True)]
    facts = measured([(np.ascontiguousarray(window) * 65535).astype(np.uint16) for window in windows])

    speed = steps[1] / width * float(RATE)
    assert facts.motion_mean_widths_per_second == pytest.approx(speed, rel=0.35)
    assert facts.motion_direction_degrees is not None
    assert abs(facts.motion_direction_degrees) == pytest.approx(180 if width == long else 90, abs=10)


@pytest.mark.parametrize(("width", "height"), [(640, 2), (640, 28), (16, 8192), (1, 1024)])
def test_in_a_sliver_no_motion_is_told(width: int, height: int) -> None:
    flat = np.random.default_rng(1).integers(20_000, 40_000, (height, width, 3))
    facts = measured([(flat + 2_000 * step).astype(np.uint16) for step in range(3)])
    assert (facts.frame_count, facts.frozen_frame_count, facts.cut_count) == (3, 0, 0)
    assert facts.motion_mean_widths_per_second == 0


def test_frozen_and_black_frames_and_cuts_are_counted() -> None:
    first, other = filmed(texture(1)), 65535 - filmed(texture(2))
    other[: HEIGHT // 2], first[: HEIGHT // 2] = 65535, 0
    black = np.zeros_like(first)
    facts = measured([first, first, first, other, black, black])
    assert (facts.frame_count, facts.frozen_frame_count, facts.black_frame_count) == (6, 3, 2)
    assert facts.cut_count == 2
    assert facts.motion_mean_widths_per_second == 0


def test_flicker_shows_and_a_steady_fade_does_not() -> None:
    scene = filmed(texture())
    steady = [(scene * (0.5 + 0.05 * i)).astype(np.uint16) for i in range(8)]
    flickering = [(scene * (0.9 if i % 2 else 0.7)).astype(np.uint16) for i in range(8)]
    assert measured(steady).flicker_codes < 0.2
    assert measured(flickering).flicker_codes > 20


def test_a_blurred_clip_is_less_sharp() -> None:
    scene = np.where(texture() > 0.5, np.float32(0.8), np.float32(0.2))
    blurred = np.asarray(cv2.GaussianBlur(scene, (0, 0), 3), dtype=np.float32)
    assert measured([filmed(blurred)]).sharpness_codes < measured([filmed(scene)]).sharpness_codes / 2


def test_light_is_measured_in_stops_over_diffuse_white() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 0.18, dtype=np.float32)
    picture[:9, :32] = 16.0  # a twentieth of the height, a tenth of the width
    measurer = Measurer()
    measurer.add(picture, shown=colour.display_transform(ColourSpace.REC709).apply(picture))
    facts = measurer.tally.measures(Fraction(25))
    assert facts.luminance_peak_stops == pytest.approx(4, abs=0.01)
    assert facts.luminance_p50_stops == pytest.approx(np.log2(0.18), abs=0.07)
    assert facts.luminance_p99_stops == pytest.approx(np.log2(0.18), abs=0.07)
    assert facts.luminance_mean == pytest.approx(0.18 * 0.995 + 16 * 0.005, rel=0.001)
    assert facts.duration_seconds == Fraction(1, 25)


def test_a_highlight_of_one_pixel_is_not_lost() -> None:
    picture = sunrise(0, height=270, width=480)
    luminance = picture @ np.array([0.2722287, 0.6740818, 0.0536895], dtype=np.float32)
    peak = tally_frame(picture, shown=np.zeros((90, 160, 3), np.uint16)).peak
    assert peak == pytest.approx(float(luminance.max()), rel=1e-5)
    assert peak > SUN / 2


@given(cuts=st.sets(st.integers(1, 8)), turn=st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_a_clip_measured_in_chunks_measures_the_same(cuts: set[int], turn: int) -> None:
    scene = texture(turn)
    shown = [filmed(scene, right=2 * i * turn, up=i * i / 4, zoom=1 + i / 100) for i in range(9)]
    shown[5] = shown[4]
    edges = [0, *sorted(cuts), 9]
    whole = numbers(measured(shown))
    total: Tally | None = None
    for first, end in pairwise(edges):
        measurer = Measurer()
        for frame in shown[first:end]:
            measurer.add(frame.astype(np.float32) / np.float32(65535), shown=frame)
        chunk = Tally.from_json(json.loads(json.dumps(measurer.tally.to_json())))
        total = chunk if total is None else total + chunk
    assert total is not None
    assert numbers(total.measures(RATE)) == pytest.approx(whole, rel=1e-3, abs=2e-4)


def test_facts_are_plain_json_with_an_exact_rate() -> None:
    facts = json.loads(json.dumps(measured([filmed(texture())] * 2).to_json()))
    assert facts["frame_rate"] == "24000/1001"
    assert facts["duration_seconds"] == pytest.approx(2 * 1001 / 24000, abs=1e-6)


def test_halves_measure_as_singles_do() -> None:
    picture = sunrise(1)
    shown = colour.display_transform(ColourSpace.REC709).apply(picture)
    half = tally_frame(kernels.to_half(picture), shown=shown)
    assert half.luminance == pytest.approx(tally_frame(picture, shown=shown).luminance, rel=1e-3)
