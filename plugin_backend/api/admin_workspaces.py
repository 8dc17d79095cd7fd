"""Administration of workspaces: which there are, how each is set, the credits of its pool."""

from typing import Any

from plugin_backend.api.admin_users import CreditChangeSchema
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.me import LedgerEntrySchema, shown_entry, shown_ledger
from plugin_backend.api.paging import PageQuery, before, before_number, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.tables import TableAnswer
from plugin_backend.api.workspace import WholeWorkspaceSchema, WorkspaceChangesSchema, shown_workspace
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.money import pools
from plugin_backend.services.people import workspaces

admin_workspaces = Resource(
    "Administration: workspaces", "Workspaces and their pools, within the caller's reach."
)


@admin_workspaces.operation(
    "GET",
    "/v1/admin/workspaces",
    scope=Scope.ADMIN,
    query=PageQuery,
    answer=page_of(WholeWorkspaceSchema),
)
def list_workspaces(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Those within reach, newest first."""
    rows = workspaces.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=shown_workspace, place=lambda row: row.id)


@admin_workspaces.operation(
    "GET", "/v1/admin/workspaces/<workspace_id>", scope=Scope.ADMIN, answer=WholeWorkspaceSchema
)
def show_any_workspace(caller: Caller, *, workspace_id: str) -> dict[str, Any]:
    """One of them."""
    return shown_workspace(workspaces.get(house(), caller, workspace_id))


@admin_workspaces.operation(
    "PATCH",
    "/v1/admin/workspaces/<workspace_id>",
    scope=Scope.ADMIN,
    body=WorkspaceChangesSchema,
    answer=WholeWorkspaceSchema,
)
def change_any_workspace(caller: Caller, body: dict[str, Any], *, workspace_id: str) -> dict[str, Any]:
    """Change its name, its usual model, or what its members spend."""
    changed = workspaces.change(house(), caller, workspace_id, body, request_id=request_id())
    return shown_workspace(changed)


@admin_workspaces.operation(
    "POST",
    "/v1/admin/workspaces/<workspace_id>/credits",
    scope=Scope.ADMIN,
    status=201,
    body=CreditChangeSchema,
    answer=LedgerEntrySchema,
)
def change_pool(caller: Caller, body: dict[str, Any], *, workspace_id: str) -> dict[str, Any]:
    """Put credits into a workspace's pool, or take some out: never more than are available."""
    entry = pools.change(
        house(), caller, workspace_id, **body, idempotency=idempotency(caller), request_id=request_id()
    )
    return shown_entry(entry)


@admin_workspaces.operation(
    "GET",
    "/v1/admin/workspaces/<workspace_id>/ledger",
    scope=Scope.ADMIN,
    query=PageQuery,
    answer=page_of(LedgerEntrySchema),
)
def list_pool_ledger(
    caller: Caller, query: dict[str, Any], *, workspace_id: str
) -> dict[str, Any] | TableAnswer:
    """A pool's ledger, newest first; CSV with `Accept: text/csv`."""
    entries = pools.ledger_of(
        house(), caller, workspace_id, before=before_number(query), limit=one_more(query)
    )
    return shown_ledger(entries, limit=query["limit"])
