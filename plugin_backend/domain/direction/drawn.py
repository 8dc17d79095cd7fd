"""A mark on a shot: its number, its time, and the phrases that tell of it."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.annotations import Annotation, Point
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.drawing import place_in_words, strength_of

_SHORTEST: Final = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark with its number and its time on this shot."""

    mark: Annotation
    index: int
    until: Fraction
    aspect: float
    """The frame's width over its height."""

    @property
    def seconds(self) -> Fraction:
        """How long it holds; never nothing."""
        return max(self.until - self.mark.from_seconds, _SHORTEST)

    @property
    def travel(self) -> Point:
        """From its first point to its last."""
        (ax, ay), (bx, by) = self.mark.points[0], self.mark.points[-1]
        return bx - ax, by - ay

    @property
    def travel_is_any(self) -> bool:
        """Whether its points are not all one."""
        return any(point != self.mark.points[0] for point in self.mark.points)

    def rate(self, travel: Point) -> Point:
        """As far as that in its time, a second."""
        span = float(self.seconds)
        return round(travel[0] / span, 6), round(travel[1] / span, 6)

    def directive(self, kind: DirectiveKind, says: str, **more: Any) -> Directive:
        """A directive of this mark, with its time, strength and note."""
        base = Directive(
            id=f"mark-{self.index + 1}",
            kind=kind,
            source=DirectiveSource.MARK,
            says=says,
            from_seconds=self.mark.from_seconds,
            to_seconds=self.until,
            strength=strength_of(self.mark.points, aspect=self.aspect),
            mark=self.index,
            note=self.mark.note.strip(),
        )
        return replace(base, **more)

    def noted(self, whom: str) -> str:
        """Words written at a place."""
        place = place_in_words(self.mark.points[0])
        return f"For {whom}, at the {place} of the frame: {self.mark.note.strip()}"


def speed_in_words(vector: Point) -> str:
    """A vector's length where it says something, in the frame's own measures."""
    across, down = abs(vector[0]), abs(vector[1])
    parts = [f"{across:.2g} frame widths"] if across >= 0.005 else []
    parts += [f"{down:.2g} frame heights"] if down >= 0.005 else []
    return f", {' and '.join(parts)} a second" if parts else ""
