"""What a drawing on a frame means by itself: which way, how far, in which part, by which move."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, assert_never

from plugin_backend.domain.annotations import Annotation, AnnotationTool, Point
from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.reading import words_of
from plugin_backend.domain.direction.terms import Move

_STRAIGHT: Final = 0.03  # of the frame's width: what bends less is drawn by hand, not meant
_MOST_LEGS: Final = 6
_MOST_POINTS: Final = 64
_EDGE: Final = 0.38  # nearer to a side than this is that side
_STRONG: Final = 0.5  # of the frame's width: a stroke as long asks for the whole of a move
_FAINT: Final = 0.25


class Manner(StrEnum):
    """How the camera does what was drawn."""

    TRAVEL = "travel"  # it goes there: truck and crane
    TURN = "turn"  # it looks there: pan and tilt
    DOLLY = "dolly"
    ZOOM = "zoom"
    ORBIT = "orbit"
    ROLL = "roll"
    FRAME = "frame"  # it ends on an outline
    HOLD = "hold"
    SHAKE = "shake"


@dataclass(frozen=True, slots=True)
class Gesture:
    """How the camera moves; `is_back`: out, or to the left, where it would go in or right by itself."""

    manner: Manner
    is_back: bool = False
    way: Point = (0.0, 0.0)
    """Where the note says it goes."""


_MANNERS: Final = {
    Manner.HOLD: "static still hold locked tripod fixed freeze",
    Manner.SHAKE: "handheld shaky shake",
    Manner.ROLL: "roll rolls dutch lean leans cant",
    Manner.ORBIT: "orbit orbits arc circle circles around",
    Manner.ZOOM: "zoom zooms",
    Manner.FRAME: "frame framing reframe crop",
    Manner.DOLLY: "dolly dollies push pushes pull pulls forward backward approach",
    Manner.TURN: "pan pans panning tilt tilts tilting turn turns look looks",
    Manner.TRAVEL: "truck trucks crane cranes pedestal boom jib slide slides travel track tracks",
}
_BACK: Final = frozenset({"out", "back", "backward", "backwards", "away", "pull", "pulls", "start"})
_LEFT: Final = frozenset({"left", "anticlockwise", "counterclockwise", "counter"})
_RIGHT: Final = frozenset({"right", "clockwise"})
_WAYS: Final = ((_LEFT, (-1.0, 0.0)), (_RIGHT, (1.0, 0.0)), ({"up"}, (0.0, -1.0)), ({"down"}, (0.0, 1.0)))


_INTO: Final = (Manner.ZOOM, Manner.DOLLY, Manner.TURN, Manner.TRAVEL)  # to an outline: until it is framed


def gesture_of(mark: Annotation, *, aspect: float) -> Gesture | None:
    """The note chooses the move, in the order of the table, else the drawing; words that name none: None."""
    said = frozenset(words_of(mark.note))
    named = (manner for manner, words in _MANNERS.items() if said.intersection(words.split()))
    manner = next(named, _by_itself(mark.tool))
    if manner is None:
        return None
    if mark.tool is AnnotationTool.OUTLINE and manner in _INTO:
        manner = Manner.FRAME
    way = next((each for words, each in _WAYS if said & words), (0.0, 0.0))
    if manner is Manner.DOLLY and way != (0.0, 0.0) and not said & _BACK:
        manner = Manner.TRAVEL  # "dolly left" is a truck
    if manner in (Manner.ORBIT, Manner.ROLL):
        return Gesture(manner, is_back=_is_to_the_left(mark, way, aspect=aspect), way=way)
    return Gesture(manner, is_back=bool(said & _BACK), way=way)


def _by_itself(tool: AnnotationTool) -> Manner | None:
    match tool:
        case AnnotationTool.ARROW | AnnotationTool.PATH:
            return Manner.TRAVEL
        case AnnotationTool.OUTLINE:
            return Manner.FRAME
        case AnnotationTool.POINT:
            return Manner.TURN
        case AnnotationTool.TEXT:
            return None
        case _:
            assert_never(tool)


def _is_to_the_left(mark: Annotation, way: Point, *, aspect: float) -> bool:
    """As the note says, else as the stroke goes."""
    if way[0] != 0.0:
        return way[0] < 0
    across, down = (mark.points[-1][axis] - mark.points[0][axis] for axis in (0, 1))
    return across < 0 and abs(across) * aspect >= abs(down)


def move_of(gesture: Gesture, vector: Point, *, aspect: float) -> Move | None:
    """The move's name by the larger part of a vector; a framing that ends wide zooms out."""
    across, down = vector[0] * aspect, vector[1]
    sideways = abs(across) >= abs(down)
    match gesture.manner:
        case Manner.TRAVEL if sideways:
            return Move.TRUCK_LEFT if across < 0 else Move.TRUCK_RIGHT
        case Manner.TRAVEL:
            return Move.CRANE_UP if down < 0 else Move.CRANE_DOWN
        case Manner.TURN if sideways:
            return Move.PAN_LEFT if across < 0 else Move.PAN_RIGHT
        case Manner.TURN:
            return Move.TILT_UP if down < 0 else Move.TILT_DOWN
        case _:
            return _plain_move(gesture)


