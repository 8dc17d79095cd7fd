"""Webhooks out: which events there are to hear of, when a message is tried again, and when no more."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from plugin_backend.domain.errors import FieldProblem
from plugin_backend.domain.lifecycle import DeliveryState, GenerationState

MOST_ENDPOINTS: Final = 10
"""Live endpoints that a person may have."""

MOST_PATTERNS: Final = 32
MOST_REPLAYED: Final = 10_000
"""Messages that one request sends again."""

KEPT: Final = timedelta(days=30)
"""How long messages are kept, and what was tried of them."""

OVERLAP: Final = timedelta(hours=24)
"""How long the secret before stays good after a rotation, where nothing else is said."""

MOST_OVERLAP: Final = timedelta(days=7)

TEST_EVENT: Final = "webhook.test"

_WAITS: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_TRIES: Final = len(_WAITS)
LONGEST_WAIT: Final = timedelta(hours=24)
_JITTER: Final = 0.1
"""A wait is up to so much longer, so that what failed together does not come back together."""

EVENT_TYPES: Final[frozenset[str]] = frozenset(
    {
        *(f"generation.{state}" for state in GenerationState),
        "generation.deleted",
        "generation.expiring",
        *(f"delivery.{state}" for state in DeliveryState),
        "delivery.applied",
        "delivery.archived",
        "quota.changed",
        "quota.frozen",
        "quota.unfrozen",
        "quota.alert",
        "credits.granted",
        "credits.adjusted",
        "credits.transferred",
        "credits.expired",
        "credits.alert",
        "webhook.disabled",
    }
)
"""Everything an endpoint may hear of; a family is what stands before the dot."""

FAMILIES: Final = tuple(sorted({each.partition(".")[0] for each in EVENT_TYPES}))
_WHOLE: Final = frozenset(f"{family}.*" for family in FAMILIES)
_STATES: Final = frozenset(map(str, (*GenerationState, *DeliveryState)))


class Covers(StrEnum):
    """Whose events an endpoint hears of."""

    OWN = "own"
    WORKSPACE = "workspace"


class Why(StrEnum):
    """Why an endpoint is sent nothing."""

    ASKED = "asked"  # its owner said so
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it accepted nothing in all the tries of a message


class MessageState(StrEnum):
    """What became of a message to one endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"  # the endpoint was disabled: a replay sends it


class Verdict(StrEnum):
    """What an answer means."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GONE = "gone"


def pattern_problems(patterns: Sequence[str], *, pointer: str = "/events") -> list[FieldProblem]:
    """What no event will ever match, each with the way out."""
    families = ", ".join(f"{family}.*" for family in FAMILIES)
    return [
        FieldProblem(f"{pointer}/{place}", f"There is no such event; use {families}, or one type of them.")
        for place, pattern in enumerate(patterns)
        if pattern not in EVENT_TYPES and pattern not in _WHOLE
    ]


def is_asked_for(event_type: str, patterns: Collection[str]) -> bool:
    """Whether some patterns mean an event: `generation.ready` itself, or `generation.*` for its family."""
    return event_type in patterns or f"{event_type.partition('.')[0]}.*" in patterns


def state_in(event_type: str) -> str | None:
    """The state that an event says its subject has come to; None where it tells of something else."""
    word = event_type.partition(".")[2]
    return word if word in _STATES else None


def verdict_on(status: int | None) -> Verdict:
    """What an endpoint's answer means; None where there was none. A redirect is no acceptance."""
    if status is not None and 200 <= status < 300:
        return Verdict.DELIVERED
    return Verdict.GONE if status == 410 else Verdict.AGAIN


def next_wait(message_id: str, *, tries: int, asked: timedelta | None = None) -> timedelta | None:
    """How long after so many failed tries the next one is; None when there is none left.

    An endpoint that `asked` for more time gets it, up to a day.
    """
    if tries >= MOST_TRIES:
        return None
    seed = hashlib.blake2b(f"{message_id}:{tries}".encode(), digest_size=4).digest()
    wait = _WAITS[tries] * (1 + _JITTER * int.from_bytes(seed, "big") / 2**32)
    return max(wait, min(asked or timedelta(0), LONGEST_WAIT))
