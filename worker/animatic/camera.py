"""The multiplane camera: planned moves and drawn strokes become a state for every moment.

Scene units: the picture is 1 high, (0, 0) is its middle, y points down. A point drawn at depth d (1 is
near, larger is farther) moves by 1/d of what the camera does; a dolly magnifies it by d / (d - z).
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, assert_never

from plugin_backend.domain.direction.marked_camera import framed
from plugin_backend.domain.direction.shot import CameraMove
from plugin_backend.domain.direction.terms import Ease, Move
from worker.animatic.spec import Annotation, ShotSpec

FAR: Final = 1e6  # a depth without parallax
_MIDST: Final = 3.2  # the depth in the midst of our own scenes; a supplied picture is shallower
_RAMP: Final = 0.15  # seconds in which a drawn move starts and stops, or that share of it if less


_TRAVEL: Final = {
    Move.STATIC,
    Move.DOLLY_IN,
    Move.DOLLY_OUT,
    Move.TRUCK_LEFT,
    Move.TRUCK_RIGHT,
    Move.CRANE_UP,
    Move.CRANE_DOWN,
}


_ROLLS: Final = {Move.ROLL_LEFT, Move.ROLL_RIGHT}


@dataclass(frozen=True, slots=True)
class CameraState:
    """Where the camera stands and looks at one moment."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0
    orbit: float = 0.0  # radians
    roll: float = 0.0  # radians, clockwise as the operator turns it


def eased(share: float, ease: Ease) -> float:
    """Progress of 0..1 along a move."""
    share = min(1.0, max(0.0, share))
    match ease:
        case Ease.LINEAR:
            return share
        case Ease.IN:
            return share * share
        case Ease.OUT:
            return share * (2.0 - share)
        case Ease.IN_OUT:
            return share * share * share * (share * (share * 6.0 - 15.0) + 10.0)
        case _:
            assert_never(ease)


def even(seconds: float, start: float, end: float) -> float:
    """Progress of 0..1 along a drawn stroke: at one speed, but for a short start and stop."""
    span = max(end - start, 1e-6)
    share, ramp = min(1.0, max(0.0, (seconds - start) / span)), min(_RAMP, _RAMP / span)
    speed = 1.0 / (1.0 - ramp)
    if share < ramp:
        return 0.5 * speed * share * share / ramp
    if share > 1.0 - ramp:
        return 1.0 - 0.5 * speed * (1.0 - share) ** 2 / ramp
    return speed * (share - 0.5 * ramp)


