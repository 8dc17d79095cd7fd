"""Everything the database holds about a person, table by table, without what would open a door."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, literal, or_, select, tuple_

from plugin_backend.db import tables as t
from plugin_backend.db.tables import metadata

ROWS_AT_ONCE: Final = 500
_PLACE: Final = "place:"

# Whose a row is, in the order in which it is looked for.
_WHOSE: Final = ("owner_id", "user_id")

# Of these the rows are found through what they hang on: the column, and the table whose rows are theirs.
_HANGING: Final[Sequence[tuple[Table, str, Table]]] = (
    (t.directions, "generation_id", t.generations),
    (t.delivery_files, "delivery_id", t.deliveries),
    (t.delivery_takes, "delivery_id", t.deliveries),
    (t.storyboard_shots, "storyboard_id", t.storyboards),
    (t.take_reviews, "take_id", t.takes),
)

# How the work is done, and who is believed: nobody's data, and nothing that opens a door leaves the house.
_DOORS: Final = (t.passwords, t.sign_in_links, t.mailed_links, t.mails, t.welcomes)
_INSIDE: Final = frozenset(table.name for table in (t.work, t.idempotency_keys, *_DOORS))
_SECRET: Final = ("_hash", "token", "lease", "letter")


def tables_of_person() -> tuple[str, ...]:
    """The tables that an export has a page for."""
    return tuple(table.name for table, _ in _all())


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of one table as plain JSON, and after which key to go on (None: these were the last)."""

    rows: Sequence[Mapping[str, Any]]
    after: Sequence[Any] | None


def rows_of_person(
    connection: Connection, table_name: str, owner_id: str, *, after: Sequence[Any] | None
) -> Page:
    """Their next rows of one table, by its key."""
    ((table, chosen),) = ((table, query) for table, query in _all() if table.name == table_name)
    key = list(table.primary_key.columns)
    asked = chosen(owner_id).add_columns(*(column.label(f"{_PLACE}{column.name}") for column in key))
    if after is not None:
        place = (literal(value, column.type) for value, column in zip(after, key, strict=True))
        asked = asked.where(tuple_(*key) > tuple_(*place))
    found = connection.execute(asked.limit(ROWS_AT_ONCE)).mappings().all()
    rows = [
        {name: _plain(value) for name, value in row.items() if not name.startswith(_PLACE)} for row in found
    ]
    is_last = len(found) < ROWS_AT_ONCE
    return Page(rows, None if is_last else [found[-1][f"{_PLACE}{column.name}"] for column in key])


def _all() -> Iterator[tuple[Table, Any]]:
    yield t.users, lambda owner_id: _shown(t.users).where(t.users.c.id == owner_id)
    for table in metadata.sorted_tables:
        whose = next((name for name in _WHOSE if name in table.c), None)
        if whose is not None and table.name not in _INSIDE:
            yield table, _owned(table, table.c[whose])
    for table, column, parent in _HANGING:
        yield table, _hanging(table, table.c[column], parent)
    yield t.ledger_entries, _ledger
    yield t.audit_entries, _audit


def _owned(table: Table, whose: Column[Any]) -> Any:
    return lambda owner_id: _shown(table).where(whose == owner_id)


def _hanging(table: Table, column: Column[Any], parent: Table) -> Any:
    def query(owner_id: str) -> Select[Any]:
        theirs = select(parent.c.id).where(parent.c.owner_id == owner_id)
        return _shown(table).where(column.in_(theirs))

    return query


def _ledger(owner_id: str) -> Select[Any]:
    mine = select(t.accounts.c.id).where(t.accounts.c.owner_kind == "user", t.accounts.c.owner_id == owner_id)
    return _shown(t.ledger_entries).where(t.ledger_entries.c.account_id.in_(mine))


def _audit(owner_id: str) -> Select[Any]:
    """What was done by them and to them."""
    columns = t.audit_entries.c
    return _shown(t.audit_entries).where(or_(columns.subject_id == owner_id, columns.actor_id == owner_id))


def _shown(table: Table) -> Select[Any]:
    columns = [column for column in table.c if not column.name.endswith(_SECRET)]
    return select(*columns).order_by(*table.primary_key.columns)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
