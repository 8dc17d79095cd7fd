"""What usage is added up by, and which of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

USUAL_DAYS: Final = 31
"""How many days are added up, today included, where nobody says from when."""

MOST_GROUPS: Final = 2


class UsageGroup(StrEnum):
    """What usage is added up by; a shot is a label."""

    DAY = "day"
    USER = "user"
    PROJECT = "project"
    SHOT = "shot"
    MODEL = "model"
    TIER = "tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFilter:
    """Which generations are added up: by whom, for what, asked for on which UTC days (both included)."""

    workspace_id: str | None = None
    owner_id: str | None = None
    project_id: str | None = None
    label: str | None = None
    model: str | None = None
    kind: str | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one group asked for, got and paid; a key is None outside any project or label."""

    keys: tuple[str | None, ...]
    generations: int
    drafts: int
    masters: int
    ready: int
    failed: int
    cancelled: int
    drafts_ready: int
    masters_ready: int
    draft_units: int
    credits_held: int
    credits_settled: int
    credits_released: int
    takes_stored: int
    spend_cents: int
    exposure_cents: int

    @property
    def drafts_per_master(self) -> float | None:
        """Drafts that were finished for each master that was; None where no master was."""
        return round(self.drafts_ready / self.masters_ready, 2) if self.masters_ready else None


def usual_start(end: date) -> date:
    """The first day of the usual time up to a day."""
    return end - timedelta(days=USUAL_DAYS - 1)
