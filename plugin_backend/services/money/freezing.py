"""Freezing: somebody, or a whole workspace, starts nothing new; what runs finishes, and signing in works."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from plugin_backend.db import people, workspaces
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.people import Standing
from plugin_backend.db.tables import workspaces as workspace_rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.services.house import House
from plugin_backend.services.reach import acted_on, member, require_rank, require_workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Who is frozen, or thawed, by whom and why."""

    subject_id: str
    workspace_id: str
    is_frozen: bool
    actor_id: str
    reason: str
    by_operator: bool = False
    request_id: str | None = None


def change_user(
    house: House, actor: Caller, user_id: str, *, is_frozen: bool, reason: str, request_id: str | None = None
) -> Standing:
    """Freeze somebody, or let them spend again; where that is so already, nothing happens."""
    with house.begin() as work:
        before = acted_on(work, actor, user_id)
        _require_hand(actor, by_operator=before.frozen_by_operator)
        if is_frozen != (before.frozen_at is not None):
            freeze = Freeze(
                subject_id=user_id,
                workspace_id=before.workspace_id,
                is_frozen=is_frozen,
                actor_id=actor.user_id,
                reason=reason,
                by_operator=actor.is_operator,
                request_id=request_id,
            )
            set_user(work, freeze)
        return member(work, actor, user_id)


def change_workspace(
    house: House,
    actor: Caller,
    workspace_id: str,
    *,
    is_frozen: bool,
    reason: str,
    request_id: str | None = None,
) -> datetime | None:
    """The same for everybody in a workspace, its owner too; since when it is frozen, if it is."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        require_rank(actor, role=Role.OWNER)
        workspaces.lock_workspace(work.connection, workspace_id)
        before, by_operator = _workspace(work, workspace_id)
        _require_hand(actor, by_operator=by_operator)
        if is_frozen != (before is not None):
            freeze = Freeze(
                subject_id=workspace_id,
                workspace_id=workspace_id,
                is_frozen=is_frozen,
                actor_id=actor.user_id,
                reason=reason,
                by_operator=actor.is_operator,
                request_id=request_id,
            )
            set_workspace(work, freeze)
        return _workspace(work, workspace_id)[0]


def set_user(work: UnitOfWork, freeze: Freeze) -> None:
    """As part of a larger transaction."""
    people.change_user(work.connection, freeze.subject_id, _values(work, freeze))
    _tell(work, freeze, "user", Owned(freeze.workspace_id, freeze.subject_id))


def set_workspace(work: UnitOfWork, freeze: Freeze) -> None:
    """The same for a workspace."""
    workspaces.change_workspace(work.connection, freeze.subject_id, _values(work, freeze))
    _tell(work, freeze, "workspace", Owned(freeze.workspace_id, freeze.actor_id))


def _values(work: UnitOfWork, freeze: Freeze) -> dict[str, Any]:
    frozen_at = work.now if freeze.is_frozen else None
    return {"frozen_at": frozen_at, "frozen_by_operator": freeze.is_frozen and freeze.by_operator}


def _require_hand(actor: Caller, *, by_operator: bool) -> None:
    if by_operator and not actor.is_operator:
        raise ForbiddenError("An operator froze this; only an operator lifts it.")


def _workspace(work: UnitOfWork, workspace_id: str) -> tuple[datetime | None, bool]:
    columns = workspace_rows.c
    asked = select(columns.frozen_at, columns.frozen_by_operator).where(columns.id == workspace_id)
    row = work.connection.execute(asked).one()
    return row.frozen_at, row.frozen_by_operator


def _tell(work: UnitOfWork, freeze: Freeze, kind: str, owned: Owned) -> None:
    done = "frozen" if freeze.is_frozen else "unfrozen"
    record_event(work, f"quota.{done}", subject_id=freeze.subject_id, owned=owned)
    audit(
        work,
        f"{kind}.{done}",
        subject_id=freeze.subject_id,
        actor_id=freeze.actor_id,
        workspace_id=freeze.workspace_id,
        before={"frozen": not freeze.is_frozen},
        after={"frozen": freeze.is_frozen},
        reason=freeze.reason,
        request_id=freeze.request_id,
    )
