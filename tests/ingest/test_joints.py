"""Chained parts as one take: played through without a stutter, sound and all."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.filming import film_numbers, numbered, numbers_in
from tests.ingest.takes import Door
from tests.media import readers
from worker.media.ingest.found import Found
from worker.media.ingest.joints import joint_of, small_grey
from worker.media.kernels import Rgb8, Rgb16

Read = Callable[..., Found]


def as_shown(picture: Rgb8, *, noise: float = 0.0, seed: int = 0) -> Rgb16:
    grain = np.random.default_rng(seed).normal(0, noise, picture.shape)
    wide: Rgb16 = (np.clip(picture + grain, 0, 255) * 257).astype(np.uint16)
    return wide


def joint(numbers: tuple[int, int, int, int], *, step: float, noise: float) -> bool:
    greys = [
        small_grey(as_shown(numbered(number, step=step)[30:], noise=noise, seed=seed))
        for seed, number in enumerate(numbers)
    ]
    return joint_of((greys[0], greys[1]), (greys[2], greys[3])).is_repeated


@settings(deadline=None, max_examples=60)
@given(st.floats(1.25, 12), st.floats(0, 6), st.integers(1, 400))
def test_a_repeated_frame_is_told_from_the_next_one_at_any_speed_through_noise(
    step: float, noise: float, start: int
) -> None:
    assert joint((start - 1, start, start, start + 1), step=step, noise=noise)
    assert not joint((start - 1, start, start + 1, start + 2), step=step, noise=noise)


def test_a_picture_that_stands_still_loses_nothing() -> None:
    assert not joint((5, 5, 5, 5), step=4, noise=2)
    assert not joint((5, 5, 5, 6), step=4, noise=0)


def test_parts_of_a_single_frame_are_played_as_they_are(read: Read, tmp_path: Path) -> None:
    one = film_numbers(tmp_path / "one.mp4", [7])
    two = film_numbers(tmp_path / "two.mp4", [7])
    assert read(one, two).frame_count == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codec", "crf", "step"), [("libx264", "18", 4.0), ("libx264", "28", 1.0), ("libx265", "26", 2.0)]
)
def test_a_frame_that_two_parts_share_is_played_once(
    door: Door, tmp_path: Path, codec: str, crf: str, step: float
) -> None:
    options = {"crf": crf} | ({"x265-params": "log-level=none"} if codec == "libx265" else {})
    how: dict[str, Any] = {"codec": codec, "options": options, "step": step}
    ranges = (range(30), range(29, 60), range(60, 85), range(84, 100))
    parts = [film_numbers(tmp_path / f"{n}.mp4", numbers, **how) for n, numbers in enumerate(ranges)]
    made = door.take(*parts)
    assert made.facts["frame_count"] == 100
    assert [part["skip"] for part in made.source["parts"]] == [0, 1, 0, 1]
    assert [part["frame_count"] for part in made.source["parts"]] == [30, 30, 25, 15]
    assert [(each["frame"], each["dropped"]) for each in made.facts["joints"]] == [(30, 1), (60, 0), (85, 1)]
    assert all(each["difference_codes"] >= 0 for each in made.facts["joints"])
    shown = readers.luma(door.path(made.files["proxy"]), width=320, height=180, pixels="yuv420p")
    assert numbers_in(shown, middle=110) == list(range(100))
    assert made.measures["frame_count"] == 100
    assert made.measures["frozen_frame_count"] == 0


def test_the_facts_add_up_over_parts_at_an_uneven_rate(read: Read, tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    parts = [film_numbers(tmp_path / f"{n}.mp4", range(20 * n, 20 * n + 20), rate=rate) for n in range(3)]
    found = read(*parts)
    assert (found.frame_count, found.frame_rate) == (60, rate)
    assert found.measures["duration_seconds"] == pytest.approx(60 * 1001 / 30000, abs=1e-6)
