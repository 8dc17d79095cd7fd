"""The plans as they stand, and as this version ships them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.tables import plans
from plugin_backend.domain.plan_limits import TERMS, Plan, shipped_changes, shipped_plans

_COLUMNS = tuple(plans.c[name] for name in ("id", *TERMS))


def list_plans(connection: Connection, *, archived: bool = False) -> tuple[Plan, ...]:
    """Every plan, the smallest first."""
    statement = select(*_COLUMNS).order_by(plans.c.drafts_per_day, plans.c.id)
    if not archived:
        statement = statement.where(plans.c.archived_at.is_(None))
    return tuple(_plan(row) for row in connection.execute(statement))


def find_plan(connection: Connection, plan_id: str) -> Plan | None:
    """A plan that people can be put on."""
    live = select(*_COLUMNS).where(plans.c.id == plan_id, plans.c.archived_at.is_(None))
    row = connection.execute(live).one_or_none()
    return None if row is None else _plan(row)


def ship_plans(connection: Connection) -> None:
    """Write the plans of this version; what an operator changed stays as they want it. Idempotent."""
    for plan in shipped_plans():
        found = connection.execute(select(plans).where(plans.c.id == plan.id).with_for_update()).one_or_none()
        if found is None:
            values = {"id": plan.id, **plan.terms(), "shipped": plan.terms()}
            connection.execute(insert(plans).values(values).on_conflict_do_nothing())
            continue
        _ship(connection, plan, dict(found._mapping))  # noqa: SLF001 - the documented way


def _ship(connection: Connection, plan: Plan, row: Mapping[str, Any]) -> None:
    before, terms = row["shipped"], plan.terms()
    if before is None or before == terms:  # an operator's own plan of the same name, or nothing new
        return
    changed = shipped_changes(row, before=before, now=terms)
    values = {**changed, "shipped": terms, "version": plans.c.version + (1 if changed else 0)}
    connection.execute(update(plans).where(plans.c.id == plan.id).values(values))


def _plan(row: Row[Any, Any]) -> Plan:
    return Plan.of(dict(row._mapping))  # noqa: SLF001 - the documented way
