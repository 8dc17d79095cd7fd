"""Administration of work and books: everybody's generations, usage, audit, exposures, queues, plans."""

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, renderer
from plugin_backend.api.fields import Identifier, Strict, Words
from plugin_backend.api.generations import GenerationQuery, listed
from plugin_backend.api.me import PlanSchema
from plugin_backend.api.paging import PageQuery, before, before_number, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import GenerationSchema, count, figure, maybe_text, moment, text
from plugin_backend.api.tables import TableAnswer, wants_csv
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.api.usage import AdminUsageQuery, UsageSchema, shown_usage
from plugin_backend.db.books import AuditRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services import accounts, endings, operations, usage
from plugin_backend.services.operations import Exposure

admin_work = Resource("Administration: work", "Generations, usage, audit and queues, within reach.")


class ReasonSchema(Strict):
    reason = Words(least=1, most=500, required=True)


class AuditQuery(PageQuery):
    subject_id = Identifier()


class AuditSchema(Schema):
    id = count()
    at = moment()
    actor_id = text()
    action = text()
    subject_id = text()
    workspace_id = text()
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    reason = maybe_text()
    request_id = maybe_text()


class ExposureSchema(Schema):
    id = text()
    provider = text()
    provider_ref = maybe_text()
    state = text()
    detail = maybe_text()
    created_at = moment()
    sent_at = moment(nullable=True)
    take_id = text()
    generation_id = text()
    workspace_id = text()
    credits = count()


class LaneSchema(Schema):
    lane = text()
    rows = count()
    due = count()
    leased = count()
    waiting_seconds = figure()


class QueuesSchema(Schema):
    items = fields.List(fields.Nested(LaneSchema), required=True)
    next_cursor = maybe_text()


class PlansSchema(Schema):
    items = fields.List(fields.Nested(PlanSchema), required=True)
    next_cursor = maybe_text()


@admin_work.operation(
    "GET",
    "/v1/admin/generations",
    scope=Scope.ADMIN,
    query=GenerationQuery,
    answer=page_of(GenerationSchema),
)
def list_everybodys_generations(caller: Caller, query: dict[str, Any]) -> Answer:
    """Everybody's generations, newest first."""
    return listed(operations.find_generations(house(), caller, query["filter"]), limit=query["limit"])


@admin_work.operation(
    "POST",
    "/v1/admin/generations/<generation_id>/cancel",
    scope=Scope.ADMIN,
    body=ReasonSchema,
    answer=GenerationSchema,
)
def cancel_somebodys_generation(
    caller: Caller, body: dict[str, Any], *, generation_id: str
) -> dict[str, Any]:
    """Stop somebody's generation, with a reason for the audit."""
    view = endings.cancel_as_admin(house(), caller, generation_id, reason=body["reason"])
    return renderer().generation(view)


@admin_work.operation(
    "POST",
    "/v1/admin/generations/<generation_id>/fail",
    scope=Scope.ADMIN,
    body=ReasonSchema,
    answer=GenerationSchema,
)
def fail_somebodys_generation(caller: Caller, body: dict[str, Any], *, generation_id: str) -> dict[str, Any]:
    """Give a stuck generation up; everything that was held returns."""
    view = endings.fail_as_admin(house(), caller, generation_id, reason=body["reason"])
    return renderer().generation(view)


@admin_work.operation("GET", "/v1/admin/usage", scope=Scope.ADMIN, query=AdminUsageQuery, answer=UsageSchema)
def show_usage(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """Who spent what on what, added up; CSV with `Accept: text/csv`."""
    rows = usage.of_workspace(house(), caller, query["group_by"], query["filter"])
    return shown_usage(rows, group=query["group_by"])


@admin_work.operation(
    "GET", "/v1/admin/audit", scope=Scope.ADMIN, query=AuditQuery, answer=page_of(AuditSchema)
)
def list_audit(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """Who changed what, and why, newest first; CSV with `Accept: text/csv`."""
    rows = usage.audit_trail(
        house(),
        caller,
        subject_id=query.get("subject_id"),
        before=before_number(query),
        limit=query["limit"],
    )
    if wants_csv():
        return TableAnswer("audit", [_audited(row) for row in rows])
    return page(rows, limit=query["limit"], shown=_audited, place=lambda row: row.id)


@admin_work.operation(
    "GET", "/v1/admin/exposures", scope=Scope.ADMIN, query=PageQuery, answer=page_of(ExposureSchema)
)
def list_exposures(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Provider spend in doubt: POSTs whose outcome nobody knows."""
    rows = operations.exposures(house(), caller, before=before(query), limit=query["limit"])
    return page(rows, limit=query["limit"], shown=_exposed, place=lambda row: row.id)


@admin_work.operation("GET", "/v1/admin/queues", scope=Scope.ADMIN, answer=QueuesSchema)
def show_queues(caller: Caller) -> dict[str, Any]:
    """The open work of every lane."""
    return {
        "items": [asdict(lane) for lane in operations.queues(house(), caller)],
        "next_cursor": None,
    }


@admin_work.operation("GET", "/v1/admin/plans", scope=Scope.ADMIN, answer=PlansSchema)
def list_plans(caller: Caller) -> dict[str, Any]:
    """The plans a person can be on."""
    return {"items": [asdict(plan) for plan in accounts.list_plans(house(), caller)], "next_cursor": None}


def _audited(row: AuditRow) -> dict[str, Any]:
    return {**asdict(row), "at": rfc3339(row.at)}


def _exposed(row: Exposure) -> dict[str, Any]:
    moments = {"created_at": rfc3339(row.created_at), "sent_at": rfc3339_or_none(row.sent_at)}
    return {**asdict(row), **moments}
