"""Where the picture goes from one frame to a later one: dense flow, and how far each point is trusted."""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.director.frames import Grey

Floats = NDArray[np.float32]

GRID: Final = 4  # pixels from one sampled point to the next
_CALMED: Final = 1.2  # pixels: noise is no texture
_TEXTURE: Final = np.float32(1e-3)  # smallest eigenvalue of the structure tensor of what can be followed
_CODES_OFF: Final = np.float32(10.0)
_COARSE: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """Points of a frame (pixels from its middle), where they go (pixels), and their trust, 0..1."""

    at: Floats
    by: Floats
    trust: Floats
    width: int
    height: int

    def grid(self, values: Floats) -> Floats:
        """One value for each point as a picture."""
        rows = -(-(self.height - GRID // 2) // GRID)
        return values.reshape(rows, -1, *values.shape[1:])


class FlowMeter:
    """Measures pairs of pictures of one size; finds its way through a whip pan by looking coarsely first."""

    def __init__(self) -> None:
        self._dense: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def between(self, before: Grey, after: Grey) -> Field:
        """From the first picture to the second."""
        height, width = before.shape
        shift = _coarse_shift(before, after)
        met = _shifted(after, shift)
        flow = np.asarray(self._dense.calc(before, met, None), np.float32)
        off = _off(before, met, flow)
        calm = cv2.GaussianBlur(before, (0, 0), _CALMED).astype(np.float32) / np.float32(255)
        texture = cv2.cornerMinEigenVal(calm, 5)
        trust = np.clip(texture / _TEXTURE, 0.0, 1.0) / (1.0 + (off / _CODES_OFF) ** 2)
        _distrust_unseen(trust, shift)
        part = (slice(GRID // 2, None, GRID), slice(GRID // 2, None, GRID))
        rows, columns = np.mgrid[part[0].start : height : GRID, part[1].start : width : GRID]
        at = np.stack([columns - (width - 1) / 2, rows - (height - 1) / 2], -1).astype(np.float32)
        by = flow[part] + np.array(shift, np.float32)
        return Field(
            at.reshape(-1, 2), by.reshape(-1, 2), trust[part].astype(np.float32).ravel(), width, height
        )


def _coarse_shift(before: Grey, after: Grey) -> tuple[int, int]:
    """The whole picture's shift where it is too far for the dense flow to find by itself, else none."""
    small = [
        cv2.resize(each, None, fx=1 / _COARSE, fy=1 / _COARSE, interpolation=cv2.INTER_AREA).astype(
            np.float32
        )
        for each in (before, after)
    ]
    window = cv2.createHanningWindow((small[0].shape[1], small[0].shape[0]), cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(small[0], small[1], window)
    shift = round(x * _COARSE), round(y * _COARSE)
    if max(abs(shift[0]), abs(shift[1])) < 2 * _COARSE:
        return 0, 0
    as_is = float(cv2.absdiff(before, after).mean())
    return shift if _overlap_difference(before, after, shift) < 0.8 * as_is else (0, 0)


def _overlap_difference(before: Grey, after: Grey, shift: tuple[int, int]) -> float:
    x, y = shift
    height, width = before.shape
    one = before[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
    other = after[max(0, y) : height - max(0, -y), max(0, x) : width - max(0, -x)]
    return float(cv2.absdiff(one, other).mean()) if one.size > before.size // 4 else 255.0


def _shifted(after: Grey, shift: tuple[int, int]) -> Grey:
    if shift == (0, 0):
        return after
    matrix = np.array([[1, 0, -shift[0]], [0, 1, -shift[1]]], np.float32)
    size = (after.shape[1], after.shape[0])
    return np.asarray(
        cv2.warpAffine(after, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def _off(before: Grey, after: Grey, flow: Floats) -> Floats:
    """How many codes each point differs from where it is said to have gone."""
    height, width = before.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    there = cv2.remap(after, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR)
    return np.asarray(cv2.blur(cv2.absdiff(before, there), (5, 5)), np.float32)


def _distrust_unseen(trust: Floats, shift: tuple[int, int]) -> None:
    """What has left the picture by the coarse shift can have gone anywhere."""
    x, y = shift
    if x:
        trust[:, -x:] = 0 if x > 0 else trust[:, -x:]
        trust[:, : max(0, -x)] = 0
    if y:
        trust[-y:] = 0 if y > 0 else trust[-y:]
        trust[: max(0, -y)] = 0
