"""The feed: what happened in a workspace, in the order it was committed, nothing skipped."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from sqlalchemy import text

from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.services.house import House

MAX_EVENTS: Final = 100

_SPELT: Final = re.compile(r"([0-9]{1,20})\.([0-9]{1,19})")
_LARGEST: Final = 2**63

# Ids and transaction numbers are given before the commit. Below the oldest transaction still running nothing
# can appear any more, so a reader who stays behind it misses nothing, whatever commits late.
# A place ahead of every transaction is from the server this database was restored from (`db/restoring.py`).
# The text that is shown has a name of its own: ORDER BY must mean the number, not its spelling.
_READ: Final = text(
    """
    SELECT id, CAST(xact AS text) AS place, type, subject_id, data, at FROM events
    WHERE workspace_id = :workspace_id
      AND (xact, id) > (
        CASE WHEN CAST(CAST(:xact AS text) AS xid8) < pg_snapshot_xmin(pg_current_snapshot())
        THEN CAST(CAST(:xact AS text) AS xid8) ELSE '3' END, :id)
      AND xact < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xact, id LIMIT :limit
    """
)
_END: Final = text(
    """
    SELECT CAST(xact AS text) AS place, id FROM events
    WHERE workspace_id = :workspace_id AND xact < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xact DESC, id DESC LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands in the feed."""

    xact: int = 0
    id: int = 0

    @classmethod
    def parse(cls, spelt: str | None) -> Self:
        """Read a cursor; without one, before everything."""
        if spelt is None:
            return cls()
        match = _SPELT.fullmatch(spelt)
        if match is None or max(int(match[1]), int(match[2])) >= _LARGEST:
            raise ValidationFailedError([FieldProblem("/after", "Give a cursor this feed returned.")])
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.xact}.{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; ids only, never words."""

    place: Place
    type: str
    subject_id: str
    data: Mapping[str, Any]
    at: datetime


def read(house: House, caller: Caller, after: Place, *, limit: int = MAX_EVENTS) -> tuple[Event, ...]:
    """The next events of the caller's workspace; the connection is held for one query only."""
    values = {"workspace_id": caller.workspace_id, "xact": str(after.xact), "id": after.id, "limit": limit}
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = connection.execute(_READ, values).all()
    return tuple(
        Event(
            place=Place(int(row.place), row.id),
            type=row.type,
            subject_id=row.subject_id,
            data=row.data,
            at=row.at,
        )
        for row in found
    )


def end(house: House, caller: Caller) -> Place:
    """Where the feed ends now, for a reader who only wants what comes."""
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        row = connection.execute(_END, {"workspace_id": caller.workspace_id}).one_or_none()
    return Place() if row is None else Place(int(row.place), row.id)
