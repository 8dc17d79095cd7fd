"""Invitations to a workspace: a link for one address, good once and for a week, that says nothing to others.

What an inviter is told does not depend on whether the address has an account here. An account is in one
workspace: it comes along only where nobody loses anything by it, and only with its own password.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from plugin_backend.db import invitations as rows
from plugin_backend.db import people
from plugin_backend.db.invitations import InvitationRow
from plugin_backend.db.journal import Owned, audit
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    IdempotencyInProgressError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.addresses import is_address
from plugin_backend.domain.people.opaque_tokens import OpaqueToken
from plugin_backend.services import mail
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.people import joining_letters
from plugin_backend.services.reach import reach, require_rank

LIVES: Final = timedelta(days=7)
MOST_OPEN: Final = 200
"""Invitations of one workspace that may be accepted at the same time."""


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """An invitation; with its token, this once, where no letter carries it."""

    row: InvitationRow
    token: str | None = field(repr=False)


def create(
    house: House,
    actor: Caller,
    *,
    email: str,
    role: Role,
    address: Callable[[str], str],
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> MadeInvitation:
    """Ask an address to join the actor's workspace; `address` makes a link of a token."""
    reach(actor)
    require_rank(actor, role=role)
    if not is_address(email):
        raise ValidationFailedError([FieldProblem("/email", "Write an e-mail address.")])
    with house.begin() as work:
        invitation_id = new_id(Prefix.INVITATION, at=work.now)
        kept = begin(work, idempotency, result={"id": invitation_id})
        if kept is not None:
            raise IdempotencyInProgressError(kept["id"])
        _check(work, actor, email)
        token = OpaqueToken.fresh(invitation_id)
        _insert(house, work, actor, token, email=email, role=role)
        _audit(work, actor, invitation_id, "invitation.created", role, request_id=request_id)
        return _sent(house, work, actor, token, address)


def find(house: House, actor: Caller, *, before: str | None, limit: int) -> tuple[InvitationRow, ...]:
    """The open invitations of the actor's workspace, newest first."""
    reach(actor)
    with house.begin() as work:
        return rows.list_invitations(work.connection, actor.workspace_id, before=before, limit=limit)


def revoke(house: House, actor: Caller, invitation_id: str, *, request_id: str | None = None) -> None:
    """Take it back; its link opens nothing any more. Taking it back twice is taking it back once."""
    reach(actor)
    with house.begin() as work:
        row = _ours(work, actor, invitation_id)
        if row.accepted_at is not None:
            raise ConflictError("It was accepted already; remove the member instead.")
        if row.revoked_at is None:
            rows.change_invitation(work.connection, row.id, {"revoked_at": work.now})
            _audit(work, actor, row.id, "invitation.revoked", row.role, request_id=request_id)


def resend(
    house: House,
    actor: Caller,
    invitation_id: str,
    *,
    address: Callable[[str], str],
    request_id: str | None = None,
) -> MadeInvitation:
    """Another link for another week; the one before opens nothing any more."""
    reach(actor)
    with house.begin() as work:
        row = _ours(work, actor, invitation_id)
        require_rank(actor, role=row.role)
        if row.accepted_at is not None or row.revoked_at is not None:
            raise ConflictError("It was accepted or taken back; invite the address anew.")
        token = OpaqueToken.fresh(row.id)
        anew = {"secret_hash": token.digest(house.token_pepper), "expires_at": work.now + LIVES}
        rows.change_invitation(work.connection, row.id, {**anew, "owner_id": actor.user_id})
        _audit(work, actor, row.id, "invitation.resent", row.role, request_id=request_id)
        return _sent(house, work, actor, token, address)


def _check(work: UnitOfWork, actor: Caller, email: str) -> None:
    if people.is_member(work.connection, email, workspace_id=actor.workspace_id):
        raise ConflictError("They are a member of this workspace already.")
    if rows.count_open(work.connection, actor.workspace_id, now=work.now) >= MOST_OPEN:
        raise ConflictError(f"{MOST_OPEN} invitations are open already; take some back first.")


def _insert(
    house: House, work: UnitOfWork, actor: Caller, token: OpaqueToken, *, email: str, role: Role
) -> None:
    values = {
        "id": token.row_id,
        "workspace_id": actor.workspace_id,
        "owner_id": actor.user_id,
        "email": email,
        "role": role,
        "secret_hash": token.digest(house.token_pepper),
        "created_at": work.now,
        "expires_at": work.now + LIVES,
    }
    rows.revoke_expired(work.connection, actor.workspace_id, email, now=work.now)
    try:
        rows.insert_invitation(work.connection, values)
    except IntegrityError as error:
        raise ConflictError("This address is invited already; send that invitation again.") from error


def _sent(
    house: House, work: UnitOfWork, actor: Caller, token: OpaqueToken, address: Callable[[str], str]
) -> MadeInvitation:
    """By letter where mail is set up: then nobody but its reader has the link."""
    row = _ours(work, actor, token.row_id)
    if not house.sends_mail:
        return MadeInvitation(row, token.spelt())
    letter = joining_letters.invited(
        row.email, workspace=row.workspace_name, role=row.role, link=address(token.spelt())
    )
    mail.enqueue(house, work, letter, about="invitation", owned=Owned(row.workspace_id, row.owner_id))
    return MadeInvitation(row, None)


def _ours(work: UnitOfWork, actor: Caller, invitation_id: str) -> InvitationRow:
    row = rows.claim_invitation(work.connection, invitation_id, workspace_id=actor.workspace_id)
    if row is None:
        raise NotFoundError("invitation")
    return row


def _audit(
    work: UnitOfWork,
    actor: Caller,
    invitation_id: str,
    action: str,
    role: Role,
    *,
    request_id: str | None,
) -> None:
    audit(
        work,
        action,
        subject_id=invitation_id,
        actor_id=actor.user_id,
        workspace_id=actor.workspace_id,
        after={"role": role},
        request_id=request_id,
    )
