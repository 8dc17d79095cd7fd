"""Asked and measured motion in one drawing on a frame: dashed and orange, solid and blue."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.drawing import bounds_of, middle_of
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.terms import Move
from worker.director import strokes
from worker.director.strokes import Ink, Pixel
from worker.media.kernels import Rgb8

ASKED: Final[Ink] = (240, 170, 30)
MEASURED: Final[Ink] = (96, 190, 245)
"""Orange and sky blue: told apart by people who see red and green alike, and by dashes besides."""

_WHOLE_ZOOM: Final = 0.6  # natural logarithm: what a zoom at full strength magnifies by
_USUAL_REACH: Final = 0.3  # frame widths: how long a move without a speed is drawn at full strength
_WAYS: Final = {
    Move.TRUCK_LEFT: (-1.0, 0.0),
    Move.PAN_LEFT: (-1.0, 0.0),
    Move.ORBIT_LEFT: (-1.0, 0.0),
    Move.TRUCK_RIGHT: (1.0, 0.0),
    Move.PAN_RIGHT: (1.0, 0.0),
    Move.ORBIT_RIGHT: (1.0, 0.0),
    Move.CRANE_UP: (0.0, -1.0),
    Move.TILT_UP: (0.0, -1.0),
    Move.CRANE_DOWN: (0.0, 1.0),
    Move.TILT_DOWN: (0.0, 1.0),
}
_ZOOMS: Final = {Move.ZOOM_IN: 1.0, Move.DOLLY_IN: 1.0, Move.ZOOM_OUT: -1.0, Move.DOLLY_OUT: -1.0}
_ROLLS: Final = {Move.ROLL_LEFT: -1.0, Move.ROLL_RIGHT: 1.0}


@dataclass(frozen=True, slots=True)
class Overlay:
    """A frame that is drawn on; `unit` is the width of a line."""

    image: Rgb8
    unit: float

    def draw(self, directive: Directive, seen: Adherence | None, number: int) -> None:
        measured = {} if seen is None else seen.measured
        match directive.kind:
            case DirectiveKind.CAMERA:
                self._camera(directive, measured, number)
            case DirectiveKind.SUBJECT if len(directive.path) > 1:
                self._path(directive, measured, number)
            case _:
                self._place(directive, number)

    def _camera(self, directive: Directive, measured: Mapping[str, Any], number: int) -> None:
        span = float(directive.to_seconds - directive.from_seconds)
        if directive.move in _ZOOMS:
            self._framing(directive, measured, span, number)
        elif directive.move in _ROLLS:
            self._arc(directive, measured, span, number)
        elif directive.move in _WAYS or directive.vector is not None:
            self._vector(directive, measured, span, number)
        elif directive.move is Move.STATIC:
            self._still(measured, span, number)

    def _vector(self, directive: Directive, measured: Mapping[str, Any], span: float, number: int) -> None:
        start = directive.path[0] if len(directive.path) > 1 else (0.5, 0.5)
        asked = _travel(directive, span)
        done = _measured_travel(measured, span)
        scale = min(_fits(start, asked), 1.0 if done is None else _fits(start, done))
        if done is not None:
            self._arrow([start, _moved(start, done, scale)], MEASURED)
        tip = _moved(start, asked, scale)
        self._arrow([start, tip], ASKED, dashed=True)
        if directive.either_way:
            self._arrow([start, _moved(start, asked, -scale)], ASKED, dashed=True)
        self._badge(number, tip, ASKED)

    def _still(self, measured: Mapping[str, Any], span: float, number: int) -> None:
        middle = (0.5, 0.5)
        done = _measured_travel(measured, span)
        if done is not None:
            self._arrow([middle, _moved(middle, done, _fits(middle, done))], MEASURED)
        strokes.ring(self.image, self._at(middle), ASKED, radius=5 * self.unit, width=self.unit)
        self._badge(number, (0.5, 0.5 - 12 * self.unit / self.image.shape[0]), ASKED)

    def _framing(self, directive: Directive, measured: Mapping[str, Any], span: float, number: int) -> None:
        sign = _ZOOMS[directive.move] if directive.move else 1.0
        if directive.region:
            left, top, right, bottom = bounds_of(directive.region)
        else:
            size = 0.9 * math.exp(-_WHOLE_ZOOM * max(directive.strength, 0.15))
            left, top, right, bottom = _box((0.5, 0.5), size)
        middle = ((left + right) / 2, (top + bottom) / 2)
        if "zoom_ln_per_second" in measured:
            magnified = float(measured["zoom_ln_per_second"]) * span * sign
            shown = 0.9 * math.exp(-max(-0.1, magnified)) if not directive.region else math.exp(-magnified)
            self._closed(
                _corners(_box(middle if directive.region else (0.5, 0.5), min(0.97, shown))), MEASURED
            )
        self._closed(_corners((left, top, right, bottom)), ASKED, dashed=True)
        self._corner_arrows((left, top, right, bottom), inward=sign > 0)
        self._badge(number, (left, top), ASKED)

    def _corner_arrows(self, box: tuple[float, float, float, float], *, inward: bool) -> None:
        """From the frame's corners to the box, or out of it."""
        left, top, right, bottom = box
        for inner, outer in (
            ((left, bottom), (0.0, 1.0)),
            ((right, top), (1.0, 0.0)),
            ((right, bottom), (1.0, 1.0)),
        ):
            away = (inner[0] + 0.6 * (outer[0] - inner[0]), inner[1] + 0.6 * (outer[1] - inner[1]))
            self._arrow([away, inner] if inward else [inner, away], ASKED, dashed=True)

    def _arc(self, directive: Directive, measured: Mapping[str, Any], span: float, number: int) -> None:
        """About the middle: how far the camera turned about its own axis, at twice its angle to be seen."""
        sign = _ROLLS[directive.move] if directive.move else 1.0
        if "roll_degrees_per_second" in measured:
            turned = math.radians(float(measured["roll_degrees_per_second"])) * span
            self._turned(2 * turned, radius=0.26, ink=MEASURED)
        tip = self._turned(
            2 * sign * 0.35 * max(0.3, directive.strength), radius=0.32, ink=ASKED, dashed=True
        )
        self._badge(number, tip, ASKED)

    def _turned(self, angle: float, *, radius: float, ink: Ink, dashed: bool = False) -> tuple[float, float]:
        aspect = self.image.shape[1] / self.image.shape[0]
        steps = [-math.pi / 2 + angle * step / 24 for step in range(25)]
        points = [(0.5 + radius * math.cos(t) / aspect, 0.5 + radius * math.sin(t)) for t in steps]
        self._arrow(points, ink, dashed=dashed)
        return points[-1]

    def _path(self, directive: Directive, measured: Mapping[str, Any], number: int) -> None:
        if directive.region:
            self._closed(directive.region, ASKED, dashed=True)
        path = _points(measured.get("path"))
        done = _measured_travel(measured, float(directive.to_seconds - directive.from_seconds))
        if len(path) > 1:
            self._arrow(path, MEASURED)
        elif done is not None:
            start = directive.path[0]
            self._arrow([start, _moved(start, done, _fits(start, done))], MEASURED)
        self._arrow(directive.path, ASKED, dashed=True)
        self._badge(number, directive.path[0], ASKED)

    def _place(self, directive: Directive, number: int) -> None:
        if directive.region:
            self._closed(directive.region, ASKED, dashed=True)
            self._badge(number, middle_of(directive.region), ASKED)
        elif len(directive.path) > 1:
            self._arrow(directive.path, ASKED, dashed=True)
            self._badge(number, directive.path[0], ASKED)
        elif directive.path:
            strokes.ring(
                self.image, self._at(directive.path[0]), ASKED, radius=4 * self.unit, width=self.unit
            )
            self._badge(number, directive.path[0], ASKED)

    def _at(self, point: tuple[float, float]) -> Pixel:
        height, width = self.image.shape[:2]
        return point[0] * (width - 1), point[1] * (height - 1)

    def _arrow(self, points: Sequence[tuple[float, float]], ink: Ink, *, dashed: bool = False) -> None:
        width = self.unit if dashed else 1.5 * self.unit
        strokes.arrow(self.image, [self._at(each) for each in points], ink, width=width, dashed=dashed)

    def _closed(self, points: Sequence[tuple[float, float]], ink: Ink, *, dashed: bool = False) -> None:
        width = self.unit if dashed else 1.5 * self.unit
        strokes.closed(self.image, [self._at(each) for each in points], ink, width=width, dashed=dashed)

    def _badge(self, number: int, at: tuple[float, float], ink: Ink) -> None:
        x, y = self._at(at)
        size = round(max(13.0, self.image.shape[1] / 55))
        strokes.badge(self.image, str(number), (x, y - 1.3 * size), ink, size=size)


