"""Short cuts of the compositor: they may save time, never show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.animatic.briefs import spec_of
from worker.animatic.affine import Affine
from worker.animatic.items import Pose, Sprite
from worker.animatic.render import bake
from worker.animatic.stage import Stage
from worker.animatic.view import Raster
from worker.animatic.windows import extent, windows

VIEW = Stage.of(spec_of("a quiet meadow", width=192, height=108), {}).view(0.0)


def sparse(seed: int) -> NDArray[np.float32]:
    """A large picture with a few painted spots."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((420, 500, 4), np.float32)
    for top, left in rng.integers(0, 400, (4, 2)).tolist():
        pixels[top : top + 30, left : left + 60] = rng.random(4, np.float32)
    return pixels


def drawn(sprite: Sprite) -> NDArray[np.float32]:
    raster = Raster(VIEW.width, VIEW.height)
    raster.frame[:] = 0.3
    sprite.draw(raster, VIEW)
    return raster.frame


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(0.1, 6.0),
    x=st.floats(-1.0, 1.0),
    y=st.floats(-1.0, 1.0),
    angle=st.sampled_from((0.0, 0.0, 0.4)),
)
def test_warping_only_what_is_painted_draws_the_same_picture(
    seed: int, scale: float, x: float, y: float, angle: float
) -> None:
    pixels = sparse(seed)
    pose = Pose(x=x, y=y, scale=scale, angle=angle)
    whole = Sprite(pixels, -0.5, -0.4, 500.0, 2.0, motion=lambda _: pose)
    # A pixel of the frame may fall between two windows by the warp's own 32nd of a pixel.
    assert np.abs(drawn(whole) - drawn(replace(whole, windows=windows(pixels)))).max() < 0.04


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_windows_hold_everything_painted_once(seed: int) -> None:
    pixels = sparse(seed)
    covered = np.zeros(pixels.shape[:2], np.int64)
    for left, top, right, bottom in windows(pixels):
        covered[top:bottom, left:right] += 1
    assert covered.max() == 1
    assert (covered[pixels.any(axis=2)] == 1).all()


def test_the_extent_is_the_smallest_rectangle_around_what_is_painted() -> None:
    pixels = np.zeros((40, 60, 4), np.float32)
    assert extent(pixels)[0] >= extent(pixels)[2]
    pixels[7, 11, 2] = pixels[30, 5, 3] = pixels[12, 50, 0] = 1.0
    assert extent(pixels) == (5, 7, 51, 31)


def test_a_plane_map_and_its_inverse_meet() -> None:
    plane = Affine(1.5, -0.3, 12.0, 0.2, 0.8, -7.0)
    assert plane.before(plane.inverse()) == pytest.approx(Affine(1, 0, 0, 0, 1, 0))


@pytest.mark.parametrize("brief", ["forest", "harbour", "pour"])
def test_veils_drawn_coarsely_look_like_veils_drawn_at_full_size(brief: str) -> None:
    spec = spec_of(brief, width=640, height=360)
    coarse = bake(spec)
    odd = bake(replace(spec, width=641))  # no factor divides this width: every layer is drawn as it is
    ours, theirs = (np.sqrt(np.minimum(next(iter(s.frames(50, 1))), 1.0)) for s in (coarse, odd))
    assert np.abs(ours - theirs[:, :640]).mean() < 0.02
