"""Administration of work and books: everybody's generations, audit, exposures, queues."""

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, renderer, request_id
from plugin_backend.api.fields import Identifier, Strict, Words
from plugin_backend.api.generations import GenerationQuery, listed
from plugin_backend.api.paging import PageQuery, before, before_number, one_more, page, page_of, table
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import GenerationSchema, count, figure, maybe_text, moment, text
from plugin_backend.api.tables import TableAnswer, wants_csv
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.audit import AuditRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.making.health import Circuit
from plugin_backend.services import endings, usage
from plugin_backend.services.money import exposures
from plugin_backend.services.money.exposures import SETTLED, Exposure
from plugin_backend.services.running import operations
from plugin_backend.services.running.provider_standings import ProviderStanding

admin_work = Resource("Administration: work", "Generations, audit and queues, within reach.")


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
    number = count(nullable=True)
    hash = maybe_text()


class ExposureQuery(PageQuery):
    state = fields.String(
        load_default="open",
        validate=validate.OneOf(tuple(SETTLED), error=f"Use one of {', '.join(SETTLED)}."),
    )


class ExposureSchema(Schema):
    id = text()
    provider = text()
    provider_ref = maybe_text()
    request_id = maybe_text()
    model = maybe_text()
    part = count()
    state = text()
    detail = maybe_text()
    why = text()
    billed = fields.Boolean(required=True, allow_none=True)
    created_at = moment()
    sent_at = moment(nullable=True)
    take_id = text()
    generation_id = text()
    recovered_from = maybe_text()
    workspace_id = text()
    credits = count()
    settled_at = moment(nullable=True)
    settled_note = maybe_text()


class ExposureTotalSchema(Schema):
    provider = text()
    attempts = count()
    credits = count()
    recovered = count()
    credits_recovered = count()


class ExposuresSchema(Schema):
    items = fields.List(fields.Nested(ExposureSchema), required=True)
    next_cursor = maybe_text()
    totals = fields.List(fields.Nested(ExposureTotalSchema), required=True)


class SettleSchema(Strict):
    note = Words(least=1, most=500, required=True)


class LaneSchema(Schema):
    lane = text()
    rows = count()
    due = count()
    leased = count()
    waiting_seconds = figure()


class ProviderStandingSchema(Schema):
    provider = text()
    circuit = text(metadata={"enum": [*Circuit]})
    failures = count()
    open_attempts = count()
    concurrency = fields.Integer(required=True, allow_none=True)
    waiting = count()
    watched = count()
    overdue_seconds = figure()
    paused_until = moment(nullable=True)
    probe_at = moment(nullable=True)
    last_ok_at = moment(nullable=True)
    last_error = maybe_text()


class QueuesSchema(Schema):
    items = fields.List(fields.Nested(LaneSchema), required=True)
    providers = fields.List(fields.Nested(ProviderStandingSchema), required=True)
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
    view = endings.cancel_as_admin(
        house(), caller, generation_id, reason=body["reason"], request_id=request_id()
    )
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
    view = endings.fail_as_admin(
        house(), caller, generation_id, reason=body["reason"], request_id=request_id()
    )
    return renderer().generation(view)


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
        limit=one_more(query),
    )
    if wants_csv():
        return table("audit", rows, limit=query["limit"], shown=_audited, place=lambda row: row.id)
    return page(rows, limit=query["limit"], shown=_audited, place=lambda row: row.id)


@admin_work.operation(
    "GET", "/v1/admin/exposures", scope=Scope.ADMIN, query=ExposureQuery, answer=ExposuresSchema
)
def list_exposures(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """What providers may bill that nobody was charged for; totals of what is open, by provider."""
    settled = SETTLED[query["state"]]
    rows = exposures.find(house(), caller, settled=settled, before=before(query), limit=one_more(query))
    listed = page(rows, limit=query["limit"], shown=_exposed, place=lambda row: row.id)
    return {**listed, "totals": [asdict(each) for each in exposures.totals(house(), caller)]}


@admin_work.operation(
    "POST",
    "/v1/admin/exposures/<exposure_id>/settle",
    scope=Scope.ADMIN,
    status=204,
    body=SettleSchema,
)
def settle_exposure(caller: Caller, body: dict[str, Any], *, exposure_id: str) -> Answer:
    """Put an exposure behind us (paid, disputed, never billed), with a note for the audit."""
    exposures.settle(house(), caller, exposure_id, note=body["note"])
    return Answer(None)


@admin_work.operation("GET", "/v1/admin/queues", scope=Scope.ADMIN, answer=QueuesSchema)
def show_queues(caller: Caller) -> dict[str, Any]:
    """The open work of every lane within reach, and for operators how the providers stand."""
    found = operations.queues(house(), caller)
    return {
        "items": [asdict(lane) for lane in found.lanes],
        "providers": [_provider(each) for each in found.providers],
        "next_cursor": None,
    }


def _audited(row: AuditRow) -> dict[str, Any]:
    return {**asdict(row), "at": rfc3339(row.at)}


def _exposed(row: Exposure) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(row).items() if name not in ("is_made", "failure")}
    moments = {
        "created_at": rfc3339(row.created_at),
        "sent_at": rfc3339_or_none(row.sent_at),
        "settled_at": rfc3339_or_none(row.settled_at),
    }
    return {**shown, **moments, "why": row.why}


def _provider(standing: ProviderStanding) -> dict[str, Any]:
    moments = ("paused_until", "probe_at", "last_ok_at")
    return {**asdict(standing), **{name: rfc3339_or_none(getattr(standing, name)) for name in moments}}
