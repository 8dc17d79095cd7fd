"""Usage: one's own, a workspace's, and whatever an administrator may see."""

from typing import Any

from plugin_backend.api.asked import house
from plugin_backend.api.resource import Resource
from plugin_backend.api.tables import TableAnswer, wants_csv
from plugin_backend.api.usage_shapes import (
    AdminUsageQuery,
    UsageQuery,
    UsageSchema,
    WorkspaceUsageQuery,
    shown_usage,
    usage_table,
)
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.usage import UsageFilter
from plugin_backend.services import usage as service

usage = Resource("Usage", "What was asked for, made and paid, added up; CSV with `Accept: text/csv`.")


@usage.operation("GET", "/v1/me/usage", scope=Scope.READ, query=UsageQuery, answer=UsageSchema)
def show_my_usage(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """What the caller asked for and paid, added up; CSV with `Accept: text/csv`."""
    return _added_up(query, service.mine(caller, query["filter"]))


@usage.operation(
    "GET", "/v1/workspace/usage", scope=Scope.ADMIN, query=WorkspaceUsageQuery, answer=UsageSchema
)
def show_workspace_usage(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """What the caller's workspace asked for and paid, for its administrators."""
    return _added_up(query, service.of_workspace(caller, query["filter"]))


@usage.operation("GET", "/v1/admin/usage", scope=Scope.ADMIN, query=AdminUsageQuery, answer=UsageSchema)
def show_usage(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """Who spent what on what, added up; CSV with `Accept: text/csv`."""
    return _added_up(query, service.within_reach(caller, query["filter"]))


def _added_up(query: dict[str, Any], chosen: UsageFilter) -> dict[str, Any] | TableAnswer:
    groups, limit = query["group_by"], query["limit"]
    if wants_csv():
        return usage_table(service.each(house(), groups, chosen), groups)
    return shown_usage(service.add_up(house(), groups, chosen, limit=limit), limit=limit)
