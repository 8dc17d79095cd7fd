"""Watching the camera through a take: its motion pair by pair, and where each part of the frame drifts."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from plugin_backend.domain.direction.evaluation import CameraSample
from worker.director.camera_motion import PairMotion, pair_motion
from worker.director.flow import Field, Floats, FlowMeter
from worker.director.frames import Grey, SmallFrame
from worker.director.rest import Edges

_PAIRS_A_SECOND: Final = 12
_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two frames that were compared."""

    before: Grey
    after: Grey
    field: Field
    motion: PairMotion

    @property
    def moved(self) -> Floats:
        """Where the camera takes pixels, counted from the top left."""
        s = self.motion.similarity
        x, y = (self.field.width - 1) / 2, (self.field.height - 1) / 2
        a, b = 1 + s.grow, s.turn
        rows = [[a, -b, s.x + x - a * x + b * y], [b, a, s.y + y - b * x - a * y], [0, 0, 1]]
        return np.array(rows, np.float32)


@dataclass(slots=True)
class Drift:
    """The mean flow of each part of the frame over the whole take, widths a second."""

    sums: Floats | None = None
    trust: Floats | None = None
    at: Floats | None = None
    """Where the parts are, in widths from the middle."""

    def add(self, found: Field, seconds: float) -> None:
        """Take in one pair."""
        if self.sums is None or self.trust is None:
            self.sums, self.trust = np.zeros_like(found.by), np.zeros_like(found.trust)
            self.at = found.at / np.float32(found.width)
        self.sums += found.by * (found.trust / np.float32(found.width * seconds))[:, None]
        self.trust += found.trust

    def across(self) -> tuple[Floats, Floats, Floats]:
        """Of the parts with something to follow: how far below the middle, drift to the right, trust."""
        if self.sums is None or self.trust is None or self.at is None:
            return (np.zeros(0, np.float32),) * 3
        seen = self.trust > 0.25 * max(float(self.trust.max()), 1e-6)
        return self.at[seen, 1], self.sums[seen, 0] / self.trust[seen], self.trust[seen]


@dataclass(slots=True)
class CameraWatch:
    """Compares frames about a twelfth of a second apart; feed every frame in order."""

    rate: Fraction
    motions: list[PairMotion] = field(default_factory=list)
    drift: Drift = field(default_factory=Drift)
    _meter: FlowMeter = field(default_factory=FlowMeter)
    _last: SmallFrame | None = None

    @property
    def stride(self) -> int:
        """Frames from one look to the next."""
        return max(1, round(self.rate / _PAIRS_A_SECOND))

    def add(self, frame: SmallFrame) -> Pair | None:
        """The pair that this frame completes."""
        if frame.number % self.stride:
            return None
        last, self._last = self._last, frame
        if last is None:
            return None
        seconds = float((frame.number - last.number) / self.rate)
        middle = float((frame.number + last.number) / self.rate) / 2
        found = self._meter.between(last.luma, frame.luma)
        edges = Edges(last.luma, frame.luma)
        motion = pair_motion(found, at_seconds=middle, seconds=seconds, edges=edges)
        self.motions.append(motion)
        self.drift.add(found, seconds)
        return Pair(last.luma, frame.luma, found, motion)

    def samples(self) -> tuple[CameraSample, ...]:
        """As an evaluation tells them."""
        return tuple(
            CameraSample(
                *(round(each, _DIGITS) for each in (m.at_seconds, m.x, m.y, m.zoom, m.roll, m.confidence))
            )
            for m in self.motions
        )
