"""Marks drawn for the camera: a stroke is followed, an outline is framed, a point is headed for."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import dist
from typing import Final

from plugin_backend.domain.annotations import AnnotationTool, Point
from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.drawing import (
    Gesture,
    Manner,
    bounds_of,
    gesture_of,
    legs_of,
    middle_of,
    move_of,
    place_in_words,
    strength_of,
    way_in_words,
)
from plugin_backend.domain.direction.drawn import Drawn, speed_in_words
from plugin_backend.domain.direction.terms import Move

CLOSEST: Final = 0.05
"""Of the frame: the smallest part that a framing ends on."""

_USUAL: Final = 0.6  # the strength of a move that was named but not drawn
_WHOLE_ZOOM: Final = 0.82  # how much larger a zoom at full strength makes things
_AIMED: Final = (Manner.TURN, Manner.DOLLY, Manner.ZOOM)
_STROKES: Final = (Manner.TRAVEL, Manner.TURN)
_VERBS: Final = {
    Manner.TRAVEL: ("travels", "travels"),
    Manner.TURN: ("turns", "turns"),
    Manner.DOLLY: ("dollies in", "dollies out"),
    Manner.ZOOM: ("zooms in", "zooms out"),
    Manner.FRAME: ("zooms in", "zooms out"),
    Manner.ORBIT: ("orbits to the right", "orbits to the left"),
    Manner.ROLL: ("rolls to the right", "rolls to the left"),
    Manner.HOLD: ("stands still", "stands still"),
    Manner.SHAKE: ("is handheld", "is handheld"),
}


def camera_directives(drawn: Drawn) -> Iterator[Directive]:
    """One directive a mark; of a bent path one for each leg."""
    mark = drawn.mark
    gesture = gesture_of(mark, aspect=drawn.aspect)
    if gesture is None:
        yield drawn.directive(DirectiveKind.SHOT, drawn.noted("the camera"), path=mark.points[:1])
    elif gesture.manner is Manner.FRAME and len(mark.points) > 2:
        yield _framing(drawn, gesture)
    elif gesture.manner in _STROKES and len(mark.points) > 1 and drawn.travel_is_any:
        yield from _legs(drawn, gesture)
    else:
        yield _plain(drawn, gesture)


def framed(points: tuple[Point, ...]) -> tuple[Point, float]:
    """What a framing shows of the frame: its middle, and its size in frame widths and heights.

    It is as large as the outline's larger side, and never reaches over the frame's edge.
    """
    left, top, right, bottom = bounds_of(points)
    size = min(1.0, max(CLOSEST, right - left, bottom - top))
    x, y = (min(1.0 - size / 2, max(size / 2, value)) for value in middle_of(points))
    return (x, y), size


def _plain(drawn: Drawn, gesture: Gesture) -> Directive:
    """A move by its name; a point is what it heads for."""
    x, y = drawn.mark.points[0]
    is_point = drawn.mark.tool is AnnotationTool.POINT
    is_aimed = is_point and gesture.manner in _AIMED and gesture.way == (0.0, 0.0)
    vector = drawn.rate((x - 0.5, y - 0.5)) if is_aimed else None
    move = move_of(gesture, vector or gesture.way, aspect=drawn.aspect)
    toward = f" towards the {place_in_words((x, y))} of the frame" if is_aimed else ""
    if not is_aimed and gesture.manner in _STROKES and gesture.way != (0.0, 0.0):
        toward = f" {way_in_words(gesture.way, aspect=drawn.aspect)}"
    drawn_strength = strength_of(drawn.mark.points, aspect=drawn.aspect)
    return drawn.directive(
        DirectiveKind.CAMERA,
        f"The camera {_VERBS[gesture.manner][gesture.is_back]}{toward}.",
        move=move,
        vector=vector,
        path=drawn.mark.points[:1],
        strength=_USUAL if len(drawn.mark.points) == 1 else drawn_strength,
    )


def _legs(drawn: Drawn, gesture: Gesture) -> Iterator[Directive]:
    """One directive for a straight stroke; of a bent one each leg, at one speed along the whole."""
    mark, aspect = drawn.mark, drawn.aspect
    points = (mark.points[0], mark.points[-1]) if mark.tool is AnnotationTool.ARROW else mark.points
    corners = legs_of(points, aspect=aspect)
    lengths = [dist((ax * aspect, ay), (bx * aspect, by)) for (ax, ay), (bx, by) in pairwise(corners)]
    total, gone = sum(lengths), 0.0
    if total == 0.0:  # it wavers about one place
        yield _plain(drawn, gesture)
        return
    for number, ((start, end), length) in enumerate(zip(pairwise(corners), lengths, strict=True), 1):
        begins, gone = gone, gone + length
        since, until = (mark.from_seconds + drawn.seconds * _share(part / total) for part in (begins, gone))
        part = replace(drawn, mark=replace(mark, from_seconds=since, points=(start, end)), until=until)
        leg = _leg(part, gesture)
        yield replace(leg, id=f"{leg.id}.{number}") if len(lengths) > 1 else leg


def _share(value: float) -> Fraction:
    return min(Fraction(1), Fraction(value).limit_denominator(1000))


def _leg(drawn: Drawn, gesture: Gesture) -> Directive:
    vector = drawn.rate(drawn.travel)
    way = way_in_words(drawn.travel, aspect=drawn.aspect)
    says = f"The camera {_VERBS[gesture.manner][0]} {way}{speed_in_words(vector)}."
    move = move_of(gesture, drawn.travel, aspect=drawn.aspect)
    return drawn.directive(DirectiveKind.CAMERA, says, move=move, vector=vector, path=drawn.mark.points)


def _framing(drawn: Drawn, gesture: Gesture) -> Directive:
    """An outline is what the frame shows at the end; a note such as `out` has it shown at the start."""
    (x, y), size = framed(drawn.mark.points)
    sign = -1.0 if gesture.is_back else 1.0
    edge = "starts on" if gesture.is_back else "ends on"
    place = place_in_words((x, y))
    return drawn.directive(
        DirectiveKind.CAMERA,
        f"The framing {edge} the outlined part at the {place}, {1 / size:.2g} times as close.",
        move=Move.ZOOM_OUT if gesture.is_back else Move.ZOOM_IN,
        vector=drawn.rate((sign * (x - 0.5), sign * (y - 0.5))),
        region=drawn.mark.points,
        strength=round(min(1.0, max(0.1, (1 / size - 1) / _WHOLE_ZOOM)), 4),
    )
