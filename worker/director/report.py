"""A delivery's section about its direction: what was asked, how far it was followed, what was at fault."""

from collections.abc import Mapping, Sequence
from typing import Any

from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.evaluation import Adherence, Evaluation, Standing
from plugin_backend.domain.seconds import as_number


def direction_section(
    directives: Sequence[Directive], evaluation: Evaluation | None
) -> Mapping[str, Any] | None:
    """`direction` of `report.json`; None where nothing was asked and nothing was measured.

    What was not measured says so: its score is null, and it never counts as followed.
    """
    asked = [each for each in directives if each.source is not DirectiveSource.DEFAULT]
    if not asked and evaluation is None:
        return None
    found = {} if evaluation is None else {each.directive_id: each for each in evaluation.adherence}
    return {
        "measured": evaluation is not None,
        "move": None if evaluation is None else evaluation.move,
        "directives": [_row(each, found.get(each.id)) for each in asked],
        "faults": [] if evaluation is None else evaluation.to_json()["defects"],
        "not_measured": [] if evaluation is None else list(evaluation.not_measured),
    }


def _row(directive: Directive, seen: Adherence | None) -> dict[str, Any]:
    standing = Standing.NOT_MEASURED if seen is None else seen.standing
    return {
        "id": directive.id,
        "kind": directive.kind.value,
        "source": directive.source.value,
        "says": directive.says,
        "from_seconds": as_number(directive.from_seconds),
        "to_seconds": as_number(directive.to_seconds),
        "standing": standing.value,
        "score": None if seen is None else seen.score,
        "confidence": None if seen is None else seen.confidence,
        "seen": None if seen is None else seen.says,
    }
