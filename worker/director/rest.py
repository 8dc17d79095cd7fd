"""Whether the camera rests though a motion was found: what has edges would show it, and shows none.

Flow needs corners; a white room has few, and a ball in it has most of them. Edges are enough to see rest.
"""

from typing import Final

import cv2
import numpy as np

from worker.director.flow import Floats
from worker.director.frames import Grey

_CALMED: Final = 1.0
_SHOWS_CODES: Final = 3.0  # what the claimed motion would change of an edge
_STAYS: Final = 0.35  # of that: an edge that changes less does not move so
_PARTS: Final = (12, 8)
_RESTING: Final = 0.7  # of the parts with edges that would show it
_AT_THE_BOTTOM: Final = 0.5  # where what is near is: a camera that travels moves it, if it moves anything
_GROUND: Final = 1 / 4  # of the parts at the bottom: with fewer edges it is no ground, but a thing
_LEAST_PARTS: Final = 8


class Edges:
    """The edges of one pair of frames."""

    def __init__(self, before: Grey, after: Grey) -> None:
        one, other = (cv2.GaussianBlur(each, (0, 0), _CALMED).astype(np.float32) for each in (before, after))
        self._across = np.asarray(cv2.Sobel(one, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32)
        self._down = np.asarray(cv2.Sobel(one, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32)
        self._change = np.abs(other - one)
        height, width = before.shape
        columns = np.arange(width, dtype=np.float32) - (width - 1) / 2
        rows = np.arange(height, dtype=np.float32) - (height - 1) / 2
        self._at = np.stack(np.meshgrid(columns, rows), -1).astype(np.float32)

    @property
    def at(self) -> Floats:
        """Every pixel, from the frame's middle."""
        return self._at.reshape(-1, 2)

    def deny(self, moved: Floats) -> bool:
        """Whether most of what would show a motion (in pixels, of every pixel) shows none of it."""
        claimed = moved.reshape(self._at.shape)
        wanted = np.abs(self._across * claimed[..., 0] + self._down * claimed[..., 1])
        shows = wanted > _SHOWS_CODES
        stays = shows & (self._change < _STAYS * wanted)
        edges, still = _by_parts(shows), _by_parts(stays)
        known = edges > 0.01
        if known.sum() < _LEAST_PARTS:
            return False
        shares = np.where(known, still / np.maximum(edges, 1e-6), 0.0)
        bottom = known[-2:]
        low = float(shares[-2:][bottom].mean()) if bottom.mean() > _GROUND else 1.0
        return float(shares[known].mean()) >= _RESTING and low >= _AT_THE_BOTTOM


def _by_parts(marked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    return np.asarray(cv2.resize(marked.astype(np.float32), _PARTS, interpolation=cv2.INTER_AREA), np.float32)
