"""How every provider stands: its circuit, what is under way, what waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from plugin_backend.db.health import all_health, under_way
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.making.health import Circuit, Health
from plugin_backend.domain.people.mailing import TOPIC
from plugin_backend.services.house import House

_ROWS: Final = text(
    """
    SELECT topic, count(*) FILTER (WHERE lane IN ('waiting-draft', 'waiting-master')) AS waiting,
        count(*) FILTER (WHERE lane = 'watch') AS watched,
        min(next_at) FILTER (WHERE lane = 'watch' AND next_at <= :now
            AND (lease IS NULL OR lease_until < :now)) AS oldest
    FROM work WHERE topic IS NOT NULL GROUP BY topic
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStanding:
    """One provider; `overdue_seconds` is how late its most overdue look is."""

    provider: str
    circuit: Circuit
    failures: int
    open_attempts: int
    concurrency: int | None
    waiting: int
    watched: int
    overdue_seconds: float
    paused_until: datetime | None
    probe_at: datetime | None
    last_ok_at: datetime | None
    last_error: str | None


def standings(house: House, work: UnitOfWork) -> tuple[ProviderStanding, ...]:
    """Every provider that is set up here or has something under way."""
    health, counts = all_health(work.connection), under_way(work.connection)
    rows = {row.topic: row for row in work.connection.execute(_ROWS, {"now": work.now})}
    names = sorted({*house.configured_providers, *health, *counts, *rows} - {ANIMATIC, TOPIC})
    return tuple(
        _standing(house, name, health.get(name, Health()), counts, rows.get(name), now=work.now)
        for name in names
    )


def degraded(house: House) -> tuple[str, ...]:
    """The providers that are left alone because they do not answer."""
    with house.begin() as work:
        found = all_health(work.connection)
    return tuple(f"provider:{name}" for name in sorted(found) if found[name].circuit is not Circuit.CLOSED)


def _standing(
    house: House, name: str, health: Health, counts: Mapping[str, int], row: Any, *, now: datetime
) -> ProviderStanding:
    limits = house.provider_limits.get(name)
    late = 0.0 if row is None or row.oldest is None else (now - row.oldest).total_seconds()
    is_paused = health.paused_until is not None and health.paused_until > now
    return ProviderStanding(
        provider=name,
        circuit=health.circuit,
        failures=health.failures,
        open_attempts=counts.get(name, 0),
        concurrency=None if limits is None else limits.concurrency,
        waiting=0 if row is None else row.waiting,
        watched=0 if row is None else row.watched,
        overdue_seconds=late,
        paused_until=health.paused_until if is_paused else None,
        probe_at=health.probe_at,
        last_ok_at=health.last_ok_at,
        last_error=health.last_error,
    )
