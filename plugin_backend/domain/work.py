"""What is due, in which lane, and under which lease. The row decides; a hint only says where to look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

STEP_LEASE: Final = timedelta(seconds=30)
"""How long a claim holds before another process may take the row; longer than any step, or renewed."""

STRAYS_END: Final = timedelta(hours=1)
"""After which no step that has lost its row is still writing files: the longest media operation."""

MAX_TRIES: Final = 3
"""Claims of one media step before it is failed with what was seen."""


PROVIDER_PLACES: Final = 8
"""Steps of one lane that a process has under way with one provider: it may hang, and holds no more."""

WEBHOOK_PLACES: Final = 4
"""Messages that a process has under way to one host: it may be slow, and holds no more."""

MOST_WEBHOOKS: Final = 32
"""Messages that a process has under way to all hosts together."""

WATCH: Final = "watch_"
"""What the hint of a provider's watcher begins with; the provider's name follows."""


class Lane(StrEnum):
    """Where a row's next step runs; drafts never wait behind masters."""

    STEP_DRAFT = "step-draft"
    STEP_MASTER = "step-master"
    PROVIDER_DRAFT = "provider-draft"
    PROVIDER_MASTER = "provider-master"
    WAITING_DRAFT = "waiting-draft"
    WAITING_MASTER = "waiting-master"
    WATCH = "watch"
    WEBHOOK = "webhook"
    MEDIA_DRAFT = "media-draft"
    MEDIA_MASTER = "media-master"

    @property
    def is_media(self) -> bool:
        """Whether the step renders, decodes or conforms."""
        return self in (Lane.MEDIA_DRAFT, Lane.MEDIA_MASTER)

    @property
    def is_provider(self) -> bool:
        """Whether the step waits for a provider's answer."""
        return self in (Lane.PROVIDER_DRAFT, Lane.PROVIDER_MASTER, *_WAITING)

    @property
    def is_errand(self) -> bool:
        """Whether the step waits for somebody else's answer: it runs on a thread of its own."""
        return self.is_provider or self is Lane.WEBHOOK

    @property
    def places(self) -> int:
        """How many such steps about one of those a process has under way."""
        return WEBHOOK_PLACES if self is Lane.WEBHOOK else PROVIDER_PLACES

    @property
    def is_draft(self) -> bool:
        """Whether the step belongs to work an editor watches."""
        return self in (Lane.STEP_DRAFT, Lane.PROVIDER_DRAFT, Lane.WAITING_DRAFT, Lane.MEDIA_DRAFT)

    @property
    def waiting(self) -> "Lane":
        """Where a row of a provider's lane waits until the provider may be sent one more."""
        return Lane.WAITING_DRAFT if self.is_draft else Lane.WAITING_MASTER

    @property
    def begun(self) -> "Lane":
        """Where a row is once a step has it: it waits no longer."""
        return _WAITING.get(self, self)

    @classmethod
    def of_take(cls, *, is_draft: bool, is_remote: bool) -> "Lane":
        """Where a take's own steps run; `is_remote`: a provider over a network makes it."""
        if is_remote:
            return cls.PROVIDER_DRAFT if is_draft else cls.PROVIDER_MASTER
        return cls.STEP_DRAFT if is_draft else cls.STEP_MASTER


_WAITING: Final = {Lane.WAITING_DRAFT: Lane.PROVIDER_DRAFT, Lane.WAITING_MASTER: Lane.PROVIDER_MASTER}


@dataclass(frozen=True, slots=True)
class Hint:
    """Look at this row: it may be due. In the lane of watched rows it names a provider, not a row."""

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
    topic: str | None = None
    """The provider it is about, in the lanes of providers."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many more hints each lane takes, and how many processes there are for short steps."""

    free: Mapping[Lane, int]
    steps_processes: int


class Hints(Protocol):
    """Carries hints to the workers, best effort: losing all of them costs a second."""

    def send(self, hints: Sequence[Hint]) -> None:
        """Pass hints on; never raises."""


class LeaseLostError(Exception):
    """Somebody else holds the row now: leave without writing."""


def watch_hint(provider: str) -> Hint:
    """Some takes of this provider are due for a look."""
    return Hint(f"{WATCH}{provider}", Lane.WATCH)


def hint_of(subject_id: str, lane: Lane, topic: str | None) -> Hint:
    """What to tell the workers of a row that is due: its own id, or who watches it together with others."""
    return watch_hint(topic) if lane is Lane.WATCH and topic is not None else Hint(subject_id, lane)


def watched_provider(subject_id: str) -> str | None:
    """The provider a watcher's hint names; None for the hint of a row."""
    return subject_id.removeprefix(WATCH) if subject_id.startswith(WATCH) else None


def retry_delay(tries: int) -> timedelta:
    """How long to wait after a failed try: 1, 2, 4 ... at most 60 seconds."""
    return timedelta(seconds=min(60, 2 ** max(0, tries - 1)))