def _travel(directive: Directive, span: float) -> tuple[float, float]:
    """How far the camera was asked to go, in widths and heights; a move without a speed by its strength."""
    if directive.vector is not None:
        return directive.vector[0] * span, directive.vector[1] * span
    x, y = (0.0, 0.0) if directive.move is None else _WAYS.get(directive.move, (0.0, 0.0))
    reach = _USUAL_REACH * max(0.3, directive.strength)
    return x * reach, y * reach


def _measured_travel(measured: Mapping[str, Any], span: float) -> tuple[float, float] | None:
    x, y = measured.get("x_widths_per_second"), measured.get("y_heights_per_second")
    return None if x is None or y is None else (float(x) * span, float(y) * span)


def _moved(start: tuple[float, float], travel: tuple[float, float], scale: float) -> tuple[float, float]:
    return start[0] + travel[0] * scale, start[1] + travel[1] * scale


def _fits(start: tuple[float, float], travel: tuple[float, float]) -> float:
    """The share of a travel that stays inside the frame."""
    shares = [1.0]
    for at, step in zip(start, travel, strict=True):
        room = (0.97 - at) if step > 0 else (at - 0.03)
        if abs(step) > max(room, 0.0):
            shares.append(max(room, 0.0) / abs(step))
    return min(shares)


def _points(given: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for *_, x, y in given] if isinstance(given, list | tuple) else []


def _box(middle: tuple[float, float], size: float) -> tuple[float, float, float, float]:
    x, y = middle
    return x - size / 2, y - size / 2, x + size / 2, y + size / 2


def _corners(box: tuple[float, float, float, float]) -> list[tuple[float, float]]:
    left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