def _plain_move(gesture: Gesture) -> Move | None:
    forward, back = _PAIRS.get(gesture.manner, (None, None))
    return back if gesture.is_back else forward


_PAIRS: Final[dict[Manner, tuple[Move, Move]]] = {
    Manner.DOLLY: (Move.DOLLY_IN, Move.DOLLY_OUT),
    Manner.ZOOM: (Move.ZOOM_IN, Move.ZOOM_OUT),
    Manner.FRAME: (Move.ZOOM_IN, Move.ZOOM_OUT),
    Manner.ORBIT: (Move.ORBIT_RIGHT, Move.ORBIT_LEFT),
    Manner.ROLL: (Move.ROLL_RIGHT, Move.ROLL_LEFT),
    Manner.HOLD: (Move.STATIC, Move.STATIC),
    Manner.SHAKE: (Move.HANDHELD, Move.HANDHELD),
}


def strength_of(points: Sequence[Point], *, aspect: float) -> float:
    """How much of a move a stroke asks for, by its length against the frame's width."""
    length = sum(math.dist(*_squared(pair, aspect)) for pair in pairwise(points))
    return round(min(1.0, max(_FAINT, length / _STRONG)), 4)


def legs_of(points: Sequence[Point], *, aspect: float) -> tuple[Point, ...]:
    """The corners of a stroke, a few at most: what lies between two of them is straight."""
    drawn, tolerance = fewer(points), _STRAIGHT
    corners = _corners(drawn, tolerance, aspect=aspect)
    while len(corners) > _MOST_LEGS + 1:
        tolerance *= 1.5
        corners = _corners(drawn, tolerance, aspect=aspect)
    return corners


def fewer(points: Sequence[Point]) -> tuple[Point, ...]:
    """Of a long stroke so many points, evenly taken, with both ends."""
    last, most = len(points) - 1, _MOST_POINTS - 1
    if last <= most:
        return tuple(points)
    return tuple(points[round(number * last / most)] for number in range(most + 1))


def _corners(points: Sequence[Point], tolerance: float, *, aspect: float) -> tuple[Point, ...]:
    """Of a stroke, what lies farther than the tolerance from the straight line between its ends."""
    kept, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        off = [
            (_beside(points[n], points[first], points[last], aspect=aspect), n)
            for n in range(first + 1, last)
        ]
        farthest, at = max(off, default=(0.0, first))
        if farthest > tolerance:
            kept.add(at)
            waiting += [(first, at), (at, last)]
    return tuple(points[n] for n in sorted(kept))


def _beside(point: Point, start: Point, end: Point, *, aspect: float) -> float:
    """How far a point lies from a stretch, in frame widths."""
    (px, py), (ax, ay), (bx, by) = _squared((point, start, end), aspect)
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else min(1.0, max(0.0, ((px - ax) * dx + (py - ay) * dy) / length))
    return math.hypot(px - ax - share * dx, py - ay - share * dy)


def _squared(points: Sequence[Point], aspect: float) -> list[Point]:
    """In frame widths both ways."""
    return [(x, y / aspect) for x, y in points]


def middle_of(points: Sequence[Point]) -> Point:
    """The middle of the rectangle around a drawing."""
    left, top, right, bottom = bounds_of(points)
    return ((left + right) / 2, (top + bottom) / 2)


def bounds_of(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


def is_inside(point: Point, outline: Sequence[Point]) -> bool:
    """Whether a point lies within a closed outline."""
    x, y = point
    crossed = 0
    for (ax, ay), (bx, by) in pairwise((*outline, outline[0])):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossed += 1
    return crossed % 2 == 1


def side_of(point: Point) -> Relation:
    """Which part of the frame a point lies in."""
    x, y = point
    off_x, off_y = abs(x - 0.5), abs(y - 0.5)
    if max(off_x, off_y) < 0.5 - _EDGE:
        return Relation.CENTRE
    if off_x >= off_y:
        return Relation.LEFT if x < 0.5 else Relation.RIGHT
    return Relation.ABOVE if y < 0.5 else Relation.BELOW


def place_in_words(point: Point) -> str:
    """`upper left`, `centre`: where a point lies, as one says it."""
    third = [0 if value < 1 / 3 else 2 if value > 2 / 3 else 1 for value in point]
    return _PLACES[third[1]][third[0]]


_PLACES: Final = (
    ("upper left", "top", "upper right"),
    ("left", "centre", "right"),
    ("lower left", "bottom", "lower right"),
)


def way_in_words(vector: Point, *, aspect: float) -> str:
    """`left`, `right and up`: which way a vector points; parts under a third of the other go unsaid."""
    across, down = vector[0] * aspect, vector[1]
    sideways = "" if 3 * abs(across) < abs(down) else "left" if across < 0 else "right"
    upright = "" if 3 * abs(down) < abs(across) else "up" if down < 0 else "down"
    if across == down == 0:
        return "nowhere"
    return " and ".join(filter(None, (sideways, upright)))
