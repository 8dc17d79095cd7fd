"""One change of limits for many people: all of them or none, and what it means for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plugin_backend.db import many_people, people
from plugin_backend.db.journal import Change, Owned, audit_each, record_each
from plugin_backend.db.people import Standing
from plugin_backend.db.tables import users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import ConflictError, FieldProblem, ForbiddenError, ValidationFailedError
from plugin_backend.domain.money.quota_changes import Effect, Use
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.quotas import (
    columns_of,
    effect_on,
    overrides_of,
    require_below_ceiling,
    used_by,
)
from plugin_backend.services.reach import reach, require_giver, require_may_act
from plugin_backend.services.waking import wake

MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whom it is about: those named, or all whom every part of a filter fits."""

    user_ids: Sequence[str] | None = None
    plan: str | None = None
    workspace_id: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One person as they were, and what the change does to them."""

    standing: Standing
    use: Use
    effect: Effect


def change(
    house: House,
    actor: Caller,
    chosen: Chosen,
    limits: Mapping[str, int | None],
    *,
    reason: str,
    dry_run: bool = False,
    request_id: str | None = None,
) -> tuple[Changed, ...]:
    """Override the limits of many; a dry run says what would come of it and changes nothing."""
    within = reach(actor)
    with house.begin() as work:
        found = _found(work, actor, chosen, within)
        if found and not dry_run:
            many_people.lock_users(work.connection, [each.id for each in found])
            found = _found(work, actor, chosen, within)
            _write(work, actor, found, limits, reason=reason, request_id=request_id)
        uses = used_by(work, found)
    return tuple(
        Changed(standing=each, use=uses[each.id], effect=effect_on(each, uses[each.id], limits))
        for each in found
    )


def _found(work: UnitOfWork, actor: Caller, chosen: Chosen, within: str | None) -> tuple[Standing, ...]:
    elsewhere = chosen.workspace_id is not None and within not in (None, chosen.workspace_id)
    found = (
        ()
        if elsewhere
        else people.list_standings(
            work.connection,
            day=day_of(work.now),
            workspace_id=within or chosen.workspace_id,
            text_in_email=chosen.q,
            before=None,
            limit=MOST + 1,
            ids=chosen.user_ids,
            plan_id=chosen.plan,
            with_removed=False,
        )
    )
    if len(found) > MOST:
        detail = f"More than {MOST:,} people fit; narrow the filter and go in parts."
        raise ValidationFailedError([FieldProblem("/filter", detail)])
    _require_all(chosen, found)
    if chosen.user_ids is None:
        found = tuple(each for each in found if _may_act(actor, each))
    for each in found:
        require_may_act(actor, each)
    return tuple(sorted(found, key=lambda each: (each.workspace_id, each.id)))


def _may_act(actor: Caller, person: Standing) -> bool:
    """A filter fits nobody whom one may not change; who is named is refused by name."""
    try:
        require_may_act(actor, person)
    except (ConflictError, ForbiddenError):
        return False
    return True


def _require_all(chosen: Chosen, found: Sequence[Standing]) -> None:
    known = {each.id for each in found}
    missing = [
        FieldProblem(f"/user_ids/{place}", "There is no such person.")
        for place, user_id in enumerate(chosen.user_ids or ())
        if user_id not in known
    ]
    if missing:
        raise ValidationFailedError(missing)


def _write(
    work: UnitOfWork,
    actor: Caller,
    found: Sequence[Standing],
    limits: Mapping[str, int | None],
    *,
    reason: str,
    request_id: str | None,
) -> None:
    for workspace_id in sorted({each.workspace_id for each in found}):
        require_giver(work, actor, workspace_id)
    for each in found:
        require_below_ceiling(actor, each, limits)
    ids = [each.id for each in found]
    many_people.change_users(work.connection, ids, columns_of(actor, limits))
    owners = [Owned(each.workspace_id, each.id) for each in found]
    record_each(work, "quota.changed", owners)
    changes = [
        Change(owned, overrides_of(each, limits), limits) for owned, each in zip(owners, found, strict=True)
    ]
    audit_each(work, "quota.changed", changes, actor_id=actor.user_id, reason=reason, request_id=request_id)
    if "max_concurrent" in limits:
        wake(work, users.c.id.in_(ids))
