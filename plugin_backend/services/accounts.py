"""People: who is calling, who they are, and how an administrator makes and changes users."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.exc import IntegrityError

from plugin_backend.db import money, people, plans, sessions
from plugin_backend.db.journal import audit
from plugin_backend.db.people import Standing
from plugin_backend.db.tables import users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.allowance import Allowance
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    UnauthenticatedError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id, prefix_of
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN
from plugin_backend.domain.people.addresses import is_address
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.money.plan_grants import grant_month, owed
from plugin_backend.services.people.disabling import access_values
from plugin_backend.services.reach import (
    acted_on,
    keep_an_owner,
    member,
    reach,
    require_giver,
    require_present,
    require_rank,
)
from plugin_backend.services.waking import wake

SYSTEM: Final = "system"
"""Who acts when nobody is signed in: the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A person to be made; without a workspace they join the administrator's, or get one of their own."""

    email: str
    role: Role = Role.EDITOR
    plan: str = DEFAULT_PLAN
    workspace_id: str | None = None
    is_operator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanges:
    """What to change about a person; None leaves it as it is."""

    role: Role | None = None
    plan: str | None = None
    disabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A live key or access token: the caller it makes of whoever knows its secret, and how long it lives."""

    caller: Caller
    secret_hash: str = field(repr=False)
    expires_in_seconds: float | None


def authenticate(
    house: House, token: str, *, look_up: Callable[[str], Holder | None] | None = None
) -> Caller:
    """The caller behind an API key or an access token; UnauthenticatedError says nothing about why not."""
    presented = OpaqueToken.parse(token, TokenKind.API_KEY, TokenKind.ACCESS)
    if presented is not None:
        holder = look_up(presented.row_id) if look_up else find_holder(house, presented.row_id)
        if holder is not None and presented.matches(holder.secret_hash, pepper=house.token_pepper):
            return holder.caller
    raise UnauthenticatedError("This token is unknown, expired or revoked.")


def find_holder(house: House, token_id: str) -> Holder | None:
    """The holder of a key or an access token; None unless it is live and they are not disabled."""
    find = sessions.access_holder if prefix_of(token_id) is Prefix.ACCESS_TOKEN else people.key_holder
    row = find(house.engine, token_id)
    if row is None:
        return None
    caller = caller_of(row, frozenset(Scope(scope) for scope in row.scopes))
    return Holder(caller=caller, secret_hash=row.secret_hash, expires_in_seconds=row.expires_in_seconds)


def caller_of(row: people.KeyHolder, scopes: frozenset[Scope]) -> Caller:
    """The caller that a live key, token or identity makes of whoever holds it."""
    return Caller(
        user_id=row.user_id,
        workspace_id=row.workspace_id,
        role=Role(row.role),
        scopes=scopes,
        is_operator=row.is_operator,
        key_id=row.key_id,
        default_model=row.default_model,
        allowance=Allowance.of(row.plan, row.policy),
    )


def me(house: House, caller: Caller) -> Standing:
    """The caller with their plan, quota and credits."""
    with house.begin() as work:
        if owed(caller):
            grant_month(work, caller.user_id)
        found = people.find_standing(work.connection, caller.user_id, day=day_of(work.now))
    assert found is not None, "a caller was read from their own row"
    return found


def create_user(
    house: House,
    *,
    actor: Caller | None,
    user: NewUser,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> Standing:
    """A new person with an account of their own; without an actor it is the command line that asks."""
    if actor is not None:
        reach(actor)
        require_rank(actor, role=user.role, is_operator=user.is_operator)
    with house.begin() as work:
        user_id = new_id(Prefix.USER, at=work.now)
        kept = begin(work, idempotency, result={"id": user_id})
        if kept is None:
            _check(work, user)
            if actor is not None and user.plan != DEFAULT_PLAN:
                require_giver(work, actor, user.workspace_id or actor.workspace_id)
            _insert(work, user_id, user, actor=actor, request_id=request_id)
        standing = people.find_standing(
            work.connection, user_id if kept is None else kept["id"], day=day_of(work.now)
        )
    assert standing is not None
    return standing


def settle(work: UnitOfWork, user: NewUser, *, request_id: str | None = None) -> str:
    """A new person within a larger transaction, whom nobody but our own rules let in; returns their id."""
    user_id = new_id(Prefix.USER, at=work.now)
    _check(work, user)
    _insert(work, user_id, user, actor=None, request_id=request_id)
    return user_id


def find_user(house: House, actor: Caller, user_id: str) -> Standing:
    """One person within the administrator's reach."""
    with house.begin() as work:
        return member(work, actor, user_id)


