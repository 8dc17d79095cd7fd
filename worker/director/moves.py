"""What a camera did, in words: the one move of a whole shot or of a part of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin_backend.domain.direction.terms import Move
from worker.director.camera import Drift
from worker.director.camera_motion import PairMotion
from worker.director.thresholds import limit

UNKNOWN: Final = "unknown"
MIXED: Final = "mixed"

REACH: Final = 0.29  # of the diagonal
_SMOOTH_SECONDS: Final = 0.7  # a camera on a tripod or rails changes its speed no faster
_ENOUGH_PARTS: Final = 40
_BESIDE: Final = 0.6  # of the strongest motion: a second one as strong makes the move a mixed one
_LEAST_CONFIDENCE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Travel:
    """The camera's mean motion over a part of a shot, a second, and how unsteady it was."""

    x: float
    y: float
    zoom: float
    roll: float
    shake: float
    """Root mean square of the path about its smooth course, in widths."""
    peak: float
    """The fastest moment, widths a second."""
    parallax: float
    confidence: float
    aspect: float

    @property
    def strengths(self) -> tuple[float, float, float, float]:
        """How far x, y, zoom and roll each take a typical point: widths a second."""
        reach = REACH * math.hypot(1, 1 / self.aspect)
        return (
            abs(self.x),
            abs(self.y) / self.aspect,
            abs(self.zoom) * reach,
            abs(math.radians(self.roll)) * reach,
        )

    @property
    def speed(self) -> float:
        """Widths a second of a typical point."""
        return math.hypot(*self.strengths)

    @property
    def is_measured(self) -> bool:
        """Whether there was enough to follow."""
        return self.confidence >= _LEAST_CONFIDENCE

    @property
    def is_shaken(self) -> bool:
        """Whether nothing but a hand moved it."""
        return self.shake >= limit("handheld")


def travel(motions: Sequence[PairMotion], *, aspect: float) -> Travel:
    """The mean of some pairs of frames, weighted by their confidence."""
    if not motions:
        return Travel(0, 0, 0, 0, 0, 0, 0, 0, aspect)
    weight = np.array([each.seconds * max(each.confidence, 1e-6) for each in motions])
    rows = np.array([[each.x, each.y, each.zoom, each.roll, each.parallax] for each in motions])
    mean = weight @ rows / weight.sum()
    speeds = np.hypot(rows[:, 0], rows[:, 1] / aspect)
    return Travel(
        x=float(mean[0]),
        y=float(mean[1]),
        zoom=float(mean[2]),
        roll=float(mean[3]),
        shake=_shake(motions, aspect=aspect),
        peak=float(speeds.max()),
        parallax=float(np.median(rows[:, 4])),
        confidence=float(np.mean([each.confidence for each in motions])),
        aspect=aspect,
    )


def word(whole: Travel, drift: Drift | None = None) -> str:
    """The move's name, or `mixed`, or `unknown`."""
    if not whole.is_measured:
        return UNKNOWN
    orbit = None if drift is None else orbit_of(drift, whole)
    if orbit is not None:
        return orbit.value
    if whole.speed < limit("static"):
        return (Move.HANDHELD if whole.is_shaken else Move.STATIC).value
    if whole.is_shaken and whole.speed < 12 * whole.shake:
        return Move.HANDHELD.value
    *others, strongest = sorted(whole.strengths)
    if others[-1] > _BESIDE * strongest:
        return MIXED
    return _named(whole)


def _named(whole: Travel) -> str:
    deep = whole.parallax >= limit("parallax")
    x, y, zoom, roll = whole.strengths
    if roll >= max(x, y, zoom):
        return (Move.ROLL_RIGHT if whole.roll > 0 else Move.ROLL_LEFT).value
    if zoom >= max(x, y):
        inward = Move.DOLLY_IN if deep else Move.ZOOM_IN
        outward = Move.DOLLY_OUT if deep else Move.ZOOM_OUT
        return (inward if whole.zoom > 0 else outward).value
    if x >= y:
        right = Move.TRUCK_RIGHT if deep else Move.PAN_RIGHT
        left = Move.TRUCK_LEFT if deep else Move.PAN_LEFT
        return (right if whole.x > 0 else left).value
    down = Move.CRANE_DOWN if deep else Move.TILT_DOWN
    up = Move.CRANE_UP if deep else Move.TILT_UP
    return (down if whole.y > 0 else up).value


def orbit_of(drift: Drift, whole: Travel) -> Move | None:
    """An orbit turns the frame about something between what is near and what is far: they part ways.

    What is near is lower in the frame, as ground is. A camera that travels right takes it to the left, more
    than what is above; if the picture as a whole goes the other way, the camera turns back while it travels.
    """
    parting, typical = _parting(drift)
    x, y, zoom, _ = whole.strengths
    least = max(2 * limit("static"), limit("orbit") * x, 2 * y, 4 * zoom)
    if typical < limit("static") / 2 or abs(parting) < least or whole.parallax < limit("parallax"):
        return None
    travels = -math.copysign(1.0, parting)
    if travels * whole.x > limit("static") / 4 or whole.is_shaken:
        return None  # it goes where it travels: a truck
    return Move.ORBIT_RIGHT if travels > 0 else Move.ORBIT_LEFT


def _parting(drift: Drift) -> tuple[float, float]:
    """How much faster the frame's bottom drifts to the right than its top, and how fast its median part.

    In widths a second; the first by a straight line through all parts.
    """
    rows, right, trust = drift.across()
    if len(rows) < _ENOUGH_PARTS:
        return 0.0, 0.0
    middle, mean = float(np.average(rows, weights=trust)), float(np.average(right, weights=trust))
    spread = float(trust @ (rows - middle) ** 2)
    slope = float(trust @ ((rows - middle) * (right - mean))) / max(spread, 1e-9)
    order = np.argsort(np.abs(right))
    half = int(np.searchsorted(np.cumsum(trust[order]), float(trust.sum()) / 2))
    return slope * float(np.ptp(rows)), float(np.abs(right)[order[min(half, len(order) - 1)]])


def _shake(motions: Sequence[PairMotion], *, aspect: float) -> float:
    """Where the camera is beside where it would be, had it gone smoothly."""
    step = float(np.median([each.seconds for each in motions]))
    half = max(1, round(_SMOOTH_SECONDS / step / 2))
    if len(motions) < 2 * half + 2:
        return 0.0
    steps = np.array([[each.x, each.y / aspect] for each in motions]) * step
    path = np.cumsum(steps, axis=0)
    window = np.arange(-half, half + 1)
    off = [_beside(path[middle + window], window) for middle in range(half, len(path) - half)]
    return float(np.sqrt(np.mean(np.square(off)) * 2))


def _beside(
    path: np.ndarray[tuple[int, int], np.dtype[np.float64]], window: np.ndarray[tuple[int], np.dtype[np.int_]]
) -> list[float]:
    """The middle of a piece of path against the parabola through the piece."""
    middle = len(window) // 2
    return [float(axis[middle] - np.polyval(np.polyfit(window, axis, 2), 0)) for axis in path.T]
