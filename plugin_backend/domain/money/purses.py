"""Where a person's credits come from: their own account, their workspace's pool, or one after the other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import assert_never


class SpendFrom(StrEnum):
    """What the members of a workspace spend. A generation is paid whole by one account, never by two."""

    PERSONAL = "personal"
    POOL = "pool"
    PERSONAL_THEN_POOL = "personal-then-pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What one member can spend, read in one moment."""

    spend_from: SpendFrom
    own_available: int
    own_held: int
    pool_available: int
    pool_held: int
    """What is held of the pool for this member, from whichever month."""
    own_cap: int | None
    """Credits a month that this member may take from the pool; None: what the workspace gives everybody."""
    member_cap: int | None
    """The same for every member without a cap of their own; None: no limit."""
    month: date
    taken: int
    """Held and spent of the pool by this member in this month: what the cap is about."""

    @property
    def cap(self) -> int | None:
        """The cap in force."""
        return self.member_cap if self.own_cap is None else self.own_cap

    @property
    def from_pool(self) -> int:
        """What the pool would give this member now; a cap lowered below what was taken leaves nothing."""
        if self.spend_from is SpendFrom.PERSONAL:
            return 0
        left = self.pool_available if self.cap is None else max(0, self.cap - self.taken)
        return min(self.pool_available, left)

    @property
    def available(self) -> int:
        """All that this member could spend now, from whichever account."""
        match self.spend_from:
            case SpendFrom.PERSONAL:
                return self.own_available
            case SpendFrom.POOL:
                return self.from_pool
            case SpendFrom.PERSONAL_THEN_POOL:
                return self.own_available + self.from_pool
        assert_never(self.spend_from)

    @property
    def most_at_once(self) -> int:
        """The dearest single generation they could ask for: one account pays it whole."""
        both = self.spend_from is SpendFrom.PERSONAL_THEN_POOL
        return max(self.own_available, self.from_pool) if both else self.available

    @property
    def held(self) -> int:
        """What is set aside for their open generations."""
        return self.own_held + self.pool_held

    @property
    def resets_at(self) -> datetime:
        """When the next month of the cap begins."""
        return month_after(self.month)


def month_of(moment: datetime) -> date:
    """The UTC month a moment belongs to, as its first day."""
    return moment.astimezone(UTC).date().replace(day=1)


def month_after(month: date) -> datetime:
    """When the month after this one begins."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return datetime.combine(date(year, number + 1, 1), time(), tzinfo=UTC)
