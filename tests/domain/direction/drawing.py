"""Marks as an editor draws them."""

from fractions import Fraction

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool


def mark(
    tool: str,
    target: str,
    *points: tuple[float, float],
    note: str = "",
    since: float = 0,
    until: float | None = None,
) -> Annotation:
    return Annotation(
        tool=AnnotationTool(tool),
        target=AnnotationTarget(target),
        points=points,
        from_seconds=Fraction(since),
        to_seconds=None if until is None else Fraction(until),
        note=note,
    )
