"""Pixels of a picture: the shorter side is the resolution, both sides even, the shape kept."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.delivering.picture_size import picture_size


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        (Resolution.P540, "16:9", (960, 540)),
        (Resolution.P1080, "16:9", (1920, 1080)),
        (Resolution.P2160, "16:9", (3840, 2160)),
        (Resolution.P1080, "9:16", (1080, 1920)),
        (Resolution.P720, "1:1", (720, 720)),
        (Resolution.P1080, "21:9", (2520, 1080)),
        (Resolution.P540, "4:3", (720, 540)),
    ],
)
def test_known_sizes(resolution: Resolution, ratio: str, size: tuple[int, int]) -> None:
    assert picture_size(resolution, ratio) == size


@given(st.sampled_from(Resolution), st.integers(1, 30), st.integers(1, 30))
def test_any_shape_has_even_sides_within_a_pixel_of_it(
    resolution: Resolution, across: int, down: int
) -> None:
    width, height = picture_size(resolution, f"{across}:{down}")

    assert min(width, height) == resolution.lines
    assert width % 2 == height % 2 == 0
    longer, shape = max(width, height), Fraction(max(across, down), min(across, down))
    assert abs(longer - resolution.lines * shape) <= 1
