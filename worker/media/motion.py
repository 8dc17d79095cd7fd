"""Motion between neighbouring frames, by optical flow on small grey pictures."""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

_FROZEN_BELOW_CODES: Final = 0.05
CUT_ABOVE_CODES: Final = 48.0
_STEADY_AGREEMENT: Final = 0.2
_FINEST_LEVEL: Final = {cv2.DISOPTICAL_FLOW_PRESET_FAST: 2, cv2.DISOPTICAL_FLOW_PRESET_MEDIUM: 1}
_PATCH: Final = 8


@dataclass(frozen=True, slots=True)
class Motion:
    """Sums over neighbouring frames, in widths per frame."""

    pairs: int = 0
    speed: float = 0.0
    peak_speed: float = 0.0
    right: float = 0.0
    up: float = 0.0
    zoom: float = 0.0
    frozen: int = 0
    cuts: int = 0

    def __add__(self, other: "Motion") -> "Motion":
        return Motion(
            self.pairs + other.pairs,
            self.speed + other.speed,
            max(self.peak_speed, other.peak_speed),
            self.right + other.right,
            self.up + other.up,
            self.zoom + other.zoom,
            self.frozen + other.frozen,
            self.cuts + other.cuts,
        )

    @property
    def direction_degrees(self) -> float | None:
        """Where the content goes: 0 right, 90 up; none when it goes nowhere in common."""
        common = math.hypot(self.right, self.up)
        if common <= _STEADY_AGREEMENT * self.speed:
            return None
        return math.degrees(math.atan2(self.up, self.right)) % 360


def motion_between(before: Grey, after: Grey) -> Motion:
    """The motion of one pair; a cut moves nothing, and is only counted."""
    difference = float(cv2.absdiff(before, after).mean())
    if difference < _FROZEN_BELOW_CODES:
        return Motion(pairs=1, frozen=1)
    if difference > CUT_ABOVE_CODES:
        return Motion(cuts=1)
    flow = flow_between(before, after, preset=cv2.DISOPTICAL_FLOW_PRESET_FAST)
    if flow is None:
        return Motion(pairs=1)
    speed = np.hypot(flow[..., 0], flow[..., 1])
    right, down = (float(value) for value in flow.reshape(-1, 2).mean(axis=0))
    return Motion(
        pairs=1,
        speed=float(speed.mean()),
        peak_speed=float(np.percentile(speed, 95)),
        right=right,
        up=-down,
        zoom=_zoom(flow),
    )


def _zoom(flow: NDArray[np.float32]) -> float:
    """How much the flow is a growth about the centre: least squares against position."""
    height, width = flow.shape[:2]
    across = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / width
    along = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / width
    outward = (flow[..., 0] @ across).sum() + (flow[..., 1].T @ along).sum()
    return float(outward / (height * (across**2).sum() + width * (along**2).sum()))


def flow_between(before: Grey, after: Grey, *, preset: int) -> NDArray[np.float32] | None:
    """Where each pixel of the first goes in the second, in widths of the picture; `preset` is OpenCV's.

    None in a sliver, where there is too little to see. A strip is laid out with its edge repeated: where not
    one patch fits at the finest level the estimator works at, it raises, or brings the process down.
    """
    height, width = before.shape
    if min(height, width) < _PATCH:
        return None
    least = _PATCH << _FINEST_LEVEL[preset]
    bottom, right = max(0, least - height), max(0, 4 * least - width)
    greys = [
        cv2.copyMakeBorder(grey, 0, bottom, 0, right, cv2.BORDER_REPLICATE) if bottom or right else grey
        for grey in (before, after)
    ]
    estimator: Any = cv2.DISOpticalFlow.create(preset)
    flow: NDArray[np.float32] = estimator.calc(*map(np.ascontiguousarray, greys), None)
    return np.asarray(flow[:height, :width] / width, dtype=np.float32)
