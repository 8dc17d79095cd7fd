"""Taking up an invitation: with a new account, or with one that has nothing to lose elsewhere."""

from plugin_backend.db import invitations as rows
from plugin_backend.db import passwords as credentials
from plugin_backend.db import workspaces
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
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.services import accounts
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.people import passwords, relocating, welcomes

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
    house.failpoint("invitation:password-checked")
    with house.begin() as work:
        invitation = _open(house, work, text)
        if known is None:
            user_id = _settled(house, work, invitation, hashed, request_id=request_id)
        else:
            user_id = known.user_id
            _taken_along(work, invitation, known, request_id=request_id)
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


def _settled(
    house: House, work: UnitOfWork, invitation: InvitationRow, hashed: str, *, request_id: str | None
) -> str:
    """Somebody new; with one account to a mailbox, where no operator answers for who is let in."""
    user = NewUser(email=invitation.email, role=invitation.role, workspace_id=invitation.workspace_id)
    user_id = accounts.settle(work, user, request_id=request_id)
    credentials.put_password(work.connection, user_id, hashed, now=work.now)
    if workspaces.is_made_by_joining(work.connection, invitation.workspace_id):
        welcomes.note(house, work, user_id, email=invitation.email)
    return user_id


def _taken_along(
    work: UnitOfWork, invitation: InvitationRow, known: CredentialRow, *, request_id: str | None
) -> None:
    """Move an account here, if it is still the one whose password was given."""
    person = relocating.held_for_move(work, known.user_id, to=invitation.workspace_id)
    if credentials.find_by_id(work.connection, known.user_id) != known:
        raise ConflictError("This account changed just now. Open the link again.")
    refusal = _why_not(work, person, invitation)
    if refusal is not None:
        raise refusal
    relocating.move_person(
        work,
        person,
        to=invitation.workspace_id,
        role=invitation.role,
        actor_id=person.id,
        request_id=request_id,
    )


def _why_not(work: UnitOfWork, person: Standing, invitation: InvitationRow) -> BackendError | None:
    if person.forgotten_at is not None:
        return ConflictError("This account is closed for good. Be invited with another address.")
    if person.disabled_by_operator or (person.disabled_at is not None and person.removed_at is None):
        return ConflictError("This account is disabled. Ask whoever runs this service.")
    if person.removed_at is not None:
        return None
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
