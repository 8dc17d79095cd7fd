"""Alerts: at which share of a quota, or after how many credits, somebody is told or spending stops."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin_backend.domain.errors import FieldProblem, ValidationFailedError

MOST_RULES: Final = 20
_MOST_CREDITS: Final = 10**12


class Measure(StrEnum):
    """What is watched: percent of what there was, or credits in a UTC month."""

    DRAFTS = "drafts"
    """Percent of a person's draft units of the day."""
    CREDITS = "credits"
    """Percent, held or gone, of what a person had when credits last came in."""
    POOL = "pool"
    """The same of the workspace's pool."""
    SPEND = "spend"
    """Credits that a person's generations of this month hold or have cost."""
    WORKSPACE_SPEND = "workspace-spend"
    """The same of everybody in the workspace."""

    @property
    def is_percent(self) -> bool:
        """Whether a threshold is a share of something."""
        return self not in (Measure.SPEND, Measure.WORKSPACE_SPEND)

    @property
    def is_of_workspace(self) -> bool:
        """Whether it is about a workspace, not about each person in it."""
        return self in (Measure.POOL, Measure.WORKSPACE_SPEND)


class Action(StrEnum):
    """What happens at a threshold."""

    TELL = "tell"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Once in its time, at that threshold: a day, a month, or until credits come in again."""

    measure: Measure
    threshold: int
    action: Action

    def to_json(self) -> dict[str, str | int]:
        """As it is kept."""
        return {"measure": self.measure.value, "threshold": self.threshold, "action": self.action.value}


USUAL: Final = tuple(
    Rule(measure=measure, threshold=80, action=Action.TELL)
    for measure in (Measure.DRAFTS, Measure.CREDITS, Measure.POOL)
)
"""Where nobody has said anything else."""


def check_rules(rules: Sequence[Rule]) -> None:
    """ValidationFailedError names each rule that cannot be."""
    problems, seen = [], set()
    for place, rule in enumerate(rules):
        most = 100 if rule.measure.is_percent else _MOST_CREDITS
        if not 1 <= rule.threshold <= most:
            detail = f"Give a whole number from 1 to {most:,}."
            problems.append(FieldProblem(f"/rules/{place}/threshold", detail))
        if (rule.measure, rule.threshold) in seen:
            problems.append(FieldProblem(f"/rules/{place}", "The same measure and threshold stand above."))
        seen.add((rule.measure, rule.threshold))
    if problems:
        raise ValidationFailedError(problems)
