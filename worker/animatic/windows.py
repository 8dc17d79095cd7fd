"""Where a picture is painted at all: the few rectangles of it that are worth warping."""

from itertools import pairwise
from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.animatic.affine import Affine
from worker.animatic.ink import Floats
from worker.animatic.kernels import jit

Window = tuple[int, int, int, int]  # left, top, right, bottom in the picture's pixels
Region = tuple[int, int, int, int]  # left, top, width, height in the frame's pixels
_BLOCK: Final = 16
_BANDS: Final = 12  # more would fit closer by very little
_CALL: Final = 2500  # empty pixels that take about as long as one more call
_WORTH: Final = 0.85  # rectangles that cover more than this save nothing


@jit
def _painted(pixel: Floats) -> bool:
    """Whether a pixel covers or adds anything that could be seen."""
    faint = np.float32(1e-4)
    return bool(pixel[0] > faint or pixel[1] > faint or pixel[2] > faint or pixel[3] > faint)


@jit
def extent(pixels: Floats) -> Window:
    """The rectangle that holds all that is painted."""
    rows, columns = pixels.shape[0], pixels.shape[1]
    left, top, right, bottom = columns, rows, 0, 0
    for j in range(rows):
        first = 0
        while first < columns and not _painted(pixels[j, first]):
            first += 1
        if first == columns:
            continue
        last = columns - 1
        while last >= right and not _painted(pixels[j, last]):  # only what would widen it matters
            last -= 1
        left, right = min(left, first), max(right, last + 1)
        top, bottom = min(top, j), j + 1
    return left, top, right, bottom


@jit
def _occupied(pixels: Floats, blocks: NDArray[np.bool_]) -> None:
    """Which blocks hold anything; the row before a block counts too, since it is blended with its first."""
    for j in range(pixels.shape[0]):
        for b in range(blocks.shape[1]):
            for i in range(b * _BLOCK, min((b + 1) * _BLOCK, pixels.shape[1])):
                if _painted(pixels[j, i]):
                    blocks[j // _BLOCK, b] = True
                    blocks[min((j + 1) // _BLOCK, blocks.shape[0] - 1), b] = True
                    break


def windows(pixels: Floats) -> tuple[Window, ...]:
    """Rectangles that hold all that is painted, stacked in bands without overlapping."""
    rows, columns = pixels.shape[:2]
    blocks = np.zeros((-(-rows // _BLOCK), -(-columns // _BLOCK)), np.bool_)
    _occupied(pixels, blocks)
    bands = min(_BANDS, max(1, rows * columns // (5 * _CALL)))
    step = -(-len(blocks) // bands)
    found = []
    for first in range(0, len(blocks), step):
        top, bottom = first * _BLOCK, min((first + step) * _BLOCK, rows)
        gap = max(2, -(-_CALL // (step * _BLOCK * _BLOCK)))
        band = np.flatnonzero(np.any(blocks[first : first + step], axis=0))
        for left, right in _runs(band.tolist(), gap):
            found.append((left * _BLOCK, top, min(right * _BLOCK, columns), bottom))
    covered = sum((right - left) * (bottom - top) for left, top, right, bottom in found)
    return tuple(found) if covered < _WORTH * rows * columns else ((0, 0, columns, rows),)


def _runs(filled: list[int], gap: int) -> list[tuple[int, int]]:
    """Stretches of filled blocks; short gaps do not end one."""
    if not filled:
        return []
    breaks = [(a, b) for a, b in pairwise(filled) if b - a > gap]
    starts = [filled[0], *(b for _, b in breaks)]
    ends = [*(a for a, _ in breaks), filled[-1]]
    return [(start, end + 1) for start, end in zip(starts, ends, strict=True)]


def shown(seen: tuple[Window, ...], matrix: Affine, rows: int, frame: tuple[int, ...]) -> list[Region]:
    """The parts of the frame that an upright picture's windows fall on.

    A row of the frame belongs to exactly one band, whichever holds the lower of the two rows it blends.
    """
    across, _, x, _, down, y = matrix
    regions = []
    for left, top, right, bottom in seen:
        below = rows + 1 if bottom == rows else bottom
        first, high = max(0, floor(x + across * (left - 1))), max(0, ceil(y + down * (top - 1)))
        wide = min(ceil(x + across * (right + 1)), frame[1]) - first
        tall = min(ceil(y + down * (below - 1)), frame[0]) - high
        if wide > 0 and tall > 0:
            regions.append((first, high, wide, tall))
    return regions
