"""Seats from a table: people are made, or brought to what their line says; all lines or none.

The address decides: the same table twice is the same as once. Credits are given to those it makes only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError

from plugin_backend.db import many_people, money, people, plans
from plugin_backend.db.journal import Change, Owned, audit_each, record_each
from plugin_backend.db.people import Standing
from plugin_backend.db.tables import users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ConflictError, FieldProblem, ForbiddenError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN
from plugin_backend.domain.people.seats import Seat
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.money.plan_grants import grant_month
from plugin_backend.services.quotas import columns_of, require_below_ceiling
from plugin_backend.services.reach import require_giver, require_may_act, require_rank, require_workspace
from plugin_backend.services.waking import wake


class Outcome(StrEnum):
    """What becomes of a line."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a line, or would; a person who is not made yet has no id."""

    line: int
    email: str
    outcome: Outcome
    user_id: str | None
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be done about a line: the columns that differ, of somebody who is there or not."""

    seat: Seat
    before: Standing | None
    values: Mapping[str, Any]

    @property
    def outcome(self) -> Outcome:
        if self.before is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.values else Outcome.UNCHANGED


def import_seats(
    house: House,
    actor: Caller,
    seats: Sequence[Seat],
    *,
    workspace_id: str,
    dry_run: bool,
    request_id: str | None = None,
) -> tuple[Imported, ...]:
    """Every line, in one transaction; ValidationFailedError names each that will not do."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        if any(_gives(seat) for seat in seats):
            require_giver(work, actor, workspace_id)
        planned = _planned(work, actor, seats, workspace_id)
        made = [each for each in planned if each.before is None]
        ids = {each.seat.line: new_id(Prefix.USER, at=work.now) for each in made}
        if not dry_run:
            _make(work, actor, made, ids, workspace_id=workspace_id, request_id=request_id)
            changed = [each for each in planned if each.outcome is Outcome.CHANGED]
            _change(work, actor, changed, request_id=request_id)
    return tuple(_imported(each, {} if dry_run else ids) for each in planned)


def _gives(seat: Seat) -> bool:
    """Whether a line gives more than a seat on the usual plan."""
    return bool(seat.credits or seat.limits) or seat.plan not in (None, DEFAULT_PLAN)


def _planned(work: UnitOfWork, actor: Caller, seats: Sequence[Seat], workspace_id: str) -> list[_Plan]:
    known = people.find_by_emails(work.connection, [seat.email for seat in seats], day=day_of(work.now))
    many_people.lock_users(work.connection, [each.id for each in known.values()])
    known = people.find_by_emails(work.connection, [seat.email for seat in seats], day=day_of(work.now))
    on_offer = {plan.id for plan in plans.list_plans(work.connection)}
    planned, problems = [], []
    for seat in seats:
        before = known.get(seat.email.lower())
        wrong = _wrong(actor, seat, before, workspace_id)
        if seat.plan is not None and seat.plan not in on_offer:
            wrong["plan"] = f"There is no such plan; use one of {', '.join(sorted(on_offer))}."
        problems += [FieldProblem(f"/lines/{seat.line}/{name}", detail) for name, detail in wrong.items()]
        planned.append(_Plan(seat=seat, before=before, values=_values(actor, seat, before)))
    if problems:
        raise ValidationFailedError(problems)
    return planned


def _wrong(actor: Caller, seat: Seat, before: Standing | None, workspace_id: str) -> dict[str, str]:
    if before is not None and (before.workspace_id != workspace_id or before.removed_at is not None):
        return {"email": "Somebody who is no member of this workspace has this address; invite them."}
    try:
        if seat.role is not None:
            require_rank(actor, role=seat.role)
        if before is not None:
            require_may_act(actor, before)
    except ForbiddenError as error:
        return {"role": error.detail}
    except ConflictError as error:
        return {"email": error.detail}
    try:
        if before is not None:
            require_below_ceiling(actor, before, seat.limits)
    except ForbiddenError as error:
        return {next(iter(seat.limits)): error.detail}
    if before is not None and before.role is Role.OWNER and seat.role not in (None, Role.OWNER):
        return {"role": "An owner becomes something else one by one, not from a table."}
    return {}


