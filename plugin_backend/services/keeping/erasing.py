"""Forgetting a person: asked for by themselves or an administrator, then done step by step, to a receipt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from plugin_backend.db import erasures, people
from plugin_backend.db.erasures import ErasureRow, Leaver, find_erasure, find_leaver
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.scrub_rules import CLOSING
from plugin_backend.db.scrubbing import Whose, scrub
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.db.workspaces import has_owner, lock_workspace
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    ForbiddenError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id, prefix_of
from plugin_backend.domain.keeping import ErasureStep
from plugin_backend.domain.work import Lane
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.people import passwords
from plugin_backend.services.people.browser_sessions import SignedIn
from plugin_backend.services.reach import member, require_rank
from plugin_backend.services.stepping import make_due

_DOORS_CLOSE: Final = timedelta(seconds=10)
"""After which no process remembers a key that was taken away, and no request of theirs is being answered."""

_LAST_OWNER: Final = (
    "You are the only owner of a workspace with {others} more in it. Make one of them its owner first "
    "(PATCH /v1/admin/users/{{id}} with role owner), or remove them from it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    owned: Owned
    asked_by: str
    reason: str | None
    request_id: str | None


def erase_me(
    house: House,
    caller: Caller,
    *,
    confirm: str,
    password: str,
    admit: Callable[[str], None],
    request_id: str | None = None,
) -> ErasureRow:
    """The caller is to be forgotten; from here on they are out.

    A key may have been found by anybody, so their password is asked for, too; `admit` counts the try.
    """
    if Scope.GENERATE not in caller.scopes:
        raise ForbiddenError("This needs a key with the scope `generate`: one that only reads ends nobody.")
    if caller.key_id is None or prefix_of(caller.key_id) is not Prefix.API_KEY:
        raise ForbiddenError("A panel's token ends nobody: sign in and do it at /account, or use an API key.")
    with house.begin() as work:
        email = people.email_of(work.connection, caller.user_id)
    _require_own(email, confirm)
    admit(email)
    if passwords.check(house, email, password) is None:
        detail = "This is not your password. Who has none leaves at /account, signed in."
        raise ValidationFailedError([FieldProblem("/password", detail)])
    owned = Owned(caller.workspace_id, caller.user_id)
    return _erase_oneself(house, owned, confirm=confirm, request_id=request_id)


def erase_signed_in(
    house: House, person: SignedIn, *, confirm: str, request_id: str | None = None
) -> ErasureRow:
    """The same, for somebody in front of a browser who has just shown that it is them."""
    owned = Owned(person.workspace_id, person.user_id)
    return _erase_oneself(house, owned, confirm=confirm, request_id=request_id)


def _erase_oneself(house: House, owned: Owned, *, confirm: str, request_id: str | None) -> ErasureRow:
    asked = _Asked(owned=owned, asked_by=owned.owner_id, reason=None, request_id=request_id)
    with house.begin() as work:
        leaver = _leaver(work, asked.owned)
        _require_own(leaver.email, confirm)
        return _begin(work, leaver, asked)


def _require_own(email: str, confirm: str) -> None:
    if confirm.strip().lower() != email.lower():
        detail = "Write your own e-mail address: everything of yours goes, and nothing brings it back."
        raise ValidationFailedError([FieldProblem("/confirm", detail)])


def erase_user(
    house: House,
    actor: Caller,
    user_id: str,
    *,
    reason: str,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> ErasureRow:
    """Somebody within the administrator's reach is to be forgotten."""
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return _known(work, kept["id"])
        owned = Owned(member(work, actor, user_id).workspace_id, user_id)
        leaver = _leaver(work, owned)
        require_rank(actor, role=leaver.role, is_operator=leaver.is_operator)
        asked = _Asked(owned=owned, asked_by=actor.user_id, reason=reason, request_id=request_id)
        row = _begin(work, leaver, asked)
        keep(work, idempotency, {"id": row.id})
        return row


def receipt(house: House, erasure_id: str) -> ErasureRow:
    """How far it is; who was forgotten can ask nobody else, so its id alone opens it, and it names nobody."""
    with house.begin() as work:
        return _known(work, erasure_id)


def _leaver(work: UnitOfWork, owned: Owned) -> Leaver:
    """Who leaves; until the commit nobody else changes who is in the workspace, or who owns it."""
    lock_workspace(work.connection, owned.workspace_id)
    return find_leaver(work.connection, owned.owner_id, workspace_id=owned.workspace_id)


def _begin(work: UnitOfWork, leaver: Leaver, asked: _Asked) -> ErasureRow:
    """Doors close in the transaction that asks; asked again, it is the same one."""
    user_id = asked.owned.owner_id
    known = find_erasure(work.connection, owner_id=user_id)
    if known is not None:
        return known
    stays = has_owner(work.connection, asked.owned.workspace_id, but=user_id)
    if leaver.role is Role.OWNER and leaver.others and not stays:
        raise ConflictError(_LAST_OWNER.format(others=leaver.others))
    people.change_user(work.connection, user_id, {"disabled_at": work.now})
    whose = Whose(owner_id=user_id, email=leaver.email, workspace_id=asked.owned.workspace_id, is_alone=False)
    for rule in CLOSING:
        scrub(work.connection, rule, whose, after="")
    return _open(work, asked)


def _open(work: UnitOfWork, asked: _Asked) -> ErasureRow:
    erasure_id, owned = new_id(Prefix.ERASURE, at=work.now), asked.owned
    values = {"id": erasure_id, **owned.columns, "asked_by": asked.asked_by, "step": ErasureStep.CANCEL}
    is_new = erasures.insert_erasure(work.connection, {**values, "created_at": work.now})
    assert is_new, "who is in the workspace is held, and nobody of theirs is asked for twice"
    make_due(work, Due(erasure_id, Lane.STEP_MASTER, owned, next_at=work.now + _DOORS_CLOSE))
    record_event(work, "user.erasure-asked", subject_id=owned.owner_id, owned=owned)
    audit(
        work,
        "user.erasure-asked",
        subject_id=owned.owner_id,
        actor_id=asked.asked_by,
        workspace_id=owned.workspace_id,
        after={"erasure_id": erasure_id},
        reason=asked.reason,
        request_id=asked.request_id,
    )
    return _known(work, erasure_id)


def _known(work: UnitOfWork, erasure_id: str) -> ErasureRow:
    found = find_erasure(work.connection, erasure_id)
    if found is None:
        raise NotFoundError("erasure")
    return found
