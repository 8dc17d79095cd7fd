"""The draft quota: a window of one UTC day per user, in draft units."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class DraftWindow:
    """One user's draft units on one UTC day."""

    day: date
    limit: int
    used: int

    @property
    def remaining(self) -> int:
        """What is left; a limit lowered below what was used leaves nothing."""
        return max(0, self.limit - self.used)

    @property
    def resets_at(self) -> datetime:
        """The start of the next UTC day."""
        return resets_at(self.day)


def day_of(moment: datetime) -> date:
    """The UTC day a moment belongs to."""
    return moment.astimezone(UTC).date()


def resets_at(day: date) -> datetime:
    """When the window of that day ends."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def units_returned(taken: int, *, stored: int) -> int:
    """The units that go back to the day they came from: those no stored take used."""
    return max(0, taken - stored)