def _values(actor: Caller, seat: Seat, before: Standing | None) -> Mapping[str, Any]:
    """The columns a line names, where they are not so already."""
    named: dict[str, Any] = dict(columns_of(actor, seat.limits))
    named |= {} if seat.role is None else {"role": seat.role}
    named |= {} if seat.plan is None else {"plan_id": seat.plan}
    if before is None:
        return {"role": Role.EDITOR, "plan_id": DEFAULT_PLAN, **named}
    return {name: value for name, value in named.items() if getattr(before, name) != value}


def _make(
    work: UnitOfWork,
    actor: Caller,
    made: Sequence[_Plan],
    ids: Mapping[int, str],
    *,
    workspace_id: str,
    request_id: str | None,
) -> None:
    if not made:
        return
    fixed = {"workspace_id": workspace_id, "is_operator": False, "created_at": work.now}
    nobodys = dict.fromkeys(columns_of(None, {"draft_limit_per_day": None, "max_concurrent": None}))
    rows = [
        {**nobodys, **fixed, **each.values, "id": ids[each.seat.line], "email": each.seat.email}
        for each in made
    ]
    try:
        many_people.insert_users(work.connection, rows)
    except IntegrityError as error:
        raise ConflictError("Somebody took one of these addresses just now; send the table again.") from error
    accounts = {each.seat.line: new_id(Prefix.ACCOUNT, at=work.now) for each in made}
    money.open_accounts(work.connection, {accounts[line]: ids[line] for line in accounts})
    changes = [
        Change(Owned(workspace_id, ids[each.seat.line]), None, _told(each.values), each.seat.reason)
        for each in made
    ]
    audit_each(work, "user.created", changes, actor_id=actor.user_id, request_id=request_id)
    paid = [each for each in made if each.seat.credits]
    entries = {each.seat.line: _pay(work, actor, accounts[each.seat.line], each.seat) for each in paid}
    _tell_of_credits(work, actor, paid, ids, entries, workspace_id=workspace_id, request_id=request_id)


def _pay(work: UnitOfWork, actor: Caller, account_id: str, seat: Seat) -> str:
    entry_id = money.post(
        work.connection,
        ledger.grant(seat.credits),
        account_id=account_id,
        now=work.now,
        actor_id=actor.user_id,
        reason=seat.reason,
    )
    assert entry_id is not None, "a grant always fits"
    return entry_id


def _tell_of_credits(
    work: UnitOfWork,
    actor: Caller,
    paid: Sequence[_Plan],
    ids: Mapping[int, str],
    entries: Mapping[int, str],
    *,
    workspace_id: str,
    request_id: str | None,
) -> None:
    if not paid:
        return
    owners = [Owned(workspace_id, ids[each.seat.line]) for each in paid]
    record_each(work, "credits.granted", owners)
    changes = [
        Change(
            owned,
            {"available": 0},
            {"amount": each.seat.credits, "ledger_id": entries[each.seat.line]},
            each.seat.reason,
        )
        for owned, each in zip(owners, paid, strict=True)
    ]
    audit_each(work, "credits.granted", changes, actor_id=actor.user_id, request_id=request_id)


def _change(work: UnitOfWork, actor: Caller, changed: Sequence[_Plan], *, request_id: str | None) -> None:
    changes = []
    for each in changed:
        assert each.before is not None
        people.change_user(work.connection, each.before.id, each.values)
        was = {name: getattr(each.before, name) for name in each.values}
        owned = Owned(each.before.workspace_id, each.before.id)
        changes.append(Change(owned, _told(was), _told(each.values), each.seat.reason))
        if "plan_id" in each.values:
            grant_month(work, each.before.id)
    if not changes:
        return
    record_each(work, "quota.changed", [change.owned for change in changes])
    audit_each(work, "user.changed", changes, actor_id=actor.user_id, request_id=request_id)
    wake(work, users.c.id.in_([change.owned.owner_id for change in changes]))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns by the names that people know them by."""
    names = {
        "plan_id": "plan",
        "draft_limit_override": "draft_limit_per_day",
        "max_concurrent_override": "max_concurrent",
    }
    return {names.get(name, name): value for name, value in values.items()}


def _imported(planned: _Plan, ids: Mapping[int, str]) -> Imported:
    seat, before = planned.seat, planned.before
    return Imported(
        line=seat.line,
        email=seat.email,
        outcome=planned.outcome,
        user_id=ids.get(seat.line) if before is None else before.id,
        credits=seat.credits if before is None else 0,
    )
