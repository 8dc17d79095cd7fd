"""Reading and changing invitations, and whether an account may be taken along to another workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, exists, func, insert, or_, select, update

from plugin_backend.db.rows import read_row
from plugin_backend.db.tables import (
    accounts,
    assets,
    generations,
    invitations,
    projects,
    storyboards,
    users,
    workspaces,
)
from plugin_backend.domain.callers import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    """Somebody who was asked to join a workspace, by whom, as what."""

    id: str
    workspace_id: str
    workspace_name: str
    owner_id: str
    email: str
    role: Role
    secret_hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    accepted_at: datetime | None


_OPEN: Final = (invitations.c.accepted_at.is_(None), invitations.c.revoked_at.is_(None))


def insert_invitation(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new invitation; IntegrityError while the address has an open one to this workspace."""
    connection.execute(insert(invitations).values(**values))


def claim_invitation(
    connection: Connection, invitation_id: str, *, workspace_id: str | None = None
) -> InvitationRow | None:
    """One invitation, held until this transaction ends; None outside the workspace, where one is given."""
    found = _invitations().where(invitations.c.id == invitation_id)
    if workspace_id is not None:
        found = found.where(invitations.c.workspace_id == workspace_id)
    row = connection.execute(found.with_for_update(of=invitations)).one_or_none()
    return None if row is None else read_row(InvitationRow, row)


def list_invitations(
    connection: Connection, workspace_id: str, *, before: str | None, limit: int
) -> tuple[InvitationRow, ...]:
    """A workspace's invitations that were neither accepted nor taken back, newest first."""
    found = _invitations().where(invitations.c.workspace_id == workspace_id, *_OPEN)
    if before is not None:
        found = found.where(invitations.c.id < before)
    rows = connection.execute(found.order_by(invitations.c.id.desc()).limit(limit))
    return tuple(read_row(InvitationRow, row) for row in rows)


def count_open(connection: Connection, workspace_id: str, *, now: datetime) -> int:
    """How many may still be accepted."""
    live = select(func.count()).where(
        invitations.c.workspace_id == workspace_id, invitations.c.expires_at > now, *_OPEN
    )
    found: int = connection.execute(live).scalar_one()
    return found


def change_invitation(connection: Connection, invitation_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of an invitation."""
    connection.execute(update(invitations).where(invitations.c.id == invitation_id).values(**values))


def revoke_expired(connection: Connection, workspace_id: str, email: str, *, now: datetime) -> None:
    """Make room for another to the same address."""
    late = (
        invitations.c.workspace_id == workspace_id,
        func.lower(invitations.c.email) == email.lower(),
        invitations.c.expires_at <= now,
    )
    connection.execute(update(invitations).where(*late, *_OPEN).values(revoked_at=now))


def revoke_all_of(connection: Connection, owner_id: str, *, now: datetime) -> None:
    """Take back what somebody asked others to, who may ask nobody any more."""
    theirs = update(invitations).where(invitations.c.owner_id == owner_id, *_OPEN)
    connection.execute(theirs.values(revoked_at=now))


def is_untouched(connection: Connection, workspace_id: str, *, but: str) -> bool:
    """Whether a workspace has nobody else in it, and nothing that anybody made, brought in or paid for."""
    others = select(users.c.id).where(users.c.workspace_id == workspace_id, users.c.id != but)
    pool = select(accounts.c.id).where(
        accounts.c.owner_kind == "workspace",
        accounts.c.owner_id == workspace_id,
        accounts.c.available + accounts.c.held > 0,
    )
    work = (
        select(table.c.id).where(table.c.workspace_id == workspace_id)
        for table in (generations, assets, projects, storyboards)
    )
    found = connection.execute(select(or_(*(exists(each) for each in (others, pool, *work)))))
    return not found.scalar_one()


def _invitations() -> Select[Any]:
    return select(invitations, workspaces.c.name.label("workspace_name")).join(
        workspaces, workspaces.c.id == invitations.c.workspace_id
    )
