"""A provider's row of health: read freely, changed by one at a time."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.tables import attempts, provider_health
from plugin_backend.domain.lifecycle import OPEN_ATTEMPTS
from plugin_backend.domain.making.health import Circuit, Health


def read_health(connection: Connection, provider: str) -> Health:
    """How a provider is; one that nothing is known of is well."""
    found = connection.execute(select(provider_health).where(provider_health.c.provider == provider))
    row = found.one_or_none()
    return Health() if row is None else _health(row)


def all_health(connection: Connection) -> Mapping[str, Health]:
    """Every provider something is known of."""
    return {row.provider: _health(row) for row in connection.execute(select(provider_health))}


def lock_health(connection: Connection, provider: str, *, now: datetime) -> Health:
    """How a provider is, to be changed before anybody else may."""
    values = {"provider": provider, "state": Circuit.CLOSED, "updated_at": now}
    connection.execute(insert(provider_health).values(values).on_conflict_do_nothing())
    chosen = select(provider_health).where(provider_health.c.provider == provider)
    return _health(connection.execute(chosen.with_for_update()).one())


def save_health(connection: Connection, provider: str, health: Health, *, now: datetime) -> None:
    """Write a row that is locked."""
    values: dict[str, Any] = asdict(health)
    values["state"] = values.pop("circuit")
    connection.execute(
        update(provider_health).where(provider_health.c.provider == provider).values(**values, updated_at=now)
    )


def take_turn(connection: Connection, provider: str) -> None:
    """Hold a provider's places for the rest of the transaction: who counts them, counts alone."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"places {provider}", 0))))


def under_way(connection: Connection, providers: Collection[str] | None = None) -> Mapping[str, int]:
    """How many attempts are open with each provider, those in doubt included."""
    chosen = select(attempts.c.provider, func.count().label("open")).where(
        attempts.c.state.in_(OPEN_ATTEMPTS)
    )
    if providers is not None:
        chosen = chosen.where(attempts.c.provider.in_(providers))
    return {row.provider: row.open for row in connection.execute(chosen.group_by(attempts.c.provider))}


def _health(row: Row[Any]) -> Health:
    values = {each.name: getattr(row, each.name) for each in fields(Health) if each.name != "circuit"}
    return Health(circuit=Circuit(row.state), **values)
