"""People: who they are, and how an administrator makes and changes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from plugin_backend.db import money, people, plans, workspaces
from plugin_backend.db.journal import audit
from plugin_backend.db.people import Standing
from plugin_backend.db.tables import users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Role, id_of
from plugin_backend.domain.errors import ConflictError, FieldProblem, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN
from plugin_backend.domain.people.addresses import is_address
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


def me(house: House, caller: Caller) -> Standing:
    """The caller with their plan, quota and credits."""
    with house.begin() as work:
        if owed(caller):
            grant_month(work, caller.user_id)
        return people.standing_of(work.connection, caller.user_id, day=day_of(work.now))


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
        return people.standing_of(
            work.connection, user_id if kept is None else kept["id"], day=day_of(work.now)
        )


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
    if user.workspace_id and not workspaces.workspace_exists(work.connection, user.workspace_id):
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
        actor_id=id_of(actor),
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
    workspaces.insert_workspace(work.connection, made, name="Workspace", now=work.now)
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
