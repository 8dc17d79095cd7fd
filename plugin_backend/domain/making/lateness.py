"""When a generation is expected and, once that has passed, why it is not there: in words.

Only what a reader is told: nothing is decided by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.making.health import Health, Waiting
from plugin_backend.domain.making.measures import Measured

TOLD_EVERY: Final = timedelta(seconds=15)
"""How long an explanation is good: after that it is worked out anew."""

_ENDED: Final = (TakeState.STORED, TakeState.FAILED, TakeState.CANCELLED)
_SOON: Final = timedelta(seconds=30)


class Reason(StrEnum):
    """What a late generation waits for."""

    QUEUE = "queue"
    """A place of its own among what is asked for."""
    OUTAGE = "outage"
    """Its provider does not answer."""
    PAUSED = "paused"
    """Its provider asked to be left alone, or takes only so many a minute."""
    BUSY = "busy"
    """Its provider has as many of ours as it takes."""
    RETRYING = "retrying"
    """Its provider turned it down, and is asked again."""
    IN_DOUBT = "in-doubt"
    """An answer was lost; it is looked for before anything is sent again."""
    SLOW = "slow"
    """Its provider takes longer than usual."""
    FETCHING = "fetching"
    """It is made, and is being brought here and checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Since when, and why."""

    since: datetime
    reason: Reason
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """When it should be there as far as is known now; `until` is how long that is good."""

    at: datetime
    until: datetime
    late: Late | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What was said to the POSTs of a take that is still to be sent."""

    refused: int = 0
    last_words: str | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """How the one that makes it stands, as of a moment ago."""

    name: str
    health: Health
    is_full: bool = False
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that an explanation is made of."""

    created_at: datetime
    usual: timedelta
    now: datetime
    takes: Sequence[TakeState]
    provider: Provider
    measured: Measured | None = None
    queue_position: int | None = None
    sending: Sending = Sending()


@dataclass(frozen=True, slots=True)
class _Told:
    reason: Reason
    why: str
    not_before: datetime | None = None


def usual_time(
    catalogue_seconds: float | None, measured: Measured | None, *, is_scaled: bool
) -> timedelta | None:
    """How long it usually takes, all told: as measured here, else by the catalogue; None: nobody knows.

    `is_scaled`: its length sets its time (ours, and shots in parts), so a catalogue that says more counts.
    """
    if measured is None:
        return None if catalogue_seconds is None else timedelta(seconds=catalogue_seconds)
    least = catalogue_seconds if is_scaled and catalogue_seconds is not None else 0.0
    return timedelta(seconds=max(measured.p50_seconds, least))


def expectation(case: Case) -> Expectation:
    """What is to be told of an unfinished generation."""
    first = case.created_at + case.usual
    if case.now < first:
        return Expectation(at=first, until=first)
    told = _why(case)
    at = _expected(case, told)
    return Expectation(
        at=at, until=min(_on_grid(case.now), at), late=Late(since=first, reason=told.reason, why=told.why)
    )


def _why(case: Case) -> _Told:
    """What holds up the take that is least far."""
    open_takes = [state for state in case.takes if state not in _ENDED]
    if case.queue_position is not None:
        return _Told(Reason.QUEUE, _queued(case.queue_position))
    if not open_takes:
        return _Told(Reason.FETCHING, "Its takes are made and are being judged.", case.now)
    if TakeState.WANTED in open_takes:
        return _unsent(case)
    if TakeState.SUBMITTED in open_takes:
        return _under_way(case)
    return _Told(Reason.FETCHING, "It is made, and is being brought here and checked.", case.now)


def _queued(position: int) -> str:
    if position == 1:
        return "It is next, and waits for a free place."
    return f"It waits for a free place; {position - 1} were asked for before it."


def _unsent(case: Case) -> _Told:
    name, health, sending = case.provider.name, case.provider.health, case.sending
    if case.provider.is_ours:
        return _Told(Reason.BUSY, "It waits for a worker of ours that is free.")
    if sending.in_doubt:
        why = f"{name} was asked and its answer was lost; it is looked for before anything is sent again."
        return _Told(Reason.IN_DOUBT, why)
    match health.waiting(now=case.now):
        case Waiting.OUTAGE:
            return _Told(Reason.OUTAGE, _away(name, health.probe_at), health.probe_at)
        case Waiting.PAUSED:
            until = health.paused_until
            why = f"{name} is sent no more before {_clock(until)}: it asked for that, or takes only so many."
            return _Told(Reason.PAUSED, why, until)
        case Waiting.FULL | Waiting.RATE | None:
            return _in_line(case)
        case other:
            assert_never(other)


def _in_line(case: Case) -> _Told:
    name, sending = case.provider.name, case.sending
    if case.provider.is_full:
        return _Told(Reason.BUSY, f"{name} has as many of our requests under way as it takes; it is in line.")
    if sending.refused:
        times = "once" if sending.refused == 1 else f"{sending.refused} times"
        said = f" It said: {sending.last_words}" if sending.last_words else ""
        return _Told(Reason.RETRYING, f"{name} turned it down {times}, and is asked again.{said}")
    return _Told(Reason.BUSY, f"It is in line to be sent to {name}.")


def _under_way(case: Case) -> _Told:
    name, health, measured = case.provider.name, case.provider.health, case.measured
    if health.waiting(now=case.now) is Waiting.OUTAGE:
        return _Told(Reason.OUTAGE, f"{name} has it. {_away(name, health.probe_at)}", health.probe_at)
    who = "Our own engine" if case.provider.is_ours else name
    if measured is None:
        return _Told(Reason.SLOW, f"{who} has it, and takes longer than the {_seconds(case.usual)} expected.")
    within = timedelta(seconds=measured.p95_seconds)
    spelt = f"here half are ready within {_seconds(case.usual)}, 19 of 20 within {_seconds(within)}"
    return _Told(
        Reason.SLOW,
        f"{who} has it, and takes longer than usual: {spelt}.",
        case.created_at + within if case.created_at + within > case.now else None,
    )


def _away(name: str, again: datetime | None) -> str:
    return f"{name} does not answer at the moment" + (f"; it is tried at {_clock(again)}." if again else ".")


def _expected(case: Case, told: _Told) -> datetime:
    """The next moment at which it may be there: never one that has passed."""
    if told.reason is Reason.FETCHING:
        return _on_grid(case.now + _SOON)
    if told.not_before is not None and told.not_before > case.now:
        return told.not_before if told.reason is Reason.SLOW else told.not_before + case.usual
    # It has taken so long: it is given as long again, in steps, so that the moment stands still for a while.
    step = max(case.usual, TOLD_EVERY)
    at = case.created_at + step
    while at <= case.now:
        step *= 2
        at = case.created_at + step
    return at


def _on_grid(moment: datetime) -> datetime:
    """The end of the quarter of a minute that a moment lies in."""
    every = int(TOLD_EVERY.total_seconds())
    return datetime.fromtimestamp((int(moment.timestamp()) // every + 1) * every, tz=UTC)


def _clock(moment: datetime | None) -> str:
    return "a while" if moment is None else f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def _seconds(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"
