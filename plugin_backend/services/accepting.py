"""Taking up an invitation: with a new account, or with one that has nothing to lose elsewhere."""

from plugin_backend.db import invitations as rows
from plugin_backend.db import passwords as credentials
from plugin_backend.db import people, workspaces
from plugin_backend.db.invitations import InvitationRow
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.people import Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import (
    BackendError,
    ConflictError,
    FieldProblem,
    GoneError,
    ValidationFailedError,
)
from plugin_backend.domain.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.domain.plan_limits import DEFAULT_PLAN
from plugin_backend.domain.quota import day_of
from plugin_backend.services import accounts, members, passwords
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House

_GONE = "It was used or taken back, its week is over, or it is not one of ours. Ask for a new one."
_WRONG = "There is an account with this address, and this is not its password."


def look(house: House, text: str) -> InvitationRow:
    """What a link invites to; GoneError once it opens nothing any more."""
    with house.begin() as work:
        return _open(house, work, text)


def accept(house: House, text: str, password: str, *, request_id: str | None = None) -> CredentialRow:
    """Join, with the password of the account the address has, or with one for a new account.

    ConflictError where that account cannot come along: it would leave people or work behind.
    """
    with house.begin() as work:
        invitation = _open(house, work, text)
        known = credentials.find_by_email(work.connection, invitation.email)
    # Slow on purpose, so with no transaction open.
    if known is None:
        hashed = passwords.hashed(password, email=invitation.email)
    elif known.hash is None or not passwords.matches(password, known.hash):
        raise ValidationFailedError([FieldProblem("/password", _WRONG)])
    with house.begin() as work:
        invitation = _open(house, work, text)
        if known is None:
            user_id = _settled(work, invitation, hashed, request_id=request_id)
        else:
            user_id = known.user_id
            _taken_along(work, invitation, user_id, request_id=request_id)
        _joined(work, invitation, user_id, request_id=request_id)
        found = credentials.find_by_id(work.connection, user_id)
    assert found is not None, "who has just joined is there"
    return found


def _open(house: House, work: UnitOfWork, text: str) -> InvitationRow:
    shown = OpaqueToken.parse(text, TokenKind.INVITATION)
    row = None if shown is None else rows.claim_invitation(work.connection, shown.row_id)
    if shown is None or row is None or not shown.matches(row.secret_hash, pepper=house.token_pepper):
        raise GoneError(_GONE)
    if row.accepted_at is not None or row.revoked_at is not None or work.now >= row.expires_at:
        raise GoneError(_GONE)
    return row


def _settled(work: UnitOfWork, invitation: InvitationRow, hashed: str, *, request_id: str | None) -> str:
    """Somebody new."""
    user = NewUser(email=invitation.email, role=invitation.role, workspace_id=invitation.workspace_id)
    user_id = accounts.settle(work, user, request_id=request_id)
    credentials.put_password(work.connection, user_id, hashed, now=work.now)
    return user_id


def _taken_along(
    work: UnitOfWork, invitation: InvitationRow, user_id: str, *, request_id: str | None
) -> None:
    """Move an account here; whatever was signed in with it is signed out."""
    before = _standing(work, user_id)
    for workspace_id in sorted({before.workspace_id, invitation.workspace_id}):
        workspaces.lock_workspace(work.connection, workspace_id)
    before = _standing(work, user_id)
    refusal = _why_not(work, before, invitation)
    if refusal is not None:
        raise refusal
    members.shut_out(work, before, request_id=request_id)
    values = {"workspace_id": invitation.workspace_id, "role": invitation.role, "pool_cap": None}
    values |= {"disabled_at": None, "removed_at": None}
    if before.removed_at is not None:
        # What a workspace granted stays with it; so does what it let them do.
        members.leave_credits(work, before, actor_id=user_id, for_good=True)
        limits = {"draft_limit_override": None, "max_concurrent_override": None}
        values |= {"plan_id": DEFAULT_PLAN, **limits}
    people.change_user(work.connection, user_id, values)


def _why_not(work: UnitOfWork, person: Standing, invitation: InvitationRow) -> BackendError | None:
    if person.removed_at is not None:
        return None
    if person.disabled_at is not None:
        return ConflictError("This account is disabled. Ask whoever runs this service.")
    if person.workspace_id == invitation.workspace_id:
        return ConflictError("You are a member of this workspace already; sign in.")
    if rows.is_untouched(work.connection, person.workspace_id, but=person.id):
        return None
    return ConflictError(
        "This address has an account that works in another workspace, and an account works in one. "
        "Have it removed there, or be invited with another address."
    )


def _joined(work: UnitOfWork, invitation: InvitationRow, user_id: str, *, request_id: str | None) -> None:
    ended = {"accepted_at": work.now, "accepted_by": user_id}
    rows.change_invitation(work.connection, invitation.id, ended)
    owned = Owned(invitation.workspace_id, user_id)
    record_event(work, "member.joined", subject_id=user_id, owned=owned)
    audit(
        work,
        "member.joined",
        subject_id=user_id,
        actor_id=user_id,
        workspace_id=invitation.workspace_id,
        after={"role": invitation.role, "invitation_id": invitation.id},
        request_id=request_id,
    )


def _standing(work: UnitOfWork, user_id: str) -> Standing:
    found = people.find_standing(work.connection, user_id, day=day_of(work.now))
    if found is None:
        raise GoneError(_GONE)
    return found
