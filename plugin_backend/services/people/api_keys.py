"""API keys: made by an administrator, shown once, kept as an HMAC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from plugin_backend.db import api_keys as rows
from plugin_backend.db.api_keys import ApiKeyRow
from plugin_backend.db.journal import audit
from plugin_backend.db.people import Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Role, Scope, id_of
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    ForbiddenError,
    IdempotencyInProgressError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.opaque_tokens import OpaqueToken
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.reach import acted_on, member, reach, require_rank

MOST_OWN: Final = 50
"""Live keys that a person may have when they make one more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key to be made: for whom, called what, good for what, until when."""

    name: str
    scopes: frozenset[Scope]
    user_id: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key with its token, this once."""

    row: ApiKeyRow
    token: str = field(repr=False)


def create(
    house: House,
    *,
    actor: Caller | None,
    key: NewKey,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> MadeKey:
    """A new key, never beyond its creator's scopes; the same Idempotency-Key never shows it again."""
    with house.begin() as work:
        key_id = new_id(Prefix.API_KEY, at=work.now)
        kept = begin(work, idempotency, result={"id": key_id})
        if kept is not None:
            raise IdempotencyInProgressError(kept["id"])
        holder = acted_on(work, actor, key.user_id)
        _check(work, actor, key, holder)
        token = OpaqueToken.fresh(key_id)
        actor_id = id_of(actor)
        return _made(house, work, key, holder, token=token, actor_id=actor_id, request_id=request_id)


def create_own(house: House, key: NewKey, *, request_id: str | None = None) -> MadeKey:
    """A key that a signed-in person makes for themselves; it never administers anything."""
    if Scope.ADMIN in key.scopes:
        raise ForbiddenError("An administrator makes keys that administer.")
    with house.begin() as work:
        holder = acted_on(work, None, key.user_id)
        _check(work, None, key, holder)
        live = rows.list_keys(
            work.connection, workspace_id=None, owner_id=key.user_id, before=None, limit=MOST_OWN
        )
        if len(live) >= MOST_OWN:
            raise ConflictError(f"You have {MOST_OWN} keys already; revoke one first.")
        token = OpaqueToken.fresh(new_id(Prefix.API_KEY, at=work.now))
        return _made(house, work, key, holder, token=token, actor_id=key.user_id, request_id=request_id)


def find(
    house: House, actor: Caller, *, user_id: str | None, before: str | None, limit: int
) -> tuple[ApiKeyRow, ...]:
    """Live keys: the caller's own, or those of somebody within reach."""
    workspace_id = reach(actor)
    with house.begin() as work:
        owner_id = member(work, actor, user_id).id if user_id else actor.user_id
        return rows.list_keys(
            work.connection, workspace_id=workspace_id, owner_id=owner_id, before=before, limit=limit
        )


def revoke(house: House, actor: Caller, key_id: str, *, request_id: str | None = None) -> None:
    """End a key at once; ending it twice is ending it once."""
    workspace_id = reach(actor)
    with house.begin() as work:
        row = rows.find_key(work.connection, key_id, workspace_id=workspace_id)
        if row is None:
            raise NotFoundError("API key")
        holder = member(work, actor, row.owner_id)
        require_rank(actor, role=holder.role, is_operator=holder.is_operator)
        _end(work, row, actor_id=actor.user_id, request_id=request_id)


def of_person(house: House, user_id: str) -> tuple[ApiKeyRow, ...]:
    """A person's own live keys, for them to see."""
    with house.begin() as work:
        return rows.list_keys(
            work.connection, workspace_id=None, owner_id=user_id, before=None, limit=MOST_OWN * 2
        )


def revoke_own(house: House, user_id: str, key_id: str, *, request_id: str | None = None) -> None:
    """End a key of the person who asks, whatever their role."""
    with house.begin() as work:
        row = rows.find_key(work.connection, key_id, workspace_id=None)
        if row is None or row.owner_id != user_id:
            raise NotFoundError("API key")
        _end(work, row, actor_id=user_id, request_id=request_id)


def _end(work: UnitOfWork, row: ApiKeyRow, *, actor_id: str, request_id: str | None) -> None:
    if rows.revoke_key(work.connection, row.id, now=work.now):
        values = {"id": row.id, "owner_id": row.owner_id, "workspace_id": row.workspace_id}
        _audit(work, "api_key.revoked", values, actor_id=actor_id, request_id=request_id)


def _made(
    house: House,
    work: UnitOfWork,
    key: NewKey,
    holder: Standing,
    *,
    token: OpaqueToken,
    actor_id: str,
    request_id: str | None,
) -> MadeKey:
    values = _values(work, key, holder, token.row_id)
    rows.insert_key(work.connection, {**values, "secret_hash": token.digest(house.token_pepper)})
    _audit(work, "api_key.created", values, actor_id=actor_id, request_id=request_id)
    row = ApiKeyRow(**{**values, "scopes": tuple(values["scopes"]), "revoked_at": None})
    return MadeKey(row, token.spelt())


def _check(work: UnitOfWork, actor: Caller | None, key: NewKey, holder: Standing) -> None:
    if holder.disabled_at is not None:
        raise ConflictError("They are disabled; a key of theirs would open nothing.")
    if actor is not None:
        beyond = key.scopes - actor.scopes
        if beyond:
            raise ForbiddenError(f"Your token lacks the scope `{min(beyond)}`; a key never has more than it.")
    administers = holder.is_operator or holder.role in (Role.OWNER, Role.ADMIN)
    problems = []
    if Scope.ADMIN in key.scopes and not administers:
        problems.append(FieldProblem("/scopes", f"Their role is {holder.role}: `admin` would not work."))
    if key.expires_at is not None and key.expires_at <= work.now:
        problems.append(FieldProblem("/expires_at", "Give a moment that is still to come."))
    if problems:
        raise ValidationFailedError(problems)


def _values(work: UnitOfWork, key: NewKey, holder: Standing, key_id: str) -> dict[str, Any]:
    return {
        "id": key_id,
        "workspace_id": holder.workspace_id,
        "owner_id": holder.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": work.now,
        "expires_at": key.expires_at,
    }


def _audit(
    work: UnitOfWork, action: str, values: Mapping[str, Any], *, actor_id: str, request_id: str | None
) -> None:
    audit(
        work,
        action,
        subject_id=values["id"],
        actor_id=actor_id,
        workspace_id=values["workspace_id"],
        after={"owner_id": values["owner_id"], "scopes": list(values.get("scopes", ()))},
        request_id=request_id,
    )
