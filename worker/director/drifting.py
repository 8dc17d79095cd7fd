"""Watching whether a take ends as what it began: what its first and last frames both show."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from worker.director.camera import Pair
from worker.director.flow import Floats
from worker.director.frames import Grey
from worker.director.keeping import unmoved
from worker.director.picture import correlation

_LEAST_OVERLAP: Final = 0.55


@dataclass(slots=True)
class DriftWatch:
    """Carries the first frame along with the camera; feed every pair in order."""

    _first: Grey | None = None
    _last: Grey | None = None
    _moved: Floats = field(default_factory=lambda: np.eye(3, dtype=np.float32))

    def add(self, pair: Pair) -> None:
        """Take in the next pair."""
        self._first = pair.before if self._first is None else self._first
        self._last = pair.after
        self._moved = pair.moved @ self._moved

    def likeness(self) -> float | None:
        """Correlation of what both ends show, large shapes only; None: too little is shown by both."""
        if self._first is None or self._last is None:
            return None
        there = unmoved(np.full_like(self._last, 255), self._moved) > 250
        if there.mean() < _LEAST_OVERLAP:
            return None
        back = unmoved(self._last, self._moved)
        one = np.where(there, self._first, 0).astype(np.uint8)
        other = np.where(there, back, 0).astype(np.uint8)
        return correlation(one, other)
