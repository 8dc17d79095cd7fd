"""Invitations to the caller's workspace: by letter, or as a link that is shown once."""

from typing import Any
from urllib.parse import urlencode

from marshmallow import Schema

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency, request_id, settings
from plugin_backend.api.fields import Choice, Strict, Words
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import maybe_text, moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.db.invitations import InvitationRow
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.services.people import invitations as service
from plugin_backend.services.people.invitations import MadeInvitation

invitations = Resource("Invitations", "Who was asked to join the workspace.")


class NewInvitationSchema(Strict):
    email = Words(least=3, most=254, required=True)
    role = Choice(Role, load_default=Role.EDITOR)


class InvitationSchema(Schema):
    id = text()
    email = text()
    role = text()
    invited_by = text()
    created_at = moment()
    expires_at = moment()


class MadeInvitationSchema(InvitationSchema):
    """`url` is the link, this once, to be handed on; null where a letter carries it."""

    url = maybe_text()


@invitations.operation(
    "GET",
    "/v1/workspace/invitations",
    scope=Scope.ADMIN,
    query=PageQuery,
    answer=page_of(InvitationSchema),
)
def list_invitations(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Those that were neither accepted nor taken back, newest first."""
    rows = service.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=_shown, place=lambda row: row.id)


@invitations.operation(
    "POST",
    "/v1/workspace/invitations",
    scope=Scope.ADMIN,
    status=201,
    body=NewInvitationSchema,
    answer=MadeInvitationSchema,
)
def create_invitation(caller: Caller, body: dict[str, Any]) -> Answer:
    """Invite an address; the answer is the same whether it has an account here or not."""
    made = service.create(
        house(),
        caller,
        **body,
        address=_address,
        idempotency=idempotency(caller),
        request_id=request_id(),
    )
    return _made(made)


@invitations.operation(
    "POST",
    "/v1/workspace/invitations/<invitation_id>/resend",
    scope=Scope.ADMIN,
    answer=MadeInvitationSchema,
)
def resend_invitation(caller: Caller, *, invitation_id: str) -> Answer:
    """Another link for another week; the one before opens nothing any more."""
    made = service.resend(house(), caller, invitation_id, address=_address, request_id=request_id())
    return _made(made)


@invitations.operation("DELETE", "/v1/workspace/invitations/<invitation_id>", scope=Scope.ADMIN, status=204)
def revoke_invitation(caller: Caller, *, invitation_id: str) -> Answer:
    """Take it back."""
    service.revoke(house(), caller, invitation_id, request_id=request_id())
    return Answer(None)


def _made(made: MadeInvitation) -> Answer:
    url = None if made.token is None else _address(made.token)
    return Answer({**_shown(made.row), "url": url}, headers={"Cache-Control": "no-store"})


def _address(token: str) -> str:
    return f"{settings().public_url}/invitation?{urlencode({'token': token})}"


def _shown(row: InvitationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.email,
        "role": row.role,
        "invited_by": row.owner_id,
        "created_at": rfc3339(row.created_at),
        "expires_at": rfc3339(row.expires_at),
    }
