"""Where the caller is signed in."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, request_id
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.auth import changes
from plugin_backend.db.sessions import SessionRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.services.people import sessions as service

sessions = Resource("Sessions", "Where the caller is signed in: panels and browsers.")


class SessionSchema(Schema):
    id = text()
    kind = text(metadata={"enum": ["panel", "browser"]})
    device = text(metadata={"description": "What it called itself when it asked."})
    scopes = fields.List(fields.String(), required=True)
    created_at = moment()
    seen_at = fields.DateTime(
        required=True, metadata={"description": "To the hour: when its tokens were last renewed."}
    )
    expires_at = fields.DateTime(required=True, metadata={"description": "If it is not seen again."})
    is_current = fields.Boolean(required=True, metadata={"description": "Whether it is the one that asks."})


class SessionsSchema(Schema):
    items = fields.List(fields.Nested(SessionSchema), required=True)


@sessions.operation("GET", "/v1/me/sessions", scope=Scope.READ, answer=SessionsSchema)
def list_my_sessions(caller: Caller) -> dict[str, Any]:
    """Every panel and browser that is signed in as the caller, the last seen first."""
    found = service.mine(house(), caller.user_id)
    return {"items": [_shown(row, caller) for row in found]}


@sessions.operation("DELETE", "/v1/me/sessions/<session_id>", scope=Scope.READ, status=204)
def end_my_session(caller: Caller, *, session_id: str) -> Answer:
    """Sign a panel or a browser out at once; another than the one that asks takes the scope `generate`."""
    if session_id != caller.key_id and Scope.GENERATE not in caller.scopes:
        raise ForbiddenError("This needs a token with the scope `generate`, or the session's own.")
    service.end(house(), caller.user_id, session_id, request_id=request_id())
    changes.announce()
    return Answer(None)


def _shown(row: SessionRow, caller: Caller) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "device": row.device,
        "scopes": list(row.scopes),
        "created_at": rfc3339(row.created_at),
        "seen_at": rfc3339(row.seen_at),
        "expires_at": rfc3339(row.expires_at),
        "is_current": row.id == caller.key_id,
    }
