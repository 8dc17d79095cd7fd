"""How a provider is, and whether it may be sent one more: its circuit, its pauses, its places."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from plugin_backend.domain.making.providers import ProviderLimits

FAILURES_TO_OPEN: Final = 5
"""Outages in a row, with no answer between them, after which a provider is left alone."""

_FIRST_REST: Final = timedelta(seconds=15)
_LONGEST_REST: Final = timedelta(minutes=5)

PROBE_WITHIN: Final = timedelta(seconds=60)
"""How long a prober may take; one that dies is followed by another."""

PAUSE_UNTOLD: Final = timedelta(seconds=5)
"""The pause after a refusal for haste that does not say how long."""

_LONGEST_PAUSE: Final = timedelta(hours=1)


class Circuit(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Waiting(StrEnum):
    """Why nothing is sent to a provider now."""

    OUTAGE = "outage"
    PAUSED = "paused"
    FULL = "full"
    RATE = "rate"


class Call(StrEnum):
    """What a provider is asked: to begin something, or how something is doing."""

    SENDING = "sending"
    WATCHING = "watching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A provider's circuit and pause, as its row has them; the defaults are those of one that is well."""

    circuit: Circuit = Circuit.CLOSED
    failures: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    paused_until: datetime | None = None
    last_ok_at: datetime | None = None
    last_error: str | None = None
    """What failed last, after the name of the call."""

    def waiting(self, *, now: datetime) -> Waiting | None:
        """Why the provider is left alone now, its places aside."""
        if self.circuit is not Circuit.CLOSED and not self.may_probe(now=now):
            return Waiting.OUTAGE
        if self.paused_until is not None and timedelta(0) < self.paused_until - now <= _LONGEST_PAUSE:
            return Waiting.PAUSED
        return None

    def may_probe(self, *, now: datetime) -> bool:
        """Whether one call may find out how it is: it has rested, or the last prober never came back."""
        if self.circuit is Circuit.CLOSED or self.probe_at is None:
            return False
        return not timedelta(0) < self.probe_at - now <= _LONGEST_REST  # further off: the clock was set back

    def room(self, limits: ProviderLimits, *, under_way: int, now: datetime) -> int:
        """How many more it may be sent."""
        if self.waiting(now=now) is not None:
            return 0
        places = max(0, limits.concurrency - under_way)
        return min(1, places) if self.circuit is not Circuit.CLOSED else places

    def probed(self, *, now: datetime) -> "Health":
        """One call goes to find out; everybody else waits for what it says."""
        return replace(self, circuit=Circuit.HALF_OPEN, probe_at=now + PROBE_WITHIN)

    def succeeded(self, call: Call, *, now: datetime) -> "Health":
        """It answered, whatever it said. One that begins nothing more is not well because it still shows."""
        if call is Call.WATCHING and self._blames(Call.SENDING):
            return replace(self, last_ok_at=now)
        return replace(
            self,
            circuit=Circuit.CLOSED,
            failures=0,
            opened_at=None,
            probe_at=None,
            last_ok_at=now,
            last_error=None,
        )

    def failed(self, call: Call, error: str, *, now: datetime) -> "Health":
        """It could not be reached, or did not answer. Calls that went before it opened count no more."""
        said = self.last_error if self._blames(Call.SENDING) and call is Call.WATCHING else f"{call}: {error}"
        if self.circuit is Circuit.OPEN:
            return replace(self, last_error=said)
        worse = replace(self, failures=self.failures + 1, last_error=said)
        if worse.failures < FAILURES_TO_OPEN:
            return worse
        rest = min(_LONGEST_REST, _FIRST_REST * 2 ** min(10, worse.failures - FAILURES_TO_OPEN))
        return replace(worse, circuit=Circuit.OPEN, opened_at=self.opened_at or now, probe_at=now + rest)

    def _blames(self, call: Call) -> bool:
        return self.last_error is not None and self.last_error.startswith(f"{call}: ")

    def paused(self, after: timedelta | None, *, now: datetime) -> "Health":
        """It asked to be left alone for a while."""
        until = now + min(after or PAUSE_UNTOLD, _LONGEST_PAUSE)
        return replace(self, paused_until=max(until, self.paused_until or until))
