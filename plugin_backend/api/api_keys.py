"""API keys: shown once, kept as an HMAC."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.fields import Bounded, Choice, Identifier, Moment, Strict, Words
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import moment, text
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.api_keys import ApiKeyRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.people import api_keys as service
from plugin_backend.services.people.api_keys import NewKey

api_keys = Resource("API keys", "Tokens for scripts and panels, made by an administrator.")


class NewKeySchema(Strict):
    name = Words(least=1, most=100, required=True)
    scopes = Bounded(Choice(Scope), least=1, most=len(Scope), required=True)
    user_id = Identifier(metadata={"description": "Somebody of yours; without it, yourself."})
    expires_at = Moment(allow_none=True)


class KeyQuery(PageQuery):
    user_id = Identifier()


class ApiKeySchema(Schema):
    id = text()
    name = text()
    scopes = fields.List(fields.String(), required=True)
    user_id = text()
    created_at = moment()
    expires_at = moment(nullable=True)


class MadeKeySchema(ApiKeySchema):
    key = text(metadata={"description": "The token, this once."})


@api_keys.operation("GET", "/v1/api-keys", scope=Scope.ADMIN, query=KeyQuery, answer=page_of(ApiKeySchema))
def list_api_keys(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Live keys of the caller, or of one of their people."""
    rows = service.find(
        house(), caller, user_id=query.get("user_id"), before=before(query), limit=one_more(query)
    )
    return page(rows, limit=query["limit"], shown=_shown, place=lambda row: row.id)


@api_keys.operation(
    "POST", "/v1/api-keys", scope=Scope.ADMIN, status=201, body=NewKeySchema, answer=MadeKeySchema
)
def create_api_key(caller: Caller, body: dict[str, Any]) -> Answer:
    """Make a key; its token is in this answer and nowhere else."""
    key = NewKey(
        name=body["name"],
        scopes=frozenset(body["scopes"]),
        user_id=body.get("user_id", caller.user_id),
        expires_at=body.get("expires_at"),
    )
    made = service.create(
        house(), actor=caller, key=key, idempotency=idempotency(caller), request_id=request_id()
    )
    headers = {"Location": f"/v1/api-keys/{made.row.id}", "Cache-Control": "no-store"}
    return Answer({**_shown(made.row), "key": made.token}, headers=headers)


@api_keys.operation("DELETE", "/v1/api-keys/<key_id>", scope=Scope.ADMIN, status=204)
def revoke_api_key(caller: Caller, *, key_id: str) -> Answer:
    """End a key at once."""
    service.revoke(house(), caller, key_id, request_id=request_id())
    return Answer(None)


def _shown(row: ApiKeyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": list(row.scopes),
        "user_id": row.owner_id,
        "created_at": rfc3339(row.created_at),
        "expires_at": rfc3339_or_none(row.expires_at),
    }
