"""Taking the steps out of shallow slopes before a picture's range is expanded, which would show them.

A sample of eight bits stands for everything that rounds to it. Where a picture is nearly flat, each sample is
moved towards the mean around it, and never by more than half a code: rounded again, the samples are those of
the take. Edges, texture and grain stay as they are.
"""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.media.kernels import compiled
from worker.media.limited_range import Plane16
from worker.media.yuv import Planes, Samples

_DEPTH: Final = 16
_BOX: Final = 8  # samples across whose mean is one of the small picture's
_BLUR: Final = (7, 7)  # of the small picture
_FLAT, _BUSY = 4, 8  # codes between least and most around: smoothed wholly, and not at all
_AROUND: Final = np.ones((2 * _BOX - 1, 2 * _BOX - 1), dtype=np.uint8)
_NEAR: Final = np.ones(
    (9, 9), dtype=np.uint8
)  # of the small picture: all that its blur reaches, and one more


def smoothed(planes: Planes) -> Planes:
    """The same samples in 16 bits, with what rounding took from shallow slopes guessed back."""
    across, down = planes.chroma_size
    return Planes(
        y=_smoothed(planes.y[: planes.height, : planes.width], planes.depth),
        u=_smoothed(planes.u[:down, :across], planes.depth),
        v=_smoothed(planes.v[:down, :across], planes.depth),
        width=planes.width,
        height=planes.height,
        depth=_DEPTH,
        halved_across=planes.halved_across,
        halved_down=planes.halved_down,
        full_range=planes.full_range,
        luma_weights=planes.luma_weights,
    )


def _smoothed(samples: Samples, depth: int) -> Plane16:
    source: Any = np.ascontiguousarray(samples)
    size = (source.shape[1], source.shape[0])
    small = tuple(max(1, (side + _BOX - 1) // _BOX) for side in size)
    codes = source.astype(np.float32)
    mean = cv2.GaussianBlur(cv2.resize(codes, small, interpolation=cv2.INTER_AREA), _BLUR, 0)
    share = _flatness(source, small)
    out = np.empty(source.shape, dtype=np.uint16)
    _moved(source, _wide(mean, size), _wide(share, size), np.float32(1 << (_DEPTH - depth)), out)
    return out


def _flatness(source: Samples, small: tuple[int, ...]) -> NDArray[np.float32]:
    """1 where nothing around differs by more than a shallow slope does, 0 where there is something to see."""
    most, least = (
        cv2.resize(bound(source, _AROUND), small, interpolation=cv2.INTER_NEAREST)
        for bound in (cv2.dilate, cv2.erode)
    )
    span = cv2.dilate(most, _NEAR).astype(np.float32) - cv2.erode(least, _NEAR)
    share = (_BUSY - span) / np.float32(_BUSY - _FLAT)
    return np.asarray(np.clip(share, 0, 1), dtype=np.float32)


def _wide(small: Any, size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


@compiled
def _moved(source: Any, mean: Any, share: Any, unit: Any, out: Any) -> None:
    """Each sample by its share of the way to the mean, by less than half a code."""
    half, top = np.float32(0.5) - np.float32(1) / unit, np.float32(65535)
    for j in range(source.shape[0]):
        for i in range(source.shape[1]):
            code = np.float32(source[j, i])
            away = min(max(mean[j, i] - code, -half), half)
            out[j, i] = np.uint16(
                min(max((code + share[j, i] * away) * unit + np.float32(0.5), np.float32(0)), top)
            )
