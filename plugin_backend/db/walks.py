"""How far the long walks have come: each remembers its place, what it has seen, and its last whole round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import read_row
from plugin_backend.db.tables import walks


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRow:
    """A walk; an empty place is its beginning."""

    name: str
    place: str
    seen: Mapping[str, int]
    last: Mapping[str, int] | None
    begun_at: datetime
    ended_at: datetime | None


def find_walk(connection: Connection, name: str, *, now: datetime) -> WalkRow:
    """A walk, begun now where there was none."""
    begun = insert(walks).values(name=name, place="", begun_at=now)
    connection.execute(begun.on_conflict_do_nothing())
    row = connection.execute(select(walks).where(walks.c.name == name)).one()
    return read_row(WalkRow, row)


def last_round(connection: Connection, name: str) -> Mapping[str, int]:
    """What the last whole round saw; nothing before the first has ended."""
    found = connection.execute(select(walks.c.last).where(walks.c.name == name)).scalar_one_or_none()
    return found or {}


def go_on(
    connection: Connection, row: WalkRow, *, place: str, seen: Mapping[str, int], now: datetime
) -> bool:
    """The walk has come so far; an empty place ends the round. False when another process was there first."""
    values: dict[str, Any] = {"place": place, "seen": dict(seen)}
    if not row.place:
        values["begun_at"] = now
    if not place:
        values |= {"seen": {}, "last": dict(seen), "ended_at": now}
    mine = (walks.c.name == row.name) & (walks.c.place == row.place)
    return connection.execute(update(walks).where(mine).values(values)).rowcount == 1
