"""Administration: a workspace's seats from a table, as a spreadsheet saves it."""

from collections import Counter
from dataclasses import asdict
from typing import Any, Final

from flask import request
from marshmallow import Schema, fields

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.fields import Identifier, QueryFlag, Strict
from plugin_backend.api.reading import JSON_LIMIT
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, maybe_text, text
from plugin_backend.api.tables import MEDIA_TYPE
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import PayloadTooLargeError, UnsupportedMediaError
from plugin_backend.domain.people.seats import COLUMNS, MOST_LINES, read_seats
from plugin_backend.services.people import seat_import as service
from plugin_backend.services.people.seat_import import Outcome

seat_import = Resource("Administration: seats", "Many people at once, from a table.")

_ABOUT: Final = (
    f"A header and up to {MOST_LINES:,} lines of {', '.join(COLUMNS)}; only `email` must be there. "
    "UTF-8, with commas, semicolons or tabs. An empty cell changes nothing; `plan` in a limit goes back "
    "to the plan."
)
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": _ABOUT,
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}


class ImportQuery(Strict):
    dry_run = QueryFlag(load_default=False)
    workspace_id = Identifier(metadata={"description": "For operators; the caller's own otherwise."})


class ImportedSchema(Schema):
    line = count()
    email = text()
    outcome = text(metadata={"enum": [*Outcome]})
    user_id = maybe_text()
    credits = count()


class ImportSchema(Schema):
    dry_run = fields.Boolean(required=True)
    created = count()
    changed = count()
    unchanged = count()
    items = fields.List(fields.Nested(ImportedSchema), required=True)


@seat_import.operation(
    "POST", "/v1/admin/users/import", scope=Scope.ADMIN, query=ImportQuery, answer=ImportSchema, doc=_BODY
)
def import_users(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Make people, or bring them to what their line says: all lines or none, and the same twice is once.

    Every cell that will not do is named, `/lines/12/email`. Credits are given to those who are new only.
    """
    found = service.import_seats(
        house(),
        caller,
        read_seats(_table()),
        workspace_id=query.get("workspace_id", caller.workspace_id),
        dry_run=query["dry_run"],
        request_id=request_id(),
    )
    outcomes = Counter(each.outcome for each in found)
    return {
        "dry_run": query["dry_run"],
        **{outcome.value: outcomes[outcome] for outcome in Outcome},
        "items": [asdict(each) for each in found],
    }


def _table() -> bytes:
    if request.mimetype != MEDIA_TYPE:
        raise UnsupportedMediaError(f"Send {MEDIA_TYPE}.")
    raw = request.get_data(cache=False)
    if len(raw) >= JSON_LIMIT and request.content_length is None:  # sent in chunks, and cut off at the limit
        raise PayloadTooLargeError("A table goes up to 1 MiB.")
    return raw
