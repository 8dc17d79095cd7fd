"""Reading and changing API keys; who holds one is read on the path of every request, in `people.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, select, update

from plugin_backend.db.rows import columns_of, mapping_of
from plugin_backend.db.tables import api_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRow:
    """A key without its secret, which nobody has."""

    id: str
    workspace_id: str
    owner_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def insert_key(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new API key."""
    connection.execute(insert(api_keys).values(**values))


def find_key(connection: Connection, key_id: str, *, workspace_id: str | None) -> ApiKeyRow | None:
    """One API key; None outside the workspace."""
    statement = _keys(workspace_id=workspace_id, owner_id=None).where(api_keys.c.id == key_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _key(row)


def list_keys(
    connection: Connection, *, workspace_id: str | None, owner_id: str | None, before: str | None, limit: int
) -> tuple[ApiKeyRow, ...]:
    """API keys that were not revoked, newest first."""
    statement = _keys(workspace_id=workspace_id, owner_id=owner_id).where(api_keys.c.revoked_at.is_(None))
    if before is not None:
        statement = statement.where(api_keys.c.id < before)
    found = connection.execute(statement.order_by(api_keys.c.id.desc()).limit(limit))
    return tuple(_key(row) for row in found)


def revoke_key(connection: Connection, key_id: str, *, now: datetime) -> bool:
    """End a key; False when it had ended."""
    live = and_(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
    return connection.execute(update(api_keys).where(live).values(revoked_at=now)).rowcount == 1


def revoke_keys(connection: Connection, owner_id: str, *, now: datetime) -> None:
    """End every API key of a person."""
    live = update(api_keys).where(api_keys.c.owner_id == owner_id, api_keys.c.revoked_at.is_(None))
    connection.execute(live.values(revoked_at=now))


def _keys(*, workspace_id: str | None, owner_id: str | None) -> Select[Any]:
    statement = select(*columns_of(api_keys, ApiKeyRow))
    if workspace_id is not None:
        statement = statement.where(api_keys.c.workspace_id == workspace_id)
    return statement if owner_id is None else statement.where(api_keys.c.owner_id == owner_id)


def _key(row: Row[Any, Any]) -> ApiKeyRow:
    values = mapping_of(row)
    return ApiKeyRow(**{**values, "scopes": tuple(values["scopes"])})
