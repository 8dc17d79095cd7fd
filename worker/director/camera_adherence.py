"""How far the camera did what a directive asks of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.telling import sentence
from plugin_backend.domain.direction.terms import Move
from worker.director.camera import Drift
from worker.director.camera_motion import PairMotion
from worker.director.moves import REACH, Travel, orbit_of, travel
from worker.director.standing import followed, not_measured
from worker.director.thresholds import limit

_WAYS: Final = {
    Move.PAN_RIGHT: (1.0, 0.0, 0.0, 0.0),
    Move.TRUCK_RIGHT: (1.0, 0.0, 0.0, 0.0),
    Move.PAN_LEFT: (-1.0, 0.0, 0.0, 0.0),
    Move.TRUCK_LEFT: (-1.0, 0.0, 0.0, 0.0),
    Move.TILT_UP: (0.0, -1.0, 0.0, 0.0),
    Move.CRANE_UP: (0.0, -1.0, 0.0, 0.0),
    Move.TILT_DOWN: (0.0, 1.0, 0.0, 0.0),
    Move.CRANE_DOWN: (0.0, 1.0, 0.0, 0.0),
    Move.ZOOM_IN: (0.0, 0.0, 1.0, 0.0),
    Move.DOLLY_IN: (0.0, 0.0, 1.0, 0.0),
    Move.ZOOM_OUT: (0.0, 0.0, -1.0, 0.0),
    Move.DOLLY_OUT: (0.0, 0.0, -1.0, 0.0),
    Move.ROLL_RIGHT: (0.0, 0.0, 0.0, 1.0),
    Move.ROLL_LEFT: (0.0, 0.0, 0.0, -1.0),
}
"""Right, down, inward and clockwise: what the whole of a move is made of."""

_AIMED: Final = frozenset({Move.ZOOM_IN, Move.ZOOM_OUT, Move.DOLLY_IN, Move.DOLLY_OUT})

Way = tuple[float, float, float, float]
_WORDS: Final = {0: ("left", "right"), 1: ("up", "down"), 2: ("out", "in"), 3: ("anticlockwise", "clockwise")}
_MARGIN_SECONDS: Final = 0.3
_SLOW, _FAST = 0.45, 0.9
_TOO_FAST_FOR_SLOW: Final = 0.16  # widths a second
_TOO_SLOW_FOR_FAST: Final = 0.04


@dataclass(frozen=True, slots=True)
class CameraJudge:
    """Compares what was measured with what was asked; `asked` are all camera directives of the shot."""

    motions: Sequence[PairMotion]
    drift: Drift
    asked: tuple[Directive, ...]
    seconds: float
    aspect: float

    def judge(self, directive: Directive) -> Adherence:
        """One directive; where the brief leaves its direction open, the way that it went counts."""
        move = directive.move
        if not directive.either_way or move is None or move.other_way is None:
            return self._judged(directive)
        turned = replace(directive, move=move.other_way, either_way=False)
        asked = tuple(turned if each is directive else each for each in self.asked)
        ways = (self._judged(directive), replace(self, asked=asked).judge(turned))
        return max(ways, key=lambda found: found.score or 0.0)

    def _judged(self, directive: Directive) -> Adherence:
        during = travel(self._within(directive), aspect=self.aspect)
        if not during.is_measured:
            return not_measured(directive, sentence("camera.lost"))
        move = directive.move
        if move is Move.STATIC:
            return _static(directive, during)
        if move is Move.HANDHELD:
            return _handheld(directive, during)
        if move in {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}:
            return self._orbit(directive, during)
        return self._moved(directive, during)

    def onset(self, directive: Directive) -> float | None:
        """When the camera begins to go the asked way; None if it never does."""
        way = _way(directive, aspect=self.aspect)
        if way is None:
            return None
        along = [(each.at_seconds, _dot(_pair_components(each, self.aspect), way)) for each in self.motions]
        least = max([limit("static"), *(0.35 * speed for _, speed in along)])
        return next((moment for moment, speed in along if speed >= least), None)

    def _within(self, directive: Directive) -> list[PairMotion]:
        start, end = float(directive.from_seconds), float(directive.to_seconds)
        return [each for each in self.motions if start <= each.at_seconds <= end]

    def _moved(self, directive: Directive, during: Travel) -> Adherence:
        way = _way(directive, aspect=self.aspect)
        if way is None:
            return not_measured(directive, sentence("camera.no-way"))
        gone = _components(during)
        along = _dot(gone, way)
        others = self._unasked(directive, gone)
        straight = along / max(math.hypot(along, others), 1e-9)
        parts = {
            "direction": max(0.0, min(1.0, (straight - 0.3) / 0.5)) if along > 0 else 0.0,
            "presence": max(0.0, min(1.0, along / limit("static") - 0.5)),
            "speed": _speed_score(directive, along, aspect=self.aspect),
            "timing": self._timing(directive, way),
        }
        score = parts["direction"] * parts["presence"] * math.sqrt(parts["speed"]) * parts["timing"]
        return followed(
            directive,
            score=score,
            confidence=during.confidence,
            says=_told(during, along=along),
            measured=_figures(during) | {f"{name}_score": round(value, 3) for name, value in parts.items()},
        )

    def _unasked(self, directive: Directive, gone: Way) -> float:
        """What the camera did besides, along axes that nothing asked for at the time."""
        axes = set()
        for each in self.asked:
            way = _way(each, aspect=self.aspect)
            if way is not None and _overlap(each, directive) > 0:
                axes |= {axis for axis, part in enumerate(way) if abs(part) > 0.2}
                axes |= {0, 1} if each.vector is not None and each.move in _AIMED else set()
        return math.hypot(*(part for axis, part in enumerate(gone) if axis not in axes), 0.0)

    def _timing(self, directive: Directive, way: Way) -> float:
        """The share of the motion that fell into the directive's own time."""
        start, end = float(directive.from_seconds), float(directive.to_seconds)
        if start < _MARGIN_SECONDS and end > self.seconds - _MARGIN_SECONDS:
            return 1.0
        inside = outside = 0.0
        for each in self.motions:
            along = max(0.0, _dot(_pair_components(each, self.aspect), way))
            if start - _MARGIN_SECONDS <= each.at_seconds <= end + _MARGIN_SECONDS:
                inside += along * each.seconds
            elif not self._asked_then(directive, way, each.at_seconds):
                outside += along * each.seconds
        return max(0.0, min(1.0, (inside / max(inside + outside, 1e-9) - 0.3) / 0.5))

    def _asked_then(self, directive: Directive, way: Way, moment: float) -> bool:
        others = (
            _way(each, aspect=self.aspect)
            for each in self.asked
            if each is not directive and each.from_seconds <= moment <= each.to_seconds
        )
        return any(other is not None and _dot(way, other) > 0.5 for other in others)

    def _orbit(self, directive: Directive, during: Travel) -> Adherence:
        seen = orbit_of(self.drift, during)
        if seen is None and during.speed >= limit("static"):
            return not_measured(directive, sentence("camera.no-orbit"), measured=_figures(during))
        says = (
            sentence("camera.unmoved")
            if seen is None
            else sentence("camera.orbits", side=seen.value.rpartition("-")[2])
        )
        score = 1.0 if seen is directive.move else 0.0
        return followed(
            directive, score=score, confidence=0.7 * during.confidence, says=says, measured=_figures(during)
        )


