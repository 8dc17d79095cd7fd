"""Strokes an editor draws on a frame: what was drawn, where, when, and about what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import isfinite
from typing import Any, Final, Self, assert_never

from plugin_backend.domain.errors import FieldProblem
from plugin_backend.domain.seconds import as_number, seconds

MAX_POINTS: Final = 512
MAX_NOTE_CHARACTERS: Final = 1_000

Point = tuple[float, float]


class AnnotationTool(StrEnum):
    """What the hand drew."""

    ARROW = "arrow"
    PATH = "path"
    OUTLINE = "outline"
    POINT = "point"
    TEXT = "text"

    @property
    def fewest_points(self) -> int:
        """How many points make the drawing mean something."""
        match self:
            case AnnotationTool.ARROW | AnnotationTool.PATH:
                return 2
            case AnnotationTool.OUTLINE:
                return 3
            case AnnotationTool.POINT | AnnotationTool.TEXT:
                return 1
            case _:
                assert_never(self)


class AnnotationTarget(StrEnum):
    """What the drawing is about."""

    CAMERA = "camera"
    SUBJECT = "subject"
    FOREGROUND = "foreground"
    BACKGROUND = "background"
    LIGHT = "light"
    WEATHER = "weather"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One drawing; points are (x, y) in 0..1 from the frame's top left; no `to_seconds` means to the end."""

    tool: AnnotationTool
    target: AnnotationTarget = AnnotationTarget.CAMERA
    points: tuple[Point, ...]
    from_seconds: Fraction = Fraction(0)
    to_seconds: Fraction | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "tool": self.tool.value,
            "target": self.target.value,
            "points": [[x, y] for x, y in self.points],
            "from_seconds": as_number(self.from_seconds),
            "to_seconds": None if self.to_seconds is None else as_number(self.to_seconds),
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        until = data["to_seconds"]
        return cls(
            tool=AnnotationTool(data["tool"]),
            target=AnnotationTarget(data["target"]),
            points=tuple((float(x), float(y)) for x, y in data["points"]),
            from_seconds=seconds(data["from_seconds"]),
            to_seconds=None if until is None else seconds(until),
            note=data["note"],
        )


def annotation_problems(
    annotation: Annotation, *, pointer: str, duration: Fraction
) -> Iterator[FieldProblem]:
    """Everything wrong with one drawing on a shot of this duration."""
    yield from _point_problems(annotation, pointer=pointer)
    yield from _time_problems(annotation, pointer=pointer, duration=duration)
    if len(annotation.note) > MAX_NOTE_CHARACTERS:
        yield FieldProblem(f"{pointer}/note", f"A note has at most {MAX_NOTE_CHARACTERS:,} characters.")
    if annotation.tool is AnnotationTool.TEXT and not annotation.note.strip():
        yield FieldProblem(f"{pointer}/note", "A text annotation says something; write it here.")


def _point_problems(annotation: Annotation, *, pointer: str) -> Iterator[FieldProblem]:
    count, fewest = len(annotation.points), annotation.tool.fewest_points
    if not fewest <= count <= MAX_POINTS:
        detail = f"This {annotation.tool} has {count:,} points; it takes {fewest} to {MAX_POINTS}."
        yield FieldProblem(f"{pointer}/points", detail)
        return
    for index, point in enumerate(annotation.points):
        if not all(isfinite(value) and 0 <= value <= 1 for value in point):
            yield FieldProblem(
                f"{pointer}/points/{index}", "The point lies outside the frame; x and y go from 0 to 1."
            )


def _time_problems(annotation: Annotation, *, pointer: str, duration: Fraction) -> Iterator[FieldProblem]:
    start, end = annotation.from_seconds, annotation.to_seconds
    if not 0 <= start < duration:
        yield FieldProblem(
            f"{pointer}/from_seconds",
            f"This lies outside the shot, which runs from 0 to {as_number(duration)} s.",
        )
    if end is None:
        return
    if end > duration:
        yield FieldProblem(
            f"{pointer}/to_seconds", f"This lies after the shot's end at {as_number(duration)} s."
        )
    if end <= start:
        yield FieldProblem(
            f"{pointer}/to_seconds", "A stroke ends after it starts; give more than from_seconds."
        )
