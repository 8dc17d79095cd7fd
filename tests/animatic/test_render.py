import json
import tracemalloc
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.animatic.briefs import BRIEFS, spec_of
from worker.animatic.render import LABEL, Shot, bake
from worker.animatic.spec import Annotation, ShotSpec

ASPECTS = [(192, 108), (108, 192), (120, 120), (144, 108), (108, 144), (252, 108)]
ENVIRONMENTS = [
    "a quiet meadow at noon",
    "misty mountains at dawn",
    "waves on a beach at sunset",
    "city skyline at dusk in the rain",
    "an astronaut near a planet in space",
    "a dog runs through autumn leaves in the forest",
    "a lake at dawn with a boat",
    "a man waits by a brick wall in the snow",
]


def frame_of(spec: ShotSpec, index: int) -> NDArray[np.float32]:
    return next(iter(bake(spec).frames(index, 1))).copy()


def luma(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(picture @ np.array([0.2722, 0.6741, 0.0537], np.float32))


@pytest.mark.parametrize("brief", [*BRIEFS, *ENVIRONMENTS])
def test_every_brief_makes_a_whole_picture_that_moves(brief: str) -> None:
    shot = bake(spec_of(brief))
    first, later = (next(iter(shot.frames(index, 1))).copy() for index in (8, 47))
    for picture in (first, later):
        assert picture.shape == (108, 192, 3)
        assert picture.dtype == np.float32
        assert picture.flags.c_contiguous
        assert np.isfinite(picture).all()
        assert picture.min() >= 0.0
        light = luma(picture)
        assert light.std() > 0.02
        assert 0.002 < np.median(np.sqrt(light)) < 1.3
    assert np.abs(first - later).mean() > 0.0005


@pytest.mark.parametrize("place", ["a harbour", "a city skyline", "misty mountains", "a black lake"])
def test_fireworks_burst_in_the_sky_over_any_place(place: str) -> None:
    quiet = frame_of(spec_of(f"{place} at night"), 30)
    festive = frame_of(spec_of(f"fireworks over {place} at night"), 30)
    sky = slice(0, festive.shape[0] // 2)
    assert np.percentile(luma(festive[sky]), 99.5) > 4 * np.percentile(luma(quiet[sky]), 99.5)


@pytest.mark.parametrize("brief", BRIEFS)
def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(brief: str) -> None:
    once, again = frame_of(spec_of(brief), 31), frame_of(spec_of(brief), 31)
    other = frame_of(spec_of(brief, seed=8), 31)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


@pytest.mark.parametrize("brief", BRIEFS)
def test_a_range_of_frames_equals_the_same_frames_of_the_whole(brief: str) -> None:
    shot = bake(spec_of(brief, seconds=1))
    whole = [picture.copy() for picture in shot.frames()]
    assert len(whole) == 24
    for first, count in ((5, 3), (17, 7)):
        part = [picture.copy() for picture in bake(shot.spec).frames(first, count)]
        assert all(np.array_equal(a, b) for a, b in zip(part, whole[first : first + count], strict=True))


def test_a_saved_bake_renders_the_same_bits_in_another_process_s_hands(tmp_path: Path) -> None:
    for brief in ("forest", "street", "bottle"):
        shot = bake(spec_of(brief))
        shot.save(tmp_path / brief)
        loaded = Shot.load(tmp_path / brief)
        assert loaded.spec == shot.spec
        ours, theirs = (next(iter(s.frames(40, 1))).copy() for s in (shot, loaded))
        assert np.array_equal(ours, theirs)


def test_a_spec_survives_json() -> None:
    stroke = Annotation("camera", ((0.7, 0.5), (0.3, 0.5)), 1.0, 3.0, "turn", region=((0.1, 0.1),))
    spec = spec_of("street", annotations=(stroke,), first_frame=Path("frame.png"), rate=Fraction(24000, 1001))
    assert ShotSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize("brief", ["forest", "street", "harbour", "train", "bottle", "snow-loop"])
def test_the_master_is_the_same_shot_as_its_draft(brief: str) -> None:
    draft = frame_of(spec_of(brief, width=480, height=270), 60)
    master = frame_of(spec_of(brief, width=960, height=540, quality="master"), 60)
    small = np.minimum(master, 2.0).reshape(270, 2, 480, 2, 3).mean(axis=(1, 3))
    a, b = np.sqrt(luma(np.minimum(draft, 2.0))), np.sqrt(luma(np.asarray(small, np.float32)))
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.96


@pytest.mark.parametrize(("width", "height"), ASPECTS)
@pytest.mark.parametrize("brief", ["forest", "ball", "bottle", "train", "desert", "pour"])
def test_every_aspect_ratio_is_filled(brief: str, width: int, height: int) -> None:
    picture = frame_of(spec_of(brief, width=width, height=height), 60)
    assert picture.shape == (height, width, 3)
    edge = max(2, width // 24)
    assert luma(picture)[:, :edge].max() > 0.0005
    assert luma(picture)[:, -edge:].max() > 0.0005


@pytest.mark.parametrize(
    ("brief", "low"),
    [("forest", 10), ("street", 8), ("fireworks", 20), ("workshop", 40), ("snow-loop", 5), ("desert", 20)],
)
def test_highlights_are_many_times_diffuse_white(brief: str, low: float) -> None:
    shot = bake(spec_of(brief, width=384, height=216))
    peaks = [float(next(iter(shot.frames(index, 1))).max()) for index in (20, 60, 90)]
    assert max(peaks) > low


def test_a_loop_closes_without_a_seam() -> None:
    for brief in ("snow-loop", "gulls over a harbour, camera pans left", "fireworks over a lake", "train"):
        spec = spec_of(brief, loop=True, seconds=4)
        stage = bake(spec).stage
        views = [stage.view(time) for time in (0.0, stage.seconds)]
        assert views[0].state.x == pytest.approx(views[1].state.x, abs=1e-9)
        assert views[0].state.pan == pytest.approx(views[1].state.pan, abs=1e-9)
        shot = bake(spec)
        frames = [picture.copy() for picture in shot.frames()]
        steps = [np.abs(np.minimum(a, 2) - np.minimum(b, 2)).mean() for a, b in pairwise(frames)]
        seam = np.abs(np.minimum(frames[-1], 2) - np.minimum(frames[0], 2)).mean()
        assert seam <= 1.6 * np.percentile(steps, 95)


def test_memory_does_not_grow_with_the_number_of_frames() -> None:
    shot = bake(spec_of("street", seconds=2))
    for _ in shot.frames(0, 3):
        pass
    peaks = []
    for count in (4, 40):
        tracemalloc.start()
        for _ in shot.frames(0, count):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1 + 200_000


@pytest.mark.parametrize(
    "text",
    ["", "\U0001f30a" * 50, "左から右へ", "boat " * 2000, "\x00", "'; DROP TABLE takes; --", "?" * 10_000],
)
def test_no_prompt_makes_a_broken_picture(text: str) -> None:
    picture = frame_of(spec_of(text), 12)
    assert np.isfinite(picture).all()
    assert luma(picture).std() > 0.02


def test_takes_are_labelled_for_what_they_are() -> None:
    assert LABEL == "animatic"