@dataclass(frozen=True, slots=True)
class Rig:
    """One shot's camera. `pivot`: the depth an orbit turns around; `reach`: where a drawn stroke is exact.

    `anchor`: when the composition is met; `vanish`: the point a zoom heads for.
    """

    moves: tuple[CameraMove, ...]
    strokes: tuple[Annotation, ...]
    seconds: float
    loop: bool
    seed: int
    aspect: float
    pivot: float = 2.0
    reach: float = 2.0
    anchor: float | None = None
    vanish: tuple[float, float] = (0.0, 0.0)

    @property
    def still(self) -> bool:
        """Whether nothing moves the camera."""
        held = all(stroke.manner == "hold" for stroke in self.strokes)
        return held and all(move.move is Move.STATIC for move in self.moves)

    @property
    def distance_stands(self) -> bool:
        """Whether what is far stays where it is: the camera only travels, it never turns or zooms."""
        travelled = all(stroke.manner in ("travel", "dolly", "hold") for stroke in self.strokes)
        return travelled and all(move.move in _TRAVEL for move in self.moves)

    @property
    def rolls(self) -> bool:
        """Whether the picture turns about its middle."""
        drawn = any(stroke.manner == "roll" for stroke in self.strokes)
        return drawn or any(move.move in _ROLLS for move in self.moves)

    @property
    def cover(self) -> float:
        """How far a picture that rolls is magnified throughout, so that no corner of it stays empty.

        A supplied picture is shown as it is, so its corners are mirrored instead.
        """
        if not self.rolls or self.anchor is not None:
            return 1.0
        roll = max(abs(self.state(self.seconds * step / 32).roll) for step in range(33))
        return math.cos(roll) + max(self.aspect, 1.0 / self.aspect) * math.sin(roll)

    def state(self, time: float) -> CameraState:
        """Where the camera is at a time in seconds."""
        state = CameraState()
        for stroke in self.strokes:
            state = self._drawn(state, stroke, time)
        for move in self.moves:
            state = self._moved(state, move, time)
        return state

    def _progress(self, start: float, end: float, ease: Ease, time: float) -> float:
        share = (time - start) / max(end - start, 1e-6)
        if self.loop:  # there and back again, so that the seam cannot be seen
            return 0.5 - 0.5 * math.cos(2.0 * math.pi * time / self.seconds)
        return eased(share, ease)

    def _moved(self, state: CameraState, move: CameraMove, time: float) -> CameraState:  # noqa: PLR0911, C901 - one per move
        start, end = float(move.from_seconds), min(float(move.to_seconds), self.seconds)
        progress = self._progress(start, end, move.ease, time)
        lateral = (progress - (0.5 if self.anchor is None else self.anchor)) * move.strength
        inward = (progress - (self.anchor or 0.0)) * move.strength
        match move.move:
            case Move.STATIC:
                return state
            case Move.HANDHELD:
                return self._shaken(state, time, move.strength)
            case Move.DOLLY_IN | Move.DOLLY_OUT:
                sign = 1.0 if move.move is Move.DOLLY_IN else -1.0
                return replace(state, z=state.z + 0.75 * sign * inward)
            case Move.TRUCK_LEFT | Move.TRUCK_RIGHT:
                reach = 3.6 if move.tracking else 1.5  # keeping up with a walker takes a longer track
                return replace(state, x=state.x + _sign(move.move, Move.TRUCK_RIGHT) * reach * lateral)
            case Move.PAN_LEFT | Move.PAN_RIGHT:
                return replace(state, pan=state.pan + _sign(move.move, Move.PAN_RIGHT) * 0.7 * lateral)
            case Move.TILT_UP | Move.TILT_DOWN:
                return replace(state, tilt=state.tilt + _sign(move.move, Move.TILT_DOWN) * 0.4 * lateral)
            case Move.CRANE_UP | Move.CRANE_DOWN:
                return replace(state, y=state.y + _sign(move.move, Move.CRANE_DOWN) * 1.05 * lateral)
            case Move.ORBIT_LEFT | Move.ORBIT_RIGHT:
                return self._orbited(state, _sign(move.move, Move.ORBIT_RIGHT) * lateral * math.pi / 2)
            case Move.ZOOM_IN | Move.ZOOM_OUT:
                sign = _sign(move.move, Move.ZOOM_IN)
                return replace(state, zoom=state.zoom * math.exp(0.6 * sign * inward))
            case Move.ROLL_LEFT | Move.ROLL_RIGHT:
                return replace(state, roll=state.roll + _sign(move.move, Move.ROLL_RIGHT) * 0.35 * lateral)
            case _:
                assert_never(move.move)

    def _orbited(self, state: CameraState, angle: float) -> CameraState:
        across = 0.8 * math.sin(angle)
        return replace(
            state, x=state.x + across, pan=state.pan - across / self.pivot, orbit=state.orbit + angle
        )

    def _shaken(self, state: CameraState, time: float, strength: float) -> CameraState:
        sway = [0.0, 0.0]
        for axis in range(2):
            for index, hertz in enumerate((0.31, 0.83, 1.9, 3.7)):
                turns = max(1, round(hertz * self.seconds)) / self.seconds if self.loop else hertz
                phase = 2.399 * ((self.seed % 997) + 7 * index + 31 * axis)
                sway[axis] += math.sin(2.0 * math.pi * turns * time + phase) * 0.011 / (1.0 + 0.9 * index)
        return replace(
            state,
            x=state.x + 0.9 * sway[0] * strength,
            pan=state.pan + sway[0] * strength,
            tilt=state.tilt + sway[1] * strength,
        )

    def _drawn(self, state: CameraState, stroke: Annotation, time: float) -> CameraState:  # noqa: PLR0911, C901 - one per manner
        """A stroke moves the camera along itself, exactly at its reach; other manners by strength."""
        progress = even(time, stroke.from_seconds, stroke.to_seconds)
        if self.loop:
            progress = 0.5 - 0.5 * math.cos(2.0 * math.pi * time / self.seconds)
        amount = (-1.0 if stroke.is_back else 1.0) * stroke.strength * progress
        match stroke.manner:
            case "travel":
                across, down = self._along(stroke, progress)
                return replace(state, x=state.x + across * self.reach, y=state.y + down * self.reach)
            case "turn":
                across, down = self._along(stroke, progress)
                return replace(state, pan=state.pan + across, tilt=state.tilt + down)
            case "dolly":
                return replace(state, z=state.z + 0.75 * amount)
            case "zoom":
                return replace(state, zoom=state.zoom * math.exp(0.6 * amount))
            case "orbit":
                return self._orbited(state, amount * math.pi / 2)
            case "roll":
                return replace(state, roll=state.roll + 0.35 * amount)
            case "frame":
                return self._framed(state, stroke, progress)
            case "shake":
                is_on = stroke.from_seconds <= time <= stroke.to_seconds
                return self._shaken(state, time, stroke.strength) if is_on else state
            case "hold":
                return state
            case _:
                assert_never(stroke.manner)

    def _along(self, stroke: Annotation, progress: float) -> tuple[float, float]:
        across, down = along(stroke.points, progress, aspect=self.aspect)
        return across * self.aspect, down

    def _framed(self, state: CameraState, stroke: Annotation, progress: float) -> CameraState:
        """An even zoom that ends on the outline, or starts on it: what is shown shrinks about one point."""
        (x, y), size = framed(stroke.points)
        shown = size ** ((1.0 - progress) if stroke.is_back else progress)
        gone = (1.0 - shown) / (1.0 - size) if size < 1.0 else progress
        across, down = (x - 0.5) * self.aspect * gone, (y - 0.5) * gone
        zoom, (vx, vy) = 1.0 / shown, self.vanish
        return replace(
            state,
            zoom=state.zoom * zoom,
            pan=state.pan + vx * (1.0 - zoom) + zoom * across,
            tilt=state.tilt + vy * (1.0 - zoom) + zoom * down,
        )


