"""Watching the picture itself: light, colour and change, a few figures for every frame."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.director.flow import FlowMeter
from worker.director.frames import Grey, SmallFrame

Series = NDArray[np.float64]

_PARTS: Final = (3, 3)
_SKETCH: Final = (32, 18)
_BLOCKS: Final = (16, 9)
_MAYBE_A_CUT: Final = 0.3


@dataclass(frozen=True, slots=True)
class Look:
    """One frame; what compares it with the frame before is 0 for the first."""

    parts: tuple[float, ...]
    """Mean luma, 0..255, of nine parts, row by row."""
    dark: float
    """One pixel in twenty is darker, 0..255."""
    light: float
    """And one brighter."""
    middle: float
    colour: tuple[float, float, float]
    """Mean red, green and blue, 0..255."""
    crushed: float
    clipped: float
    detail: float | None
    change: float
    """Mean difference to the frame before, in codes."""
    most_change: float
    """And of the part of it, of 144, that changed most."""
    unlike: float
    """1 minus the correlation with the frame before, at 32 x 18."""
    followed: float
    """Of a change that could be a cut: the share of the picture whose motion can be followed over it."""

    @property
    def brightness(self) -> float:
        """Mean luma, 0..255."""
        return sum(self.parts) / len(self.parts)


@dataclass(slots=True)
class PictureWatch:
    """Feed every frame in order; keeps the first and the last small picture and one `Look` for each."""

    looks: list[Look] = field(default_factory=list)
    first: SmallFrame | None = None
    last: SmallFrame | None = None

    def add(self, frame: SmallFrame) -> None:
        """Take in the next frame."""
        self.looks.append(_look(frame, self.last))
        self.first = self.first or frame
        self.last = frame

    def series(self, name: str) -> Series:
        """One figure of every frame."""
        return np.array([getattr(each, name) for each in self.looks], np.float64)


def _look(frame: SmallFrame, before: SmallFrame | None) -> Look:
    luma = frame.luma
    parts = cv2.resize(luma, _PARTS, interpolation=cv2.INTER_AREA).astype(np.float64).ravel()
    dark, middle, light = _quantiles(luma)
    red, green, blue = (float(value) for value in cv2.mean(frame.rgb)[:3])
    change, most, unlike, followed = (0.0, 0.0, 0.0, 1.0) if before is None else _compared(before, frame)
    return Look(
        tuple(float(part) for part in parts),
        dark,
        light,
        middle,
        (red, green, blue),
        frame.crushed,
        frame.clipped,
        frame.detail,
        change,
        most,
        unlike,
        followed,
    )


def _quantiles(luma: Grey) -> tuple[float, float, float]:
    sums = np.cumsum(np.bincount(luma.ravel(), minlength=256))
    low, middle, high = np.searchsorted(sums, np.array([0.05, 0.5, 0.95]) * sums[-1])
    return float(low), float(middle), float(high)


def _compared(before: SmallFrame, frame: SmallFrame) -> tuple[float, float, float, float]:
    off = cv2.absdiff(before.luma, frame.luma)
    blocks = cv2.resize(off.astype(np.float32), _BLOCKS, interpolation=cv2.INTER_AREA)
    unlike = 1 - correlation(before.luma, frame.luma)
    followed = _followed(before.luma, frame.luma) if unlike > _MAYBE_A_CUT else 1.0
    return float(off.mean()), float(blocks.max()), unlike, followed


def correlation(one: Grey, other: Grey) -> float:
    """Of two small pictures' shapes, whatever their brightness: 1 for the same, 0 for nothing in common."""
    flat = []
    for each in (one, other):
        sketch = cv2.resize(each, _SKETCH, interpolation=cv2.INTER_AREA).astype(np.float64)
        flat.append((sketch - sketch.mean()).ravel())
    size = float(np.linalg.norm(flat[0]) * np.linalg.norm(flat[1]))
    floor = _SKETCH[0] * _SKETCH[1] * 2.0  # a deviation of about a code: without shape nothing is unlike
    if size < floor:
        return 1.0
    return float(flat[0] @ flat[1]) / size


def _followed(before: Grey, after: Grey) -> float:
    """The share of what there is to follow that is found again."""
    meter = FlowMeter()
    there, itself = meter.between(before, after), meter.between(before, before)
    return float(there.trust.sum() / max(float(itself.trust.sum()), 1e-6))