def _dot(one: Way, other: Way) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _overlap(one: Directive, other: Directive) -> float:
    return float(min(one.to_seconds, other.to_seconds) - max(one.from_seconds, other.from_seconds))


def _way(directive: Directive, *, aspect: float) -> Way | None:
    """The direction asked for, of length 1: widths right and down, inward, clockwise."""
    if directive.move in _AIMED:
        return _WAYS[directive.move]  # its vector is only what it heads for
    if directive.vector is not None and any(directive.vector):
        x, y = directive.vector[0], directive.vector[1] / aspect
        length = math.hypot(x, y)
        return x / length, y / length, 0.0, 0.0
    return None if directive.move is None else _WAYS.get(directive.move)


def _components(during: Travel) -> Way:
    _, _, zoom, roll = during.strengths
    return (
        during.x,
        during.y / during.aspect,
        math.copysign(zoom, during.zoom),
        math.copysign(roll, during.roll),
    )


def _pair_components(pair: PairMotion, aspect: float) -> Way:
    reach = REACH * math.hypot(1, 1 / aspect)
    return pair.x, pair.y / aspect, pair.zoom * reach, math.radians(pair.roll) * reach


def _speed_score(directive: Directive, along: float, *, aspect: float) -> float:
    """Against an asked speed: 1 within 30 %, 0 from four times on. Of a word only the contrary counts."""
    if directive.vector is not None and any(directive.vector) and directive.move not in _AIMED:
        asked = math.hypot(directive.vector[0], directive.vector[1] / aspect)
        off = abs(math.log(max(along, 1e-6) / asked))
        return max(0.0, min(1.0, 1 - (off - math.log(1.3)) / (math.log(4) - math.log(1.3))))
    if directive.strength <= _SLOW:
        return min(1.0, _TOO_FAST_FOR_SLOW / max(along, 1e-6))
    if directive.strength >= _FAST:
        return min(1.0, along / _TOO_SLOW_FOR_FAST)
    return 1.0


def _static(directive: Directive, during: Travel) -> Adherence:
    ratio = max(during.speed / limit("static"), during.shake / limit("handheld") if during.is_shaken else 0.0)
    score = max(0.0, min(1.0, 2.0 - ratio))
    says = (
        sentence("camera.still")
        if score >= 0.7
        else sentence("camera.moving", speed=f"{during.speed:.3f}")
        if during.speed >= limit("static")
        else sentence("camera.unsteady", shake=f"{1000 * during.shake:.1f}")
    )
    return followed(
        directive, score=score, confidence=during.confidence, says=says, measured=_figures(during)
    )


def _handheld(directive: Directive, during: Travel) -> Adherence:
    score = max(0.0, min(1.0, 2 * during.shake / limit("handheld") - 1))
    says = sentence("camera.sways", shake=f"{1000 * during.shake:.1f}")
    return followed(
        directive, score=score, confidence=during.confidence, says=says, measured=_figures(during)
    )


def _told(during: Travel, *, along: float) -> str:
    if during.speed < limit("static"):
        return sentence("camera.unmoved")
    parts = _components(during)
    axis = max(range(4), key=lambda each: abs(parts[each]))
    way = _WORDS[axis][parts[axis] > 0]
    code = "camera.moves" if along > 0 else "camera.otherwise"
    return sentence(code, way=way, speed=f"{abs(parts[axis]):.3f}")


def _figures(during: Travel) -> dict[str, Any]:
    return {
        "x_widths_per_second": round(during.x, 4),
        "y_heights_per_second": round(during.y, 4),
        "zoom_ln_per_second": round(during.zoom, 4),
        "roll_degrees_per_second": round(during.roll, 2),
        "shake_widths": round(during.shake, 5),
    }
