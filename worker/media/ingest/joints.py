"""Where chained parts meet: an extension often begins with the very frame that the part before ended with.

Whether it does is measured, not assumed. Beside the joint stand four frames, two on either side. A frame that
was only coded a second time differs from itself by the coder's noise, while its neighbours differ by what
moved; so the joint's two count as one frame when they differ by less than half of what either neighbour does.
A picture that hardly moves is left as it is: there one frame more is not seen, one frame less may be missed.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.media.kernels import Rgb16

SmallGrey = NDArray[np.float32]

_WIDTH: Final = 160
_SOFTNESS: Final = 1.5
_LESS_THAN: Final = 0.5
_MOVING_CODES: Final = 0.2


@dataclass(frozen=True, slots=True)
class Joint:
    """What was measured at one joint."""

    difference_codes: float
    is_repeated: bool


def small_grey(shown: Rgb16) -> SmallGrey:
    """What is compared: luma in 8-bit codes, small and soft, so that grain and coding noise average out."""
    height, width = shown.shape[:2]
    size = (_WIDTH, max(2, round(height * _WIDTH / width)))
    small = cv2.resize(shown, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(257)
    luma = small @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), _SOFTNESS), dtype=np.float32)


def joint_of(before: tuple[SmallGrey, ...], after: tuple[SmallGrey, ...]) -> Joint:
    """Judge a joint by the last two frames before it and the first two after it, in order."""
    met = _apart(before[-1], after[0])
    if len(before) < 2 or len(after) < 2:
        return Joint(met, is_repeated=False)
    moved = min(_apart(before[-2], before[-1]), _apart(after[0], after[1]))
    return Joint(met, is_repeated=moved > _MOVING_CODES and met < _LESS_THAN * moved)


def _apart(one: SmallGrey, other: SmallGrey) -> float:
    return float(np.abs(one - other).mean())
