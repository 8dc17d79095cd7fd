"""Reading and changing workspaces: their settings, their pool, who owns them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, update

from plugin_backend.db.rows import read_row
from plugin_backend.db.tables import accounts, users, workspaces
from plugin_backend.domain.callers import Role
from plugin_backend.domain.money.purses import SpendFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRow:
    """A workspace, with what is in its pool and how many its members are."""

    id: str
    name: str
    default_model: str
    spend_from: SpendFrom
    member_cap: int | None
    created_at: datetime
    version: int
    pool_available: int
    pool_held: int
    members: int


def find_workspace(connection: Connection, workspace_id: str) -> WorkspaceRow | None:
    """One workspace."""
    row = connection.execute(_workspaces().where(workspaces.c.id == workspace_id)).one_or_none()
    return None if row is None else read_row(WorkspaceRow, row)


def list_workspaces(
    connection: Connection, *, within: str | None, before: str | None, limit: int
) -> tuple[WorkspaceRow, ...]:
    """All of them, or the one that is named; newest first."""
    statement = _workspaces()
    if within is not None:
        statement = statement.where(workspaces.c.id == within)
    if before is not None:
        statement = statement.where(workspaces.c.id < before)
    found = connection.execute(statement.order_by(workspaces.c.id.desc()).limit(limit))
    return tuple(read_row(WorkspaceRow, row) for row in found)


def insert_workspace(connection: Connection, workspace_id: str, *, name: str, now: datetime) -> None:
    """A new workspace."""
    connection.execute(insert(workspaces).values(id=workspace_id, name=name, created_at=now))


def workspace_exists(connection: Connection, workspace_id: str) -> bool:
    """Whether there is such a workspace."""
    found = select(workspaces.c.id).where(workspaces.c.id == workspace_id)
    return connection.execute(found).one_or_none() is not None


def change_workspace(connection: Connection, workspace_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a workspace."""
    statement = update(workspaces).where(workspaces.c.id == workspace_id)
    connection.execute(statement.values(version=workspaces.c.version + 1, **values))


def lock_workspace(connection: Connection, workspace_id: str) -> None:
    """Until this transaction ends, nobody else changes who is in it; rows that name it may still be made."""
    held = select(workspaces.c.id).where(workspaces.c.id == workspace_id)
    connection.execute(held.with_for_update(key_share=True))


def try_lock_workspace(connection: Connection, workspace_id: str) -> bool:
    """The same without waiting, for who holds rows of people already; False where somebody else holds it."""
    held = select(workspaces.c.id).where(workspaces.c.id == workspace_id)
    return connection.execute(held.with_for_update(key_share=True, skip_locked=True)).first() is not None


def has_owner(connection: Connection, workspace_id: str, *, but: str) -> bool:
    """Whether somebody else owns it who can sign in."""
    others = select(users.c.id).where(
        users.c.workspace_id == workspace_id,
        users.c.role == Role.OWNER,
        users.c.disabled_at.is_(None),
        users.c.id != but,
    )
    return connection.execute(others.limit(1)).one_or_none() is not None


def _workspaces() -> Select[Any]:
    members = select(func.count()).where(
        users.c.workspace_id == workspaces.c.id, users.c.removed_at.is_(None)
    )
    pool = and_(accounts.c.owner_kind == "workspace", accounts.c.owner_id == workspaces.c.id)
    return select(
        *(workspaces.c[name] for name in ("id", "name", "default_model", "spend_from", "member_cap")),
        workspaces.c.created_at,
        workspaces.c.version,
        func.coalesce(accounts.c.available, 0).label("pool_available"),
        func.coalesce(accounts.c.held, 0).label("pool_held"),
        members.scalar_subquery().label("members"),
    ).outerjoin(accounts, pool)


def is_made_by_joining(connection: Connection, workspace_id: str) -> bool:
    """Whether its first owner joined by themselves."""
    columns = workspaces.c
    found = select(columns.made_by_joining).where(columns.id == workspace_id)
    return bool(connection.execute(found).scalar_one_or_none())


def made_by_joining(connection: Connection, workspace_id: str) -> None:
    """Note that its first owner joined by themselves."""
    mine = update(workspaces).where(workspaces.c.id == workspace_id)
    connection.execute(mine.values(made_by_joining=True))
