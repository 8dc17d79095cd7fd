import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - as in worker.media.colour
import pytest

from worker.media.cube import POINTS, Cube
from worker.media.kernels import Half

HALVES = np.arange(65536, dtype=np.uint16).view(np.float16)


def folded() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Where each half falls: over 0 to 1 and, at either end, beyond it; NaN nowhere."""
    with np.errstate(all="ignore"):
        return np.asarray(np.log2(np.abs(HALVES.astype(np.float64))) / 20 + 0.6)


def cube() -> Cube:
    values = np.random.default_rng(3).uniform(0, 1, (POINTS**3, 3)).astype(np.float32)
    return Cube.of(folded(), values)


def any_picture(*shape: int) -> Half:
    return np.random.default_rng(4).choice(HALVES, (*shape, 3)).astype(np.float16)


def test_every_half_is_looked_up_as_opencolorio_looks_it_up() -> None:
    picture, ours = any_picture(60, 101), cube()
    lut = ocio.Lut3DTransform(POINTS)
    lut.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    lut.setData((ours.values / 65535).T.reshape(-1).astype(np.float32))
    placed = np.ones((60, 101, 4), dtype=np.float32)
    placed[..., :3] = ours.positions[picture.view(np.uint16)] / (POINTS - 1)
    config = ocio.Config.CreateRaw()
    config.getProcessor(lut).getDefaultCPUProcessor().apply(ocio.PackedImageDesc(placed, 101, 60, 4))
    expected = np.rint(placed[..., :3] * 65535)
    assert np.abs(ours.shown(picture).astype(np.int64) - expected).max() <= 1


@pytest.mark.parametrize("width", [1, 15, 16, 17, 31, 48])
def test_a_pixel_becomes_the_same_wherever_it_lies(width: int) -> None:
    picture, ours = any_picture(3, 48), cube()
    whole = ours.shown(picture)
    assert np.array_equal(ours.shown(picture[:, :width]), whole[:, :width])
    assert np.array_equal(ours.shown(picture[:1, :width]), whole[:1, :width])


def test_what_is_no_number_is_as_dark_as_can_be() -> None:
    nothing = np.full((1, 2, 3), np.nan, dtype=np.float16)
    ours = cube()
    assert np.array_equal(ours.shown(nothing)[0, 0], np.rint(ours.values[:, 0]).astype(np.uint16))
