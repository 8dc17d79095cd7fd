"""The draft quota and concurrency of a person: what they are, and how an administrator overrides the plan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import func, select

from plugin_backend.db import many_people, people
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.people import Standing
from plugin_backend.db.tables import generations, users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, id_of
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.money.quota_changes import Effect, Limits, Use, effect
from plugin_backend.services.house import House
from plugin_backend.services.reach import acted_on, member, require_giver, require_present
from plugin_backend.services.waking import wake

_COLUMNS: Final = {
    "draft_limit_per_day": "draft_limit_override",
    "max_concurrent": "max_concurrent_override",
}
_CEILINGS: Final = {
    "draft_limit_per_day": "draft_limit_ceiling",
    "max_concurrent": "max_concurrent_ceiling",
}


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


def columns_of(actor: Caller | None, limits: Mapping[str, int | None]) -> Mapping[str, int | None]:
    """The same limits as columns of a person; an operator's are a ceiling for the workspace's own too."""
    columns = {_COLUMNS[name]: limit for name, limit in limits.items()}
    if actor is None or actor.is_operator:
        columns |= {_CEILINGS[name]: limit for name, limit in limits.items()}
    return columns


def overrides_of(person: Standing, names: Iterable[str]) -> dict[str, int | None]:
    """What somebody's limits are overridden with."""
    return {name: getattr(person, _COLUMNS[name]) for name in names}


def require_below_ceiling(actor: Caller | None, person: Standing, limits: Mapping[str, int | None]) -> None:
    """ForbiddenError where a workspace's administrator would lift what an operator set."""
    if actor is None or actor.is_operator:
        return
    for name, limit in limits.items():
        ceiling = getattr(person, _CEILINGS[name])
        if ceiling is not None and (limit is None or limit > ceiling):
            raise ForbiddenError(f"An operator set `{name}` to {ceiling:,}; only an operator lifts it.")


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
        before = acted_on(work, actor, user_id)
        require_present(before)
        if limits:
            require_giver(work, actor, before.workspace_id)
            many_people.lock_users(work.connection, [user_id])
            before = acted_on(work, actor, user_id)
            require_below_ceiling(actor, before, limits)
            people.change_user(work.connection, user_id, columns_of(actor, limits))
            _tell(work, actor, before, limits, reason=reason, request_id=request_id)
            if "max_concurrent" in limits:
                wake(work, users.c.id == user_id)
        return acted_on(work, actor, user_id)


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
        actor_id=id_of(actor),
        workspace_id=before.workspace_id,
        before=overrides_of(before, limits),
        after=dict(limits),
        reason=reason,
        request_id=request_id,
    )
