"""Somebody who goes to another workspace, by an invitation or by their issuer's word: nothing comes along."""

from typing import Any

from plugin_backend.db import invitations, many_people, money, people, plans, workspaces
from plugin_backend.db.people import Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import ConflictError
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN
from plugin_backend.domain.quota import day_of
from plugin_backend.services.people import members
from plugin_backend.services.reach import require_another_owner


def held_for_move(work: UnitOfWork, user_id: str, *, to: str) -> Standing:
    """Somebody as they are, held with both workspaces until this transaction ends."""
    before = people.standing_of(work.connection, user_id, day=day_of(work.now))
    for workspace_id in sorted({before.workspace_id, to}):
        workspaces.lock_workspace(work.connection, workspace_id)
    many_people.lock_users(work.connection, [user_id])
    found = people.standing_of(work.connection, user_id, day=day_of(work.now))
    if found.workspace_id != before.workspace_id:
        raise ConflictError("This account went to another workspace just now; try again.")
    return found


def move_person(
    work: UnitOfWork,
    person: Standing,
    *,
    to: str,
    role: Role,
    actor_id: str,
    request_id: str | None = None,
) -> None:
    """Take somebody who is held here; what a workspace granted stays with it, so does what it let them do.

    Whatever was signed in with the account is signed out. ConflictError where the workspace that they
    leave would have no owner, or where credits of theirs are still held.
    """
    if person.removed_at is None and not _leaves_nothing(work, person):
        require_another_owner(work, person)
    members.shut_out(work, person, request_id=request_id)
    invitations.revoke_all_of(work.connection, person.id, now=work.now)
    members.leave_credits(work, person, actor_id=actor_id, for_good=True)
    if money.balance(work.connection, person.account_id).held:  # the account is locked by now
        raise ConflictError("What was asked for with this account is still being made; wait for it.")
    here: dict[str, Any] = {"workspace_id": to, "role": role, "plan_id": DEFAULT_PLAN, "pool_cap": None}
    access = {"disabled_at": None, "removed_at": None}
    people.change_user(work.connection, person.id, {**here, **access, **_limits(work, person)})


def _leaves_nothing(work: UnitOfWork, person: Standing) -> bool:
    return invitations.is_untouched(work.connection, person.workspace_id, but=person.id)


def _limits(work: UnitOfWork, person: Standing) -> dict[str, Any]:
    """Those of the plan; an operator's that are below it bar somebody wherever they go."""
    plan = plans.find_plan(work.connection, DEFAULT_PLAN)
    assert plan is not None, "the plan to begin with is always there"
    drafts = _barred(person.draft_limit_ceiling, plan.drafts_per_day)
    at_once = _barred(person.max_concurrent_ceiling, plan.max_concurrent)
    return {
        "draft_limit_override": drafts,
        "draft_limit_ceiling": drafts,
        "max_concurrent_override": at_once,
        "max_concurrent_ceiling": at_once,
    }


def _barred(ceiling: int | None, usual: int) -> int | None:
    return ceiling if ceiling is not None and ceiling < usual else None
