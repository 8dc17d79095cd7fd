"""The plans as they stand, and as this version ships them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import mapping_of
from plugin_backend.db.tables import plans
from plugin_backend.domain.money.plan_limits import TERMS, Plan, shipped_changes, shipped_plans

_COLUMNS = tuple(plans.c[name] for name in ("id", *TERMS, "archived_at", "version"))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan as it stands."""

    plan: Plan
    archived_at: datetime | None
    """Since when nobody is put on it any more; who is on it stays."""
    version: int


def list_plans(connection: Connection) -> tuple[Plan, ...]:
    """The plans that people can be put on, the smallest first."""
    return tuple(row.plan for row in list_rows(connection))


def list_rows(connection: Connection, *, archived: bool = False) -> tuple[PlanRow, ...]:
    """The same, perhaps with those that are archived."""
    statement = select(*_COLUMNS).order_by(plans.c.drafts_per_day, plans.c.id)
    if not archived:
        statement = statement.where(plans.c.archived_at.is_(None))
    return tuple(_row(row) for row in connection.execute(statement))


def find_plan(connection: Connection, plan_id: str) -> Plan | None:
    """A plan that people can be put on."""
    row = find_row(connection, plan_id)
    return None if row is None or row.archived_at is not None else row.plan


def find_row(connection: Connection, plan_id: str, *, lock: bool = False) -> PlanRow | None:
    """Any plan, perhaps locked."""
    statement = select(*_COLUMNS).where(plans.c.id == plan_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else _row(row)


def insert_plan(connection: Connection, plan: Plan) -> bool:
    """A new plan; False when there is one of that name."""
    new = insert(plans).values({"id": plan.id, **plan.terms()}).on_conflict_do_nothing()
    return connection.execute(new.returning(plans.c.id)).one_or_none() is not None


def change_plan(connection: Connection, row: PlanRow) -> None:
    """Write a plan's terms as they are to be."""
    values = {**row.plan.terms(), "archived_at": row.archived_at, "version": plans.c.version + 1}
    connection.execute(update(plans).where(plans.c.id == row.plan.id).values(values))


def ship_plans(connection: Connection) -> None:
    """Write the plans of this version; what an operator changed stays as they want it. Idempotent."""
    for plan in shipped_plans():
        found = connection.execute(select(plans).where(plans.c.id == plan.id).with_for_update()).one_or_none()
        if found is None:
            values = {"id": plan.id, **plan.terms(), "shipped": plan.terms()}
            connection.execute(insert(plans).values(values).on_conflict_do_nothing())
            continue
        _ship(connection, plan, dict(mapping_of(found)))


def _ship(connection: Connection, plan: Plan, row: Mapping[str, Any]) -> None:
    before, terms = row["shipped"], plan.terms()
    if before is None or before == terms:  # an operator's own plan of the same name, or nothing new
        return
    changed = shipped_changes(row, before=before, now=terms)
    values = {**changed, "shipped": terms, "version": plans.c.version + (1 if changed else 0)}
    connection.execute(update(plans).where(plans.c.id == plan.id).values(values))


def _row(row: Row[Any, Any]) -> PlanRow:
    values = dict(mapping_of(row))
    archived_at, version = values.pop("archived_at"), values.pop("version")
    return PlanRow(Plan.of(values), archived_at, version)
