"""Whether a provider may be sent one more: its circuit, its pauses, its places, counted over all processes.

A take whose provider is left alone waits in a lane of its own, in line, without an attempt. The dispatcher
calls as many as the provider has room for; the transaction of the intent decides.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from plugin_backend.db.health import (
    all_health,
    lock_health,
    read_health,
    save_health,
    take_turn,
    under_way,
)
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.making.health import Call, Circuit, Health, Waiting
from plugin_backend.domain.making.providers import UNLIMITED, ProviderLimits
from plugin_backend.domain.work import Claim
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making.explaining import explain

WAIT_AT_MOST: Final = timedelta(hours=24)
"""How long a take waits to be sent; its credits are not held for ever."""

_FRESH: Final = timedelta(seconds=10)
"""How long an answer is remembered before another one is worth a write."""

_WHY: Final = {
    Waiting.OUTAGE: "does not answer at the moment",
    Waiting.PAUSED: "asked us to wait",
    Waiting.FULL: "has as many of our requests under way as it takes",
    Waiting.RATE: "takes only so many requests a minute",
}


class NotNowError(Exception):
    """The provider is sent nothing now."""

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        super().__init__(waiting.value)


def limits_of(house: House, provider: str) -> ProviderLimits:
    """What its account allows."""
    return house.provider_limits.get(provider, UNLIMITED)


def look(house: House, provider: str) -> Waiting | None:
    """Why it would be sent nothing now: a glance, before anything is spent on the way to it."""
    with house.begin() as work:
        health = read_health(work.connection, provider)
        waiting = health.waiting(now=work.now)
        if waiting is not None:
            return waiting
        count = under_way(work.connection, [provider]).get(provider, 0)
        return Waiting.FULL if count >= limits_of(house, provider).concurrency else None


def take_place(work: UnitOfWork, provider: str, limits: ProviderLimits) -> None:
    """Make sure, in the transaction that writes an intent, that it may be sent; NotNowError when it may not.

    Where the provider rests, the first that comes when it has rested is the one that finds out how it is.
    """
    if provider == ANIMATIC:
        return
    take_turn(work.connection, provider)
    health = read_health(work.connection, provider)
    waiting = health.waiting(now=work.now)
    if waiting is not None:
        raise NotNowError(waiting)
    if under_way(work.connection, [provider]).get(provider, 0) >= limits.concurrency:
        raise NotNowError(Waiting.FULL)
    if health.circuit is not Circuit.CLOSED:
        _probe(work, provider)


def _probe(work: UnitOfWork, provider: str) -> None:
    health = lock_health(work.connection, provider, now=work.now)
    if health.circuit is not Circuit.CLOSED:
        save_health(work.connection, provider, health.probed(now=work.now), now=work.now)


def park(house: House, claim: Claim, take: TakeRow, provider: str, waiting: Waiting) -> None:
    """Let a take wait in line; its trace says why, once."""
    with house.begin() as work:
        why = f"waits: {provider} {_WHY[waiting]}."
        explain(work, take, why, reason=waiting.value, provider=provider)
        stepping.wait_in_line(work, claim)


def has_waited(take: TakeRow, *, now: datetime) -> bool:
    """Whether a take has waited as long as any may."""
    return now - take.created_at >= WAIT_AT_MOST


def answered(house: House, provider: str, call: Call) -> None:
    """It said something: whatever that was, it is there."""

    def change(health: Health, now: datetime) -> Health | None:
        return None if is_known_well(health, now=now) else health.succeeded(call, now=now)

    _change(house, provider, change)


def failed(house: House, provider: str, call: Call, error: str) -> None:
    """It could not be reached, or did not answer."""
    _change(house, provider, lambda health, now: health.failed(call, error, now=now))


def paused(house: House, provider: str, after: timedelta | None) -> None:
    """It wants to be left alone for a while: that is an answer, too."""
    _change(
        house, provider, lambda health, now: health.succeeded(Call.SENDING, now=now).paused(after, now=now)
    )


def spaced(house: House, provider: str, after: timedelta) -> None:
    """It has been sent as many as it takes in a minute: the next one goes so much later."""
    _change(house, provider, lambda health, now: health.paused(after, now=now))


def is_known_well(health: Health, *, now: datetime) -> bool:
    """Whether one more good answer would change nothing."""
    is_fresh = health.last_ok_at is not None and abs(now - health.last_ok_at) < _FRESH
    return health.circuit is Circuit.CLOSED and health.failures == 0 and is_fresh


def room(work: UnitOfWork, house: House, providers: Collection[str]) -> Mapping[str, int]:
    """How many more each of some providers may be sent."""
    health, counts = all_health(work.connection), under_way(work.connection, providers)
    return {
        provider: health.get(provider, Health()).room(
            limits_of(house, provider), under_way=counts.get(provider, 0), now=work.now
        )
        for provider in providers
    }


def _change(house: House, provider: str, change: Callable[[Health, datetime], Health | None]) -> None:
    """Change a provider's row, if there is anything to change: most answers say what is known."""
    with house.begin() as work:
        if change(read_health(work.connection, provider), work.now) is None:
            return
        health = change(lock_health(work.connection, provider, now=work.now), work.now)
        if health is not None:
            save_health(work.connection, provider, health, now=work.now)
