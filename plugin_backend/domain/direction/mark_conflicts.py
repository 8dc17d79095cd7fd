"""Marks that ask for what cannot all be: every one is kept, and the editor is told which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import dist, hypot
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.drawing import is_inside
from plugin_backend.domain.direction.terms import Move

_AGAINST: Final = -0.5  # the cosine from which two ways are opposite
_MOST: Final = 24  # told at once: more would not be read
_SAME_START: Final = 0.2  # of the frame: strokes that begin farther apart are about two things


@dataclass(frozen=True, slots=True)
class MarkConflict:
    """Two marks by their indexes, and what is wrong between them."""

    marks: tuple[int, int]
    code: str
    says: str
    about: str = ""


def conflicts_of_marks(directives: Sequence[Directive]) -> tuple[MarkConflict, ...]:
    """What of the marks contradicts, a few dozen at most: opposite ways at one time, and the like."""
    marked = [each for each in directives if each.mark is not None]
    found = (_conflict(a, b) for a, b in combinations(marked, 2) if a.mark != b.mark and _meet(a, b))
    return tuple(dict.fromkeys(each for pair in found for each in pair))[:_MOST]


def _meet(a: Directive, b: Directive) -> bool:
    return a.from_seconds < b.to_seconds and b.from_seconds < a.to_seconds


def _conflict(a: Directive, b: Directive) -> Iterator[MarkConflict]:
    first, second = sorted((a, b), key=lambda each: each.mark or 0)
    marks = (first.mark or 0, second.mark or 0)
    numbers = f"Marks {marks[0] + 1} and {marks[1] + 1}"
    kinds = {a.kind, b.kind}
    if kinds == {DirectiveKind.CAMERA}:
        if (a.move is Move.STATIC) != (b.move is Move.STATIC):
            yield MarkConflict(
                marks, "still-and-moving", f"{numbers} ask for a camera that stands still and one that moves."
            )
        elif _are_opposite(a, b):
            says = f"{numbers} move the camera opposite ways at the same time."
            yield MarkConflict(marks, "opposite-cameras", says)
    elif kinds == {DirectiveKind.SUBJECT} and a.about == b.about and _start_together(a, b):
        if _point_apart(a, b):
            says = f"{numbers} move the {a.about} opposite ways at the same time."
            yield MarkConflict(marks, "opposite-subjects", says, a.about)
    elif kinds == {DirectiveKind.KEEP, DirectiveKind.SUBJECT} and _crosses(a, b):
        says = f"{numbers} keep a part of the frame as it is and move through it."
        yield MarkConflict(marks, "through-kept", says)
    elif kinds == {DirectiveKind.KEEP, DirectiveKind.CAMERA} and not {a.move, b.move} & {Move.STATIC}:
        yield MarkConflict(
            marks,
            "kept-in-moving",
            f"{numbers} keep a part as it is while the camera moves; it stays in the scene, not in place.",
        )


def _are_opposite(a: Directive, b: Directive) -> bool:
    is_turned = a.move is not None and a.move.other_way is b.move
    return is_turned or _point_apart(a, b)


def _point_apart(a: Directive, b: Directive) -> bool:
    if a.vector is None or b.vector is None:
        return False
    lengths = hypot(*a.vector) * hypot(*b.vector)
    along = a.vector[0] * b.vector[0] + a.vector[1] * b.vector[1]
    return lengths > 0 and along / lengths < _AGAINST


def _start_together(a: Directive, b: Directive) -> bool:
    return bool(a.path and b.path) and dist(a.path[0], b.path[0]) < _SAME_START


def _crosses(a: Directive, b: Directive) -> bool:
    kept, moved = (a, b) if a.kind is DirectiveKind.KEEP else (b, a)
    return any(is_inside(point, kept.region) for point in moved.path)