def list_users(
    house: House, actor: Caller, *, email: str | None, before: str | None, limit: int
) -> tuple[Standing, ...]:
    """People within the administrator's reach whose address contains a text, newest first."""
    with house.begin() as work:
        return people.list_standings(
            work.connection,
            day=day_of(work.now),
            workspace_id=reach(actor),
            text_in_email=email,
            before=before,
            limit=limit,
        )


def update_user(
    house: House,
    actor: Caller,
    user_id: str,
    changes: UserChanges,
    *,
    reason: str | None = None,
    request_id: str | None = None,
) -> Standing:
    """Change a person's role, plan or access."""
    with house.begin() as work:
        before = acted_on(work, actor, user_id)
        if changes.disabled or changes.role not in (None, Role.OWNER):
            keep_an_owner(work, actor, before)
        if changes.role is not None or changes.plan is not None:
            require_present(before)
        values = _values(work, actor, before, changes)
        if values:
            people.change_user(work.connection, user_id, values)
            if "plan_id" in values:
                grant_month(work, user_id)
                wake(work, users.c.id == user_id)
            _audit_change(work, actor, before, changes, reason=reason, request_id=request_id)
        return member(work, actor, user_id)


def _check(work: UnitOfWork, user: NewUser) -> None:
    problems = []
    if not is_address(user.email):
        problems.append(FieldProblem("/email", "Write an e-mail address."))
    if plans.find_plan(work.connection, user.plan) is None:
        problems.append(_no_plan(work))
    if user.workspace_id and not people.workspace_exists(work.connection, user.workspace_id):
        problems.append(FieldProblem("/workspace_id", "There is no such workspace."))
    if problems:
        raise ValidationFailedError(problems)


def _no_plan(work: UnitOfWork) -> FieldProblem:
    known = ", ".join(plan.id for plan in plans.list_plans(work.connection))
    return FieldProblem("/plan", f"There is no such plan; use one of {known}.")


def _insert(
    work: UnitOfWork, user_id: str, user: NewUser, *, actor: Caller | None, request_id: str | None
) -> None:
    workspace_id = _workspace_for(work, user, actor)
    values = {
        "id": user_id,
        "workspace_id": workspace_id,
        "email": user.email,
        "role": user.role,
        "plan_id": user.plan,
        "is_operator": user.is_operator,
        "created_at": work.now,
    }
    try:
        people.insert_user(work.connection, values)
    except IntegrityError as error:
        raise ConflictError("Somebody has this e-mail address already.") from error
    money.open_account(work.connection, new_id(Prefix.ACCOUNT, at=work.now), owner_id=user_id)
    audit(
        work,
        "user.created",
        subject_id=user_id,
        actor_id=actor.user_id if actor else SYSTEM,
        workspace_id=workspace_id,
        after={"role": user.role, "plan": user.plan, "is_operator": user.is_operator},
        request_id=request_id,
    )


def _workspace_for(work: UnitOfWork, user: NewUser, actor: Caller | None) -> str:
    """A workspace admin's people join theirs, wherever they were asked to go; an operator decides."""
    if actor is not None and not actor.is_operator:
        if user.workspace_id not in (None, actor.workspace_id):
            raise ValidationFailedError([FieldProblem("/workspace_id", "There is no such workspace.")])
        return actor.workspace_id
    if user.workspace_id is not None:
        return user.workspace_id
    made = new_id(Prefix.WORKSPACE, at=work.now)
    people.insert_workspace(work.connection, made, name="Workspace", now=work.now)
    return made


def _values(work: UnitOfWork, actor: Caller, before: Standing, changes: UserChanges) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    if changes.role is not None:
        require_rank(actor, role=changes.role)
        values["role"] = changes.role
    if changes.plan is not None:
        if plans.find_plan(work.connection, changes.plan) is None:
            raise ValidationFailedError([_no_plan(work)])
        require_giver(work, actor, before.workspace_id)
        values["plan_id"] = changes.plan
    if changes.disabled is not None:
        values |= access_values(work, actor, before, is_disabled=changes.disabled)
    return values


def _audit_change(
    work: UnitOfWork,
    actor: Caller,
    before: Standing,
    changes: UserChanges,
    *,
    reason: str | None,
    request_id: str | None,
) -> None:
    was = {"role": before.role, "plan": before.plan_id, "disabled": before.disabled_at is not None}
    wanted = {"role": changes.role, "plan": changes.plan, "disabled": changes.disabled}
    changed = {name: value for name, value in wanted.items() if value is not None}
    audit(
        work,
        "user.changed",
        subject_id=before.id,
        actor_id=actor.user_id,
        workspace_id=before.workspace_id,
        before={name: was[name] for name in changed},
        after=changed,
        reason=reason,
        request_id=request_id,
    )
