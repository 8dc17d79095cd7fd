"""How much of an upstream this service may use at a time, and how it waits for what it asked."""

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_UNKNOWN_SECONDS: Final = 60.0  # what a take is taken to need where the catalogue does not say
_SHORTEST_PATIENCE: Final = timedelta(minutes=30)
_PATIENCE: Final = 10  # times the usual

LATENESS_SECONDS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""How late a look may be, in the steps in which the metrics count it."""

_SELDOM: Final = 20.0
_SELDOM_AFTER_ALL: Final = 60.0
_LONGEST_TROUBLE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLimits:
    """What one account allows: unfinished jobs together, and requests to start one in any minute."""

    concurrency: int
    requests_per_minute: int


UNLIMITED: Final = ProviderLimits(concurrency=1 << 30, requests_per_minute=1 << 30)
"""For a provider that is not set up here."""


def deadline(*, now: datetime, expected_seconds: float | None) -> datetime:
    """When a take that a provider accepts now is given up: long after it should have been there."""
    usual = timedelta(seconds=expected_seconds or _UNKNOWN_SECONDS)
    return now + max(_SHORTEST_PATIENCE, _PATIENCE * usual)


def next_look(
    take_id: str,
    *,
    elapsed: float,
    expected: float | None,
    at_least: float = 0.0,
    troubles: int = 0,
) -> timedelta:
    """How long to leave a running take alone: seldom at first, often around its usual end, ever less after.

    Seconds in, of which `at_least` is the provider's own wish. Each take has a measure of its own, up to a
    tenth more or less, so that what was sent together is not asked for together.
    """
    usual = expected or _UNKNOWN_SECONDS
    if elapsed < usual:
        gap = min(_SELDOM, max((usual - elapsed) / 3, usual / 20))
    else:
        gap = min(_SELDOM_AFTER_ALL, max(usual / 20, elapsed / 20))
    if troubles:
        gap = max(gap, min(_LONGEST_TROUBLE, 2.0 ** min(troubles, 10)))
    own = 0.9 + 0.2 * (zlib.crc32(take_id.encode()) % 1000) / 1000
    return timedelta(seconds=max(gap * own, at_least))
