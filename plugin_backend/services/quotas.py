"""The draft quota and concurrency of a person: what they are, and how an administrator overrides the plan."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from plugin_backend.db import people
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.people import Standing, find_standing
from plugin_backend.db.tables import generations, users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.quota_changes import Effect, Limits, Use, effect
from plugin_backend.services.accounts import SYSTEM
from plugin_backend.services.house import House
from plugin_backend.services.reach import member, require_giver
from plugin_backend.services.waking import wake

_COLUMNS: Final = {
    "draft_limit_per_day": "draft_limit_override",
    "max_concurrent": "max_concurrent_override",
}


def view(house: House, actor: Caller, user_id: str) -> Standing:
    """Somebody's quota today."""
    with house.begin() as work:
        return member(work, actor, user_id)


def preview(
    house: House, actor: Caller, user_id: str, limits: Mapping[str, int | None]
) -> tuple[Standing, Use, Effect]:
    """What such a change would do, with what it is measured against; nothing is changed."""
    with house.begin() as work:
        standing = member(work, actor, user_id)
        use = used_by(work, (standing,))[standing.id]
    return standing, use, effect_on(standing, use, limits)


def effect_on(standing: Standing, use: Use, limits: Mapping[str, int | None]) -> Effect:
    """What new limits would mean for somebody; None goes back to the plan, what is not named stays."""
    now = Limits(drafts_per_day=standing.drafts.limit, concurrent=standing.concurrency_limit)
    drafts = limits.get("draft_limit_per_day", now.drafts_per_day)
    at_once = limits.get("max_concurrent", now.concurrent)
    after = Limits(
        drafts_per_day=standing.drafts_per_day if drafts is None else drafts,
        concurrent=standing.max_concurrent if at_once is None else at_once,
    )
    return effect(use, before=now, after=after)


def used_by(work: UnitOfWork, standings: Sequence[Standing]) -> Mapping[str, Use]:
    """What each has used today, runs, and has waiting for a place."""
    waiting = _waiting(work, [each.id for each in standings])
    return {
        each.id: Use(drafts=each.drafts_used, running=each.running, waiting=waiting.get(each.id, 0))
        for each in standings
    }


def columns_of(limits: Mapping[str, int | None]) -> Mapping[str, int | None]:
    """The same limits as columns of a person."""
    return {_COLUMNS[name]: limit for name, limit in limits.items()}


def _waiting(work: UnitOfWork, user_ids: Sequence[str]) -> Mapping[str, int]:
    columns = generations.c
    found = work.connection.execute(
        select(columns.owner_id, func.count().label("waiting"))
        .where(
            columns.owner_id.in_(user_ids),
            columns.state.in_((GenerationState.QUEUED, GenerationState.PLANNED)),
            ~columns.counted_running,
        )
        .group_by(columns.owner_id)
    )
    return {row.owner_id: row.waiting for row in found}


def override(
    house: House,
    *,
    actor: Caller | None,
    user_id: str,
    limits: Mapping[str, int | None],
    reason: str | None,
    request_id: str | None = None,
) -> Standing:
    """Set `draft_limit_per_day` or `max_concurrent`; None goes back to the plan, what is not named stays.

    A limit below what is used takes nothing back: it leaves nothing for today.
    """
    with house.begin() as work:
        before = _person(work, actor, user_id)
        if limits:
            require_giver(work, actor, before.workspace_id)
            people.change_user(work.connection, user_id, columns_of(limits))
            _tell(work, actor, before, limits, reason=reason, request_id=request_id)
            if "max_concurrent" in limits:
                wake(work, users.c.id == user_id)
        return _person(work, actor, user_id)


def _person(work: UnitOfWork, actor: Caller | None, user_id: str) -> Standing:
    if actor is not None:
        return member(work, actor, user_id)
    found = find_standing(work.connection, user_id, day=day_of(work.now))
    if found is None:
        raise NotFoundError("user")
    return found


def _tell(
    work: UnitOfWork,
    actor: Caller | None,
    before: Standing,
    limits: Mapping[str, int | None],
    *,
    reason: str | None,
    request_id: str | None,
) -> None:
    record_event(work, "quota.changed", subject_id=before.id, owned=Owned(before.workspace_id, before.id))
    audit(
        work,
        "quota.changed",
        subject_id=before.id,
        actor_id=actor.user_id if actor else SYSTEM,
        workspace_id=before.workspace_id,
        before={name: getattr(before, _COLUMNS[name]) for name in limits},
        after=dict(limits),
        reason=reason,
        request_id=request_id,
    )
