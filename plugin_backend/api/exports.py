"""A copy of one's own data, as one zip that can be fetched for a week."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.fields import Flag, Strict
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import FailureSchema, moment, text
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.keeping import ExportState
from plugin_backend.services.keeping import exports as service
from plugin_backend.services.keeping.exports import ExportRow

exports = Resource("Exports", "Everything that is kept about the caller, to take away.")


class NewExportSchema(Strict):
    with_media = Flag(
        load_default=False, metadata={"description": "The stored files too; without, a list of them."}
    )


class ExportArchiveSchema(Schema):
    name = text()
    bytes = fields.Integer(required=True)
    sha256 = text()
    url = text()
    expires_at = moment()


class ExportSchema(Schema):
    id = text()
    state = text(metadata={"enum": [state.value for state in ExportState]})
    with_media = fields.Boolean(required=True)
    archive = fields.Nested(ExportArchiveSchema, required=True, allow_none=True)
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)
    created_at = moment()
    finished_at = moment(nullable=True)
    expires_at = moment(nullable=True)


@exports.operation(
    "POST",
    "/v1/me/export",
    scope=Scope.READ,
    status=202,
    body=NewExportSchema,
    body_required=False,
    answer=ExportSchema,
)
def request_export(caller: Caller, body: dict[str, Any]) -> Answer:
    """Have everything about the caller packed into one zip; one at a time."""
    row = service.request(house(), caller, **body, idempotency=idempotency(caller))
    headers = {"Location": f"/v1/me/exports/{row.id}", "Retry-After": LOOK_AGAIN_SECONDS}
    return Answer(_shown(row), headers=headers)


@exports.operation("GET", "/v1/me/exports", scope=Scope.READ, query=PageQuery, answer=page_of(ExportSchema))
def list_exports(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """The caller's exports, newest first."""
    rows = service.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=_shown, place=lambda row: row.id)


@exports.operation("GET", "/v1/me/exports/<export_id>", scope=Scope.READ, answer=ExportSchema)
def show_export(caller: Caller, *, export_id: str) -> Answer:
    """One export; once it is ready with a link to its zip, for seven days."""
    row = service.get(house(), caller, export_id)
    building = row.state is ExportState.BUILDING
    return Answer(_shown(row), headers={"Retry-After": LOOK_AGAIN_SECONDS} if building else {})


def _shown(row: ExportRow) -> dict[str, Any]:
    archive = row.archive if row.state is ExportState.READY else None
    told = None
    if archive is not None:
        kept = {name: archive[name] for name in ("name", "bytes", "sha256")}
        told = {**kept, **renderer().link(archive["key"])}
    return {
        "id": row.id,
        "state": row.state,
        "with_media": row.with_media,
        "archive": told,
        "failure": row.failure,
        "created_at": rfc3339(row.created_at),
        "finished_at": rfc3339_or_none(row.finished_at),
        "expires_at": rfc3339_or_none(row.expires_at),
    }
