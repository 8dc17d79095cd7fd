"""The camera's motion over time against the plan, as an SVG: asked spans as bands, measured lines, faults."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, groupby
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.evaluation import Evaluation
from plugin_backend.domain.direction.marked_camera import framed
from plugin_backend.domain.direction.terms import Move
from worker.director import svg
from worker.director.pictures import STANDINGS

_WIDTH: Final = 960
_LEFT: Final = 128
_RIGHT: Final = 112
_PLOT: Final = _WIDTH - _LEFT - _RIGHT
_HEAD: Final = 92
_ROW: Final = 92
_GAP: Final = 18
_FOOT: Final = 74
_EITHER: Final = 2.0  # in place of a side: both are as asked
_SURE: Final = 0.2  # below this confidence nothing was measured
_MOST_LABELS: Final = 8


@dataclass(frozen=True, slots=True)
class _Axis:
    """One way the camera moves: its name, its unit, what up and down mean, and its smallest scale."""

    name: str
    unit: tuple[str, str]
    up: str
    down: str
    least: float
    sign: float = 1.0


_AXES: Final = (
    _Axis("Across", ("frame widths", "a second"), "right", "left", 0.05),
    _Axis("Upright", ("frame heights", "a second"), "up", "down", 0.05, sign=-1.0),
    _Axis("Zoom", ("ln of growth", "a second"), "in", "out", 0.1),
    _Axis("Roll", ("degrees", "a second"), "clockwise", "anticlockwise", 2.0),
)

# Which axis a move is about, and whether to its upper side.
_MOVES: Final = {
    Move.TRUCK_RIGHT: (0, 1.0),
    Move.TRUCK_LEFT: (0, -1.0),
    Move.PAN_RIGHT: (0, 1.0),
    Move.PAN_LEFT: (0, -1.0),
    Move.ORBIT_RIGHT: (0, 1.0),
    Move.ORBIT_LEFT: (0, -1.0),
    Move.CRANE_UP: (1, 1.0),
    Move.CRANE_DOWN: (1, -1.0),
    Move.TILT_UP: (1, 1.0),
    Move.TILT_DOWN: (1, -1.0),
    Move.DOLLY_IN: (2, 1.0),
    Move.DOLLY_OUT: (2, -1.0),
    Move.ZOOM_IN: (2, 1.0),
    Move.ZOOM_OUT: (2, -1.0),
    Move.ROLL_RIGHT: (3, 1.0),
    Move.ROLL_LEFT: (3, -1.0),
}


@dataclass(frozen=True, slots=True)
class _Band:
    """What was asked of one axis between two times: a side, and a rate where one was drawn."""

    axis: int
    since: float
    until: float
    side: float
    rate: float | None
    number: int


def motion_chart(directives: Sequence[Directive], evaluation: Evaluation | None, duration: Fraction) -> str:
    """SVG text: four lines over time, one for each way the camera moves; nothing in it runs or is fetched."""
    asked = [each for each in directives if each.source is not DirectiveSource.DEFAULT]
    numbered = [(n, each) for n, each in enumerate(asked, 1) if each.kind is DirectiveKind.CAMERA]
    bands = [band for number, each in numbered for band in _bands(each, number)]
    return _Drawing(bands, evaluation, float(duration)).svg(_said(asked, evaluation))


def _bands(directive: Directive, number: int) -> Iterator[_Band]:
    since, until = float(directive.from_seconds), float(directive.to_seconds)
    span = max(until - since, 1e-6)
    if directive.move is Move.STATIC:
        for axis in range(len(_AXES)):
            yield _Band(axis, since, until, 0.0, 0.0, number)
        return
    rates: dict[int, float | None] = {}
    if directive.move in _MOVES:
        axis, side = _MOVES[directive.move]
        if directive.either_way:
            yield _Band(axis, since, until, _EITHER, None, number)
            return
        rates[axis] = None
        if directive.region:
            rates[2] = side * -math.log(framed(directive.region)[1]) / span
    if directive.vector is not None and not (directive.move in _MOVES and _MOVES[directive.move][0] > 1):
        rates |= {n: v * _AXES[n].sign for n, v in enumerate(directive.vector) if abs(v) > 1e-4}
    for axis, rate in rates.items():
        side = math.copysign(1.0, rate) if rate else _MOVES[directive.move][1] if directive.move else 0.0
        yield _Band(axis, since, until, side, rate, number)


@dataclass(frozen=True, slots=True)
class _Drawing:
    bands: Sequence[_Band]
    evaluation: Evaluation | None
    seconds: float

    def svg(self, said: str) -> str:
        """The whole drawing, described in words too."""
        height = _HEAD + len(_AXES) * (_ROW + _GAP) + _FOOT
        root = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
            ' aria-labelledby="title said" font-family="system-ui, sans-serif">'
        )
        title = '<title id="title">Camera motion over time, asked and measured</title>'
        named = f'{title}\n<desc id="said">{svg.plain(said)}</desc>\n<style>{svg.STYLE}</style>'
        rows = chain.from_iterable(self._row(number, axis) for number, axis in enumerate(_AXES))
        ground = svg.box("ground", 0, 0, _WIDTH, height)
        parts = [root, named, ground, *self._head(), *rows, *self._times(height), *self._faults(height)]
        return "\n".join([*parts, "</svg>"])

    def _head(self) -> Iterator[str]:
        yield svg.words(24, 32, "Camera motion over time", "ink", size=19, weight=600)
        yield svg.box("band", 24, 50, 34, 16)
        yield svg.stroke("asked", "M24 58h34", width=2, dashed=True)
        yield svg.words(66, 63, "asked, by its number", "ink")
        yield svg.stroke("seen", "M234 58h34", width=2.5)
        yield svg.words(276, 63, "measured", "ink")
        yield svg.stroke("fault", "M374 50v16", width=2)
        yield svg.words(384, 63, "fault", "ink")

    def _row(self, number: int, axis: _Axis) -> Iterator[str]:
        top, middle = _HEAD + number * (_ROW + _GAP), _HEAD + number * (_ROW + _GAP) + _ROW / 2
        values = self._values(number)
        bands = [band for band in self.bands if band.axis == number]
        most = (*(abs(value) for _, value, _ in values), *(abs(band.rate or 0.0) for band in bands))
        high = 1.08 * max(axis.least, *most) if most else axis.least
        yield svg.box("plot", _LEFT, top, _PLOT, _ROW)
        yield svg.words(24, top + 20, axis.name, "ink", weight=600)
        for n, unit in enumerate(axis.unit):
            yield svg.words(24, top + 38 + 15 * n, unit, "faint", size=11)
        yield from (self._band(band, top) for band in bands)
        yield svg.stroke("grid", f"M{_LEFT} {middle:g}h{_PLOT}")
        for y, way in ((top + 11, axis.up), (top + _ROW - 3, axis.down)):
            yield svg.words(_WIDTH - _RIGHT + 8, y, f"{way} {high:.2g}", "faint", size=11)
        yield from (self._rate(band, middle, high) for band in bands if band.rate is not None)
        runs = list(self._runs(values, middle, high))
        yield from runs or [svg.words(_LEFT + 30, top + 20, "not measured", "faint")]

    def _x(self, seconds: float) -> float:
        return round(_LEFT + _PLOT * min(1.0, max(0.0, seconds / max(self.seconds, 1e-6))), 1)

    def _values(self, number: int) -> list[tuple[float, float, float]]:
        """Moment, value with up positive, confidence."""
        sign = _AXES[number].sign
        samples = () if self.evaluation is None else self.evaluation.camera
        found = [(s.at_seconds, sign * (s.x, s.y, s.zoom, s.roll)[number], s.confidence) for s in samples]
        return [each for each in found if math.isfinite(each[1])]

    def _band(self, band: _Band, top: float) -> str:
        """The side of the axis that was asked for; of a camera that stands still a strip about its middle."""
        y, tall = (top, _ROW / 2) if band.side > 0 else (top + _ROW / 2, _ROW / 2)
        if band.side == 0:
            y, tall = top + 0.4 * _ROW, 0.2 * _ROW
        elif band.side == _EITHER:
            y, tall = top, float(_ROW)
        x, until = self._x(band.since), self._x(band.until)
        label = svg.words(x + 8, y + 16, str(band.number), "ink", size=12, weight=600)
        return svg.box("band", x, y, max(until - x, 1.0), tall) + label

    def _rate(self, band: _Band, middle: float, high: float) -> str:
        y = round(middle - _ROW / 2 * (band.rate or 0.0) / high, 1)
        return svg.stroke("asked", f"M{self._x(band.since)} {y}H{self._x(band.until)}", width=2, dashed=True)

    def _runs(
        self, values: Sequence[tuple[float, float, float]], middle: float, high: float
    ) -> Iterator[str]:
        """The measured line, interrupted where nothing sure was measured."""
        for is_sure, run in groupby(values, key=lambda each: each[2] >= _SURE):
            if is_sure:
                points = [(self._x(at), round(middle - _ROW / 2 * value / high, 1)) for at, value, _ in run]
                yield svg.polyline("seen", points, width=2.5)

    def _times(self, height: float) -> Iterator[str]:
        step = next((each for each in (0.5, 1, 2, 5, 10) if self.seconds / each <= 10), 60)
        for number in range(math.floor(self.seconds / step) + 1):
            x, y = self._x(number * step), height - _FOOT + 2
            yield svg.stroke("grid", f"M{x} {y - _GAP}v5")
            yield svg.words(x, y, f"{number * step:g} s", "faint", size=12, anchor="middle")

    def _faults(self, height: float) -> Iterator[str]:
        """Ticks through all lines where a fault is seen, and their names below, in two rows by turns."""
        defects = () if self.evaluation is None else self.evaluation.defects
        bottom = height - _FOOT - _GAP
        for number, fault in enumerate(sorted(defects, key=lambda each: each.at_seconds or (0.0,))):
            for moment in fault.at_seconds:
                yield svg.stroke("fault", f"M{self._x(moment)} {_HEAD}V{bottom}", width=2)
            if number < _MOST_LABELS:
                x = self._x(fault.at_seconds[0]) if fault.at_seconds else _LEFT
                anchor = "end" if x > _WIDTH - 160 else "start"
                y = height - 44 + 18 * (number % 2)
                yield svg.words(x, y, fault.kind.replace("-", " "), "bad", size=12, anchor=anchor)


def _said(asked: Sequence[Directive], evaluation: Evaluation | None) -> str:
    """The chart for those who hear it."""
    found = {} if evaluation is None else {each.directive_id: each for each in evaluation.adherence}
    sentences = []
    for number, each in enumerate(asked, 1):
        if each.kind is DirectiveKind.CAMERA:
            seen = found.get(each.id)
            standing = "not measured" if seen is None else STANDINGS[seen.standing]
            sentences.append(f"{number}: {each.says.rstrip('.')}; {standing}.")
    if not sentences:
        sentences.append("No camera move was asked for.")
    if evaluation is None:
        sentences.append("The take was not measured.")
    else:
        sentences.append(f"Measured: {evaluation.move.replace('-', ' ')}.")
        sentences += [f"Fault: {each.says}" for each in evaluation.defects]
    return " ".join(sentences)
