"""Watching what goes its own way: its motion beside the camera's, summed over the frame."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from worker.director.camera import Pair

_OWN_WAY: Final = 0.02  # widths a second beside the camera's
LEAST_AREA: Final = 0.002  # of the frame: less than that does not count as something


@dataclass(slots=True)
class Movers:
    """What goes its own way in a take, summed over the whole frame; feed every pair in order."""

    moments: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    """At which second; mean own motion in widths a second, right and down; the area; where it is, across."""

    def add(self, pair: Pair) -> None:
        """Take in the next pair."""
        width = pair.field.width
        own = (pair.field.by - pair.motion.similarity.moved(pair.field.at)) / width / pair.motion.seconds
        speed = np.linalg.norm(own, axis=1)
        least = max(_OWN_WAY, 0.7 / width / pair.motion.seconds)
        moving = (speed > least) & (pair.field.trust > 0.15)
        area = float(moving.mean())
        if not moving.any():
            self.moments.append((pair.motion.at_seconds, 0.0, 0.0, 0.0, 0.5))
            return
        right, down = own[moving].mean(axis=0)
        across = float(np.median(pair.field.at[moving, 0])) / width + 0.5
        self.moments.append((pair.motion.at_seconds, float(right), float(down), area, across))

    def within(self, start: float, end: float) -> tuple[float, float, float, float]:
        """Between two times: motion right and down (widths a second), how much at one, 0..1, and the area."""
        rows = np.array([each for each in self.moments if start <= each[0] <= end])
        if not len(rows) or float(rows[:, 3].max()) < LEAST_AREA:
            return 0.0, 0.0, 0.0, 0.0
        weight = rows[:, 3] / rows[:, 3].sum()
        right, down = float(weight @ rows[:, 1]), float(weight @ rows[:, 2])
        all_of_it = float(weight @ np.hypot(rows[:, 1], rows[:, 2]))
        return right, down, math.hypot(right, down) / max(all_of_it, 1e-9), float(rows[:, 3].mean())
