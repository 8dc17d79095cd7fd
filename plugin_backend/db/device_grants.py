"""Reading and changing what devices ask: one row from the first question to the tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.tables import device_grants
from plugin_backend.domain.people.grants import GrantState


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGrantRow:
    """What a device asks for, and what became of it."""

    id: str
    decided_by: str | None
    session_id: str | None
    client: str
    device: str
    scopes: Sequence[str]
    secret_hash: str
    state: str
    interval_seconds: int
    created_at: datetime
    expires_at: datetime
    polled_at: datetime | None
    redeemed_at: datetime | None


_GRANT: Final = columns_of(device_grants, DeviceGrantRow)


def insert_grant(connection: Connection, values: Mapping[str, Any]) -> bool:
    """A new question; False where its user code stands for another one already."""
    statement = insert(device_grants).values(**values)
    placed = statement.on_conflict_do_nothing(index_elements=["user_code_hash"]).returning(device_grants.c.id)
    return connection.execute(placed).one_or_none() is not None


def claim_grant(connection: Connection, grant_id: str) -> DeviceGrantRow | None:
    """The grant of a device code, held until this transaction ends."""
    return _one(connection, device_grants.c.id == grant_id)


def claim_by_code(connection: Connection, user_code_hash: str) -> DeviceGrantRow | None:
    """The grant of a user code, held until this transaction ends."""
    return _one(connection, device_grants.c.user_code_hash == user_code_hash)


def change_grant(connection: Connection, grant_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a grant that is held."""
    connection.execute(update(device_grants).where(device_grants.c.id == grant_id).values(**values))


def forget_grants(connection: Connection, *, before: datetime) -> None:
    """Remove questions that ended before a moment."""
    connection.execute(delete(device_grants).where(device_grants.c.expires_at < before))


def is_open(grant: DeviceGrantRow, *, now: datetime) -> bool:
    """Whether somebody may still decide."""
    return grant.state == GrantState.PENDING and now < grant.expires_at


def _one(connection: Connection, wanted: ColumnElement[bool]) -> DeviceGrantRow | None:
    row = connection.execute(select(*_GRANT).where(wanted).with_for_update()).one_or_none()
    return None if row is None else read_row(DeviceGrantRow, row)