def _sign(move: Move, positive: Move) -> float:
    return 1.0 if move is positive else -1.0


def along(
    points: tuple[tuple[float, float], ...], progress: float, *, aspect: float = 1.0
) -> tuple[float, float]:
    """How far a polyline has gone from its first point, by its own length on a picture of that shape."""
    lengths = [math.hypot((bx - ax) * aspect, by - ay) for (ax, ay), (bx, by) in pairwise(points)]
    left = progress * sum(lengths)
    x, y = points[0] if points else (0.0, 0.0)
    for (ax, ay), (bx, by), length in zip(points, points[1:], lengths, strict=False):
        share = min(1.0, left / length) if length > 0 else 0.0
        x, y = ax + (bx - ax) * share, ay + (by - ay) * share
        left -= length
        if left <= 0:
            break
    return (x - points[0][0], y - points[0][1]) if points else (0.0, 0.0)


def rig_of(spec: ShotSpec, *, pivot: float = 2.0) -> Rig:
    """The camera a spec asks for: drawn strokes lead, words count where nothing is drawn, ours come last."""
    supplied = spec.first_frame is not None or spec.last_frame is not None
    anchor = (0.0 if spec.first_frame else 1.0) if supplied else None
    strokes = tuple(a for a in spec.annotations if a.target == "camera")
    moves = spec.plan.motion.camera
    return Rig(
        moves=tuple(move for move in moves if move.asked and _is_free(move, strokes)) if strokes else moves,
        strokes=strokes,
        seconds=spec.seconds,
        loop=spec.loop,
        seed=spec.seed,
        aspect=spec.width / spec.height,
        pivot=pivot,
        reach=pivot if supplied else max(pivot, _MIDST),
        anchor=anchor,
    )


def _is_free(move: CameraMove, strokes: tuple[Annotation, ...]) -> bool:
    """Whether nothing was drawn for the time of a move."""
    return all(
        stroke.to_seconds <= move.from_seconds or stroke.from_seconds >= move.to_seconds for stroke in strokes
    )
