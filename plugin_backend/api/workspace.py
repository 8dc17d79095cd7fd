"""The caller's workspace: its settings, its members, the ledger of its pool."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, request_id
from plugin_backend.api.fields import Choice, Strict, Whole, Words
from plugin_backend.api.me import BalanceSchema, LedgerEntrySchema, shown_ledger
from plugin_backend.api.paging import PageQuery, before, before_number, one_more, page, page_of
from plugin_backend.api.purses import PoolPartSchema, shown_part
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, moment, text
from plugin_backend.api.tables import TableAnswer
from plugin_backend.api.times import rfc3339
from plugin_backend.db.people import Standing
from plugin_backend.db.workspaces import WorkspaceRow
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.money.purses import SpendFrom
from plugin_backend.services.money import pools
from plugin_backend.services.people import members, workspaces

workspace = Resource("Workspace", "Who works together, and what they spend.")

MOST_CREDITS = 10**12


class WorkspaceChangesSchema(Strict):
    name = Words(least=1, most=200)
    default_model = Words(least=1, most=64)
    spend_from = Choice(SpendFrom)
    member_cap = Whole(
        least=0,
        most=MOST_CREDITS,
        allow_none=True,
        metadata={"description": "Credits of the pool a month for each member; null: no limit."},
    )

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give a name, default_model, spend_from or member_cap.")


class MemberChangesSchema(Strict):
    role = Choice(Role)
    pool_cap = Whole(
        least=0,
        most=MOST_CREDITS,
        allow_none=True,
        metadata={"description": "Credits of the pool a month; null: the workspace's member_cap."},
    )

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give a role or a pool_cap.")


class WholeWorkspaceSchema(Schema):
    id = text()
    name = text()
    default_model = text()
    spend_from = text(metadata={"enum": [each.value for each in SpendFrom]})
    member_cap = count(nullable=True)
    pool = fields.Nested(BalanceSchema, required=True)
    members = count()
    created_at = moment()


class MemberSchema(Schema):
    id = text()
    email = text()
    role = text()
    disabled = fields.Boolean(required=True)
    created_at = moment()
    pool_cap = count(nullable=True)
    pool = fields.Nested(PoolPartSchema, required=True, allow_none=True)


@workspace.operation("GET", "/v1/workspace", scope=Scope.READ, answer=WholeWorkspaceSchema)
def show_workspace(caller: Caller) -> dict[str, Any]:
    """The caller's workspace, and what its pool has."""
    return shown_workspace(workspaces.mine(house(), caller))


@workspace.operation(
    "PATCH", "/v1/workspace", scope=Scope.ADMIN, body=WorkspaceChangesSchema, answer=WholeWorkspaceSchema
)
def change_workspace(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Change its name, its usual model, or what its members spend."""
    changed = workspaces.change(house(), caller, caller.workspace_id, body, request_id=request_id())
    return shown_workspace(changed)


@workspace.operation(
    "GET", "/v1/workspace/members", scope=Scope.READ, query=PageQuery, answer=page_of(MemberSchema)
)
def list_members(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Who is in it, newest first; what each takes of the pool is for administrators, and oneself, to see."""
    rows = members.find(house(), caller, before=before(query), limit=one_more(query))
    administers = caller.is_operator or caller.role in (Role.OWNER, Role.ADMIN)

    def shown(row: Standing) -> dict[str, Any]:
        return _member(row, whole=administers or row.id == caller.user_id)

    return page(rows, limit=query["limit"], shown=shown, place=lambda row: row.id)


@workspace.operation(
    "PATCH",
    "/v1/workspace/members/<user_id>",
    scope=Scope.ADMIN,
    body=MemberChangesSchema,
    answer=MemberSchema,
)
def change_member(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """Change a member's role, or what they may take of the pool; a workspace keeps an owner."""
    return _member(members.change(house(), caller, user_id, body, request_id=request_id()), whole=True)


@workspace.operation("DELETE", "/v1/workspace/members/<user_id>", scope=Scope.ADMIN, status=204)
def remove_member(caller: Caller, *, user_id: str) -> Answer:
    """End somebody's access at once; what they made, and the credits they have left, stay."""
    members.remove(house(), caller, user_id, request_id=request_id())
    return Answer(None)


@workspace.operation(
    "GET", "/v1/workspace/ledger", scope=Scope.ADMIN, query=PageQuery, answer=page_of(LedgerEntrySchema)
)
def list_workspace_ledger(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """Every movement of the pool, newest first; CSV with `Accept: text/csv`."""
    entries = pools.ledger_of(
        house(), caller, caller.workspace_id, before=before_number(query), limit=one_more(query)
    )
    return shown_ledger(entries, limit=query["limit"])


def shown_workspace(row: WorkspaceRow) -> dict[str, Any]:
    """A workspace with its pool."""
    return {
        "id": row.id,
        "name": row.name,
        "default_model": row.default_model,
        "spend_from": row.spend_from.value,
        "member_cap": row.member_cap,
        "pool": {"available": row.pool_available, "held": row.pool_held},
        "members": row.members,
        "created_at": rfc3339(row.created_at),
    }


def _member(standing: Standing, *, whole: bool) -> dict[str, Any]:
    return {
        "id": standing.id,
        "email": standing.email,
        "role": standing.role,
        "disabled": standing.disabled_at is not None,
        "created_at": rfc3339(standing.created_at),
        "pool_cap": standing.purse.own_cap if whole else None,
        "pool": shown_part(standing.purse) if whole else None,
    }
