"""Administration: spending stopped, for a person or a whole workspace, and let go again."""

from datetime import datetime
from typing import Any

from marshmallow import Schema

from plugin_backend.api.admin_users import UserSchema, shown_user
from plugin_backend.api.admin_work import ReasonSchema
from plugin_backend.api.asked import house, request_id
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import moment, text
from plugin_backend.api.times import rfc3339_or_none
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.money import freezing as service

freezing = Resource(
    "Administration: freezing", "Nothing new is asked for; what runs finishes, and signing in works."
)


class FrozenWorkspaceSchema(Schema):
    id = text()
    frozen_at = moment(nullable=True)


@freezing.operation(
    "POST", "/v1/admin/users/<user_id>/freeze", scope=Scope.ADMIN, body=ReasonSchema, answer=UserSchema
)
def freeze_user(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """Stop somebody's spending; twice is once."""
    found = service.change_user(
        house(), caller, user_id, is_frozen=True, reason=body["reason"], request_id=request_id()
    )
    return shown_user(found)


@freezing.operation(
    "POST", "/v1/admin/users/<user_id>/unfreeze", scope=Scope.ADMIN, body=ReasonSchema, answer=UserSchema
)
def unfreeze_user(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """Let somebody spend again; what an operator froze, an operator lifts."""
    found = service.change_user(
        house(), caller, user_id, is_frozen=False, reason=body["reason"], request_id=request_id()
    )
    return shown_user(found)


@freezing.operation(
    "POST",
    "/v1/admin/workspaces/<workspace_id>/freeze",
    scope=Scope.ADMIN,
    body=ReasonSchema,
    answer=FrozenWorkspaceSchema,
)
def freeze_workspace(caller: Caller, body: dict[str, Any], *, workspace_id: str) -> dict[str, Any]:
    """Stop the spending of everybody in a workspace."""
    found = service.change_workspace(
        house(), caller, workspace_id, is_frozen=True, reason=body["reason"], request_id=request_id()
    )
    return _shown(workspace_id, found)


@freezing.operation(
    "POST",
    "/v1/admin/workspaces/<workspace_id>/unfreeze",
    scope=Scope.ADMIN,
    body=ReasonSchema,
    answer=FrozenWorkspaceSchema,
)
def unfreeze_workspace(caller: Caller, body: dict[str, Any], *, workspace_id: str) -> dict[str, Any]:
    """Let a workspace spend again; its members who are frozen themselves stay so."""
    found = service.change_workspace(
        house(), caller, workspace_id, is_frozen=False, reason=body["reason"], request_id=request_id()
    )
    return _shown(workspace_id, found)


def _shown(workspace_id: str, frozen_at: datetime | None) -> dict[str, Any]:
    return {"id": workspace_id, "frozen_at": rfc3339_or_none(frozen_at)}
