"""Reading the books: ledger entries, usage by group, and whether they agree."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, text

from plugin_backend.db.tables import generations, ledger_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One entry, with the balance after it."""

    id: str
    number: int
    account_id: str
    kind: str
    available_delta: int
    held_delta: int
    available_after: int
    held_after: int
    generation_id: str | None
    actor_id: str | None
    reason: str | None
    at: datetime
    owner_id: str | None
    """Who asked for the generation it is about, what that is filed under, and which shot it is."""
    project_id: str | None
    label: str | None


class UsageGroup(StrEnum):
    """What usage is added up by."""

    DAY = "day"
    MODEL = "model"
    PROJECT = "project"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What one group asked for and paid; `key` is None for work outside any project."""

    key: str | None
    generations: int
    drafts: int
    masters: int
    ready: int
    failed: int
    cancelled: int
    draft_units: int
    credits_settled: int
    credits_held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFilter:
    """Whose generations are added up, and from when until (not including) when."""

    workspace_id: str | None
    owner_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None


_UNBALANCED = text(
    """
    SELECT count(*) FROM accounts a
    LEFT JOIN LATERAL (
        SELECT available_after, held_after FROM ledger_entries
        WHERE account_id = a.id ORDER BY number DESC LIMIT 1
    ) e ON true
    WHERE (a.available, a.held) <> (COALESCE(e.available_after, 0), COALESCE(e.held_after, 0))
       OR a.held <> (SELECT COALESCE(sum(credits_held), 0) FROM generations
                     WHERE account_id = a.id AND finished_at IS NULL)
    """
)


_ENTRIES = select(
    ledger_entries, generations.c.owner_id, generations.c.project_id, generations.c.label
).outerjoin(generations, generations.c.id == ledger_entries.c.generation_id)


def find_entry(connection: Connection, entry_id: str) -> LedgerRow:
    """One entry that is known to be there."""
    row = connection.execute(_ENTRIES.where(ledger_entries.c.id == entry_id)).one()
    return LedgerRow(**row._mapping)  # noqa: SLF001 - the documented way


def list_entries(
    connection: Connection, account_id: str, *, before: int | None, limit: int
) -> tuple[LedgerRow, ...]:
    """An account's entries, newest first."""
    statement = _ENTRIES.where(ledger_entries.c.account_id == account_id)
    if before is not None:
        statement = statement.where(ledger_entries.c.number < before)
    found = connection.execute(statement.order_by(ledger_entries.c.number.desc()).limit(limit))
    return tuple(LedgerRow(**row._mapping) for row in found)  # noqa: SLF001 - the documented way


def usage(connection: Connection, group: UsageGroup, chosen: UsageFilter) -> tuple[UsageRow, ...]:
    """What was asked for and paid, added up; the latest day, or the dearest group, first."""
    key = _key(group)
    settled = func.coalesce(func.sum(generations.c.credits_settled), 0)
    order = key.desc() if group is UsageGroup.DAY else settled.desc()
    statement = _chosen(select(key.label("key"), *_figures(settled)), chosen)
    found = connection.execute(statement.group_by(key).order_by(order, key))
    return tuple(UsageRow(**row._mapping) for row in found)  # noqa: SLF001 - the documented way


def unbalanced_accounts(connection: Connection) -> int:
    """Accounts whose balance differs from their last entry, or whose holds from their open generations."""
    count: int = connection.execute(_UNBALANCED).scalar_one()
    return count


def _key(group: UsageGroup) -> ColumnElement[Any]:
    match group:
        case UsageGroup.DAY:
            return func.to_char(func.timezone("UTC", generations.c.created_at), "YYYY-MM-DD")
        case UsageGroup.MODEL:
            return generations.c.model
        case UsageGroup.PROJECT:
            return generations.c.project_id
        case UsageGroup.USER:
            return generations.c.owner_id
        case _:
            assert_never(group)


def _figures(settled: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    columns = generations.c
    open_hold = case((columns.finished_at.is_(None), columns.credits_held), else_=0)
    used = func.coalesce(columns.draft_units_used, columns.draft_units)
    return (
        func.count().label("generations"),
        func.count().filter(columns.kind == "draft").label("drafts"),
        func.count().filter(columns.kind == "master").label("masters"),
        func.count().filter(columns.state == "ready").label("ready"),
        func.count().filter(columns.state == "failed").label("failed"),
        func.count().filter(columns.state == "cancelled").label("cancelled"),
        func.sum(used).label("draft_units"),
        settled.label("credits_settled"),
        func.sum(open_hold).label("credits_held"),
    )


def _chosen(statement: Select[Any], chosen: UsageFilter) -> Select[Any]:
    columns = generations.c
    conditions: list[ColumnElement[bool]] = []
    if chosen.workspace_id is not None:
        conditions.append(columns.workspace_id == chosen.workspace_id)
    if chosen.owner_id is not None:
        conditions.append(columns.owner_id == chosen.owner_id)
    if chosen.start is not None:
        conditions.append(columns.created_at >= chosen.start)
    if chosen.end is not None:
        conditions.append(columns.created_at < chosen.end)
    return statement.where(*conditions)
