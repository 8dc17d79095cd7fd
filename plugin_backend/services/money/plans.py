"""The plans that people can be on: what each grants, and what a change does, said before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plugin_backend.db import plans
from plugin_backend.db.journal import audit
from plugin_backend.db.plan_effects import Affected, Effect, effect_of
from plugin_backend.db.plans import PlanRow
from plugin_backend.db.tables import users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import SYSTEM, Caller, id_of
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    ForbiddenError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN, Plan, suggested_credits
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.money.plan_grants import period_of
from plugin_backend.services.reach import member, reach
from plugin_backend.services.waking import wake


@dataclass(frozen=True, slots=True)
class Changed:
    """A plan as it is, or would be, after a change, and what that does."""

    row: PlanRow
    effect: Effect


def find(house: House, caller: Caller, *, archived: bool = False) -> tuple[PlanRow, ...]:
    """Every plan that a person can be put on, the smallest first; with the archived ones, if asked for."""
    reach(caller)
    with house.begin() as work:
        return plans.list_rows(work.connection, archived=archived)


def get(house: House, caller: Caller, plan_id: str) -> PlanRow:
    """One plan, archived or not."""
    reach(caller)
    with house.begin() as work:
        return _there(work, plan_id)


def create(
    house: House,
    actor: Caller,
    plan: Plan,
    *,
    reason: str | None,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> PlanRow:
    """A new plan; nobody is on it yet."""
    _require_operator(actor)
    _check(house, plan)
    with house.begin() as work:
        kept = begin(work, idempotency, result={"id": plan.id})
        if kept is not None:
            return _there(work, kept["id"])
        if not plans.insert_plan(work.connection, plan):
            raise ConflictError(f"There is a plan {plan.id} already; choose another id, or change that one.")
        audit(
            work,
            "plan.created",
            subject_id=plan.id,
            actor_id=actor.user_id,
            workspace_id=actor.workspace_id,
            after=plan.terms(),
            reason=reason,
            request_id=request_id,
        )
        return _there(work, plan.id)


def change(
    house: House,
    actor: Caller,
    plan_id: str,
    changes: Mapping[str, Any],
    *,
    archived: bool | None = None,
    dry_run: bool = False,
    reason: str | None = None,
    request_id: str | None = None,
) -> Changed:
    """Set some of its terms, or put it away; with `dry_run` nothing happens but the counting."""
    _require_operator(actor)
    with house.begin() as work:
        row = _there(work, plan_id, lock=True)
        after = Plan.of({"id": row.plan.id, **row.plan.terms(), **changes})
        _check(house, after)
        effect = _effect(work, Affected(plan_id=plan_id), before=row.plan, after=after)
        wanted = _put_away(work, replace(row, plan=after), archived=archived)
        if dry_run:
            return Changed(wanted, effect)
        plans.change_plan(work.connection, wanted)
        _tell(work, actor, row, wanted, reason=reason, request_id=request_id)
        if after.max_concurrent > row.plan.max_concurrent:
            wake(work, users.c.plan_id == plan_id)
        return Changed(_there(work, plan_id), effect)


def effect_on_person(house: House, actor: Caller, user_id: str, plan_id: str) -> Effect:
    """What putting somebody on another plan would do; nothing happens."""
    with house.begin() as work:
        person = member(work, actor, user_id)
        before = _there(work, person.plan_id).plan
        after = plans.find_plan(work.connection, plan_id)
        if after is None:
            raise ValidationFailedError([FieldProblem("/plan", "There is no such plan.")])
        return _effect(work, Affected(user_id=user_id), before=before, after=after)


def every(house: House) -> tuple[Plan, ...]:
    """All that people can be put on, for the command line."""
    with house.begin() as work:
        return plans.list_plans(work.connection)


def adopt_suggested(house: House) -> tuple[Plan, ...]:
    """Set the suggested credits by the month where a shipped plan grants none; returns what was changed."""
    adopted = []
    with house.begin() as work:
        for plan_id, credits in suggested_credits().items():
            row = plans.find_row(work.connection, plan_id, lock=True)
            if row is None or row.plan.credits_per_month:
                continue
            wanted = replace(row, plan=replace(row.plan, credits_per_month=credits))
            plans.change_plan(work.connection, wanted)
            _tell(work, None, row, wanted, reason="As suggested.", request_id=None)
            adopted.append(wanted.plan)
    return tuple(adopted)


def _effect(work: UnitOfWork, affected: Affected, *, before: Plan, after: Plan) -> Effect:
    period, day = period_of(work.now), day_of(work.now)
    return effect_of(
        work.connection, affected, before=before, after=after, period=period, day=day, now=work.now
    )


def _there(work: UnitOfWork, plan_id: str, *, lock: bool = False) -> PlanRow:
    row = plans.find_row(work.connection, plan_id, lock=lock)
    if row is None:
        raise NotFoundError("plan")
    return row


def _put_away(work: UnitOfWork, row: PlanRow, *, archived: bool | None) -> PlanRow:
    if archived and row.plan.id == DEFAULT_PLAN:
        raise ConflictError(f"New people are put on {DEFAULT_PLAN}: it cannot be archived.")
    if archived is None or archived is (row.archived_at is not None):
        return row
    return replace(row, archived_at=work.now if archived else None)


def _check(house: House, plan: Plan) -> None:
    for index, model_id in enumerate(plan.models or ()):
        house.catalogue.model(model_id, pointer=f"/models/{index}")


def _require_operator(actor: Caller) -> None:
    if reach(actor) is not None:
        raise ForbiddenError("Only an operator changes plans; ask whoever runs this service.")


def _tell(
    work: UnitOfWork,
    actor: Caller | None,
    before: PlanRow,
    after: PlanRow,
    *,
    reason: str | None,
    request_id: str | None,
) -> None:
    was, now = _told(before), _told(after)
    changed = [name for name in now if now[name] != was[name]]
    if not changed:
        return
    audit(
        work,
        "plan.changed",
        subject_id=before.plan.id,
        actor_id=id_of(actor),
        workspace_id=actor.workspace_id if actor else SYSTEM,
        before={name: was[name] for name in changed},
        after={name: now[name] for name in changed},
        reason=reason,
        request_id=request_id,
    )


def _told(row: PlanRow) -> dict[str, Any]:
    return {**row.plan.terms(), "archived": row.archived_at is not None}
