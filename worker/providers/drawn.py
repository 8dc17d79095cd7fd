"""Marks on a brief's frames as the engine's strokes: the same reading that makes directives of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool, Point
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.drawing import Gesture, Manner, gesture_of, strength_of
from plugin_backend.domain.direction.marks import directives_of_brief
from worker.animatic import spec as engine

_USUAL: Final = 0.6  # the strength of a move that was named but not drawn
_REACH: Final = 0.25  # of the frame: how far a turn or a travel goes that was named but not drawn
_HALF: Final = 0.35  # of the frame: how much of it a zoom at a point ends on, to each side
_MIDDLE: Final[Point] = (0.5, 0.5)
_MANNERS: Final[dict[Manner, engine.Manner]] = {
    Manner.TRAVEL: "travel",
    Manner.TURN: "turn",
    Manner.DOLLY: "dolly",
    Manner.ZOOM: "zoom",
    Manner.ORBIT: "orbit",
    Manner.ROLL: "roll",
    Manner.FRAME: "frame",
    Manner.HOLD: "hold",
    Manner.SHAKE: "shake",
}


def strokes_of(brief: Brief) -> tuple[engine.Annotation, ...]:
    """What the engine draws exactly; marks for light and weather, and words, it does not draw."""
    found = {
        each.mark: each for each in directives_of_brief(brief)
    }  # of several legs the last: all are alike
    wide, high = (int(side) for side in brief.aspect_ratio.split(":"))
    strokes = []
    for index, mark in enumerate(brief.annotations):
        stroke = _Stroke(mark, found[index], _until(mark, brief.duration_seconds), wide / high)
        strokes += stroke.drawn()
    return tuple(strokes)


def _until(mark: Annotation, duration: Fraction) -> float:
    return float(duration if mark.to_seconds is None else min(mark.to_seconds, duration))


@dataclass(frozen=True, slots=True)
class _Stroke:
    mark: Annotation
    directive: Directive
    until: float
    aspect: float

    def drawn(self) -> list[engine.Annotation]:
        """By what the mark was read as, which is not always what it was drawn for."""
        mark = self.mark
        match self.directive.kind:
            case DirectiveKind.CAMERA:
                gesture = gesture_of(mark, aspect=self.aspect)
                return [] if gesture is None else list(self._camera(gesture))
            case DirectiveKind.KEEP:
                behind = mark.target is AnnotationTarget.BACKGROUND
                return [self._of("keep", mark.points, layer="behind" if behind else "front")]
            case DirectiveKind.SUBJECT | DirectiveKind.PLACE if mark.target is AnnotationTarget.SUBJECT:
                return list(self._subject())
            case _:
                return []

    def _camera(self, gesture: Gesture) -> Iterator[engine.Annotation]:
        is_one = len(self.mark.points) == 1
        strength = _USUAL if is_one else strength_of(self.mark.points, aspect=self.aspect)
        manner, points = gesture.manner, self._points()
        if is_one and manner in (Manner.TURN, Manner.TRAVEL):
            points = self._headed(gesture)
        elif is_one and manner in (Manner.ZOOM, Manner.DOLLY) and self._is_aimed(gesture):
            manner, points = Manner.FRAME, _around(points[0])
        yield self._of("camera", points, manner=_MANNERS[manner], is_back=gesture.is_back, strength=strength)

    def _is_aimed(self, gesture: Gesture) -> bool:
        return self.mark.tool is AnnotationTool.POINT and gesture.way == (0.0, 0.0)

    def _headed(self, gesture: Gesture) -> tuple[Point, ...]:
        """To the point, or a usual way in the direction that the note names."""
        if self._is_aimed(gesture):
            return (_MIDDLE, self.mark.points[0])
        return (_MIDDLE, (0.5 + _REACH * gesture.way[0], 0.5 + _REACH * gesture.way[1]))

    def _subject(self) -> Iterator[engine.Annotation]:
        if self.mark.tool in (AnnotationTool.ARROW, AnnotationTool.PATH):
            yield self._of("subject", self._points(), region=self.directive.region)
        elif self.mark.tool is AnnotationTool.POINT:
            yield self._of("subject", (self.mark.points[0], self.mark.points[0]))

    def _points(self) -> tuple[Point, ...]:
        """An arrow goes straight from its first point to its last."""
        points = self.mark.points
        return (points[0], points[-1]) if self.mark.tool is AnnotationTool.ARROW else points

    def _of(
        self,
        target: engine.Target,
        points: tuple[Point, ...],
        *,
        manner: engine.Manner = "travel",
        is_back: bool = False,
        strength: float = 1.0,
        region: tuple[Point, ...] = (),
        layer: engine.Layer = "front",
    ) -> engine.Annotation:
        since = float(self.mark.from_seconds)
        return engine.Annotation(target, points, since, self.until, manner, is_back, strength, region, layer)


def _around(point: Point) -> tuple[Point, ...]:
    x, y = point
    return ((x - _HALF, y - _HALF), (x + _HALF, y - _HALF), (x + _HALF, y + _HALF), (x - _HALF, y + _HALF))
