"""From a score to a standing, and the one way of saying that something was not measured."""

from collections.abc import Mapping
from typing import Any, Final

from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Adherence, Standing

_FOLLOWED: Final = 0.7
_PARTLY: Final = 0.35


def followed(
    directive: Directive, *, score: float, confidence: float, says: str, measured: Mapping[str, Any]
) -> Adherence:
    """What was measured of a directive, 0..1."""
    standing = (
        Standing.FOLLOWED if score >= _FOLLOWED else Standing.PARTLY if score >= _PARTLY else Standing.MISSED
    )
    return Adherence(
        directive_id=directive.id,
        standing=standing,
        score=round(score, 3),
        confidence=round(confidence, 3),
        says=says,
        measured=measured,
    )


def not_measured(directive: Directive, says: str, *, measured: Mapping[str, Any] | None = None) -> Adherence:
    """Nothing can be said of it, and why."""
    return Adherence(
        directive_id=directive.id,
        standing=Standing.NOT_MEASURED,
        score=None,
        confidence=0.0,
        says=says,
        measured=measured or {},
    )
