"""A workspace's own settings: its name, its usual model, and what its members spend."""

from collections.abc import Mapping
from typing import Any

from plugin_backend.db import workspaces
from plugin_backend.db.journal import audit
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.workspaces import WorkspaceRow
from plugin_backend.domain.brief import AUTO
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.services.house import House
from plugin_backend.services.reach import reach, require_workspace


def mine(house: House, caller: Caller) -> WorkspaceRow:
    """The caller's own."""
    with house.begin() as work:
        return _there(work, caller.workspace_id)


def find(house: House, actor: Caller, *, before: str | None, limit: int) -> tuple[WorkspaceRow, ...]:
    """Those within the administrator's reach, newest first."""
    with house.begin() as work:
        return workspaces.list_workspaces(work.connection, within=reach(actor), before=before, limit=limit)


def get(house: House, actor: Caller, workspace_id: str) -> WorkspaceRow:
    """One within the administrator's reach."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        return _there(work, workspace_id)


def change(
    house: House,
    actor: Caller,
    workspace_id: str,
    changes: Mapping[str, Any],
    *,
    request_id: str | None = None,
) -> WorkspaceRow:
    """Set `name`, `default_model`, `spend_from` or `member_cap` (None: no limit but the pool's).

    What is held stays on the account it was taken from, whatever is spent from now on.
    """
    asked = changes.get("default_model")
    if asked is not None and asked != AUTO:
        house.catalogue.model(asked, pointer="/default_model")
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        workspaces.lock_workspace(work.connection, workspace_id)
        before = _there(work, workspace_id)
        workspaces.change_workspace(work.connection, workspace_id, changes)
        audit(
            work,
            "workspace.changed",
            subject_id=workspace_id,
            actor_id=actor.user_id,
            workspace_id=workspace_id,
            # Names are people's own words: the journal says that one changed, not what it was.
            before={name: getattr(before, name) for name in changes if name != "name"},
            after={name: value if name != "name" else "changed" for name, value in changes.items()},
            request_id=request_id,
        )
        return _there(work, workspace_id)


def _there(work: UnitOfWork, workspace_id: str) -> WorkspaceRow:
    found = workspaces.find_workspace(work.connection, workspace_id)
    if found is None:
        raise NotFoundError("workspace")
    return found
