"""What is due, in which lane, and under which lease. The row decides; a hint only says where to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

STEP_LEASE: Final = timedelta(seconds=30)
"""How long a claim holds before another process may take the row; longer than any step, or renewed."""

MAX_TRIES: Final = 3
"""Claims of one media step before it is failed with what was seen."""


class Lane(StrEnum):
    """Where a row's next step runs; drafts never wait behind masters."""

    STEP_DRAFT = "step-draft"
    STEP_MASTER = "step-master"
    MEDIA_DRAFT = "media-draft"
    MEDIA_MASTER = "media-master"

    @property
    def is_media(self) -> bool:
        """Whether the step renders, decodes or conforms."""
        return self in (Lane.MEDIA_DRAFT, Lane.MEDIA_MASTER)

    @property
    def is_draft(self) -> bool:
        """Whether the step belongs to work an editor watches."""
        return self in (Lane.STEP_DRAFT, Lane.MEDIA_DRAFT)


@dataclass(frozen=True, slots=True)
class Hint:
    """Look at this row: it may be due."""

    subject_id: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held by one step until its lease runs out; the token fences every write."""

    subject_id: str
    lane: Lane
    token: str
    tries: int
    until: datetime


class Hints(Protocol):
    """Carries hints to the workers, best effort: losing all of them costs a second."""

    def send(self, hints: Sequence[Hint]) -> None:
        """Pass hints on; never raises."""


class LeaseLostError(Exception):
    """Somebody else holds the row now: leave without writing."""


def retry_delay(tries: int) -> timedelta:
    """How long to wait after a failed try: 1, 2, 4 ... at most 60 seconds."""
    return timedelta(seconds=min(60, 2 ** max(0, tries - 1)))
