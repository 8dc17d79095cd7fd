"""The draft quota and concurrency of a person: what they are, and how an administrator overrides the plan."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from plugin_backend.db import people
from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.people import Standing, find_standing
from plugin_backend.db.tables import generations
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.quota import day_of
from plugin_backend.services.accounts import SYSTEM
from plugin_backend.services.house import House
from plugin_backend.services.reach import member

_COLUMNS: Final = {
    "draft_limit_per_day": "draft_limit_override",
    "max_concurrent": "max_concurrent_override",
}


def view(house: House, actor: Caller, user_id: str) -> Standing:
    """Somebody's quota today."""
    with house.begin() as work:
        return member(work, actor, user_id)


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
            people.change_user(work.connection, user_id, {_COLUMNS[name]: limits[name] for name in limits})
            _tell(work, actor, before, limits, reason=reason, request_id=request_id)
            if "max_concurrent" in limits:
                _wake(work, user_id)
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


def _wake(work: UnitOfWork, user_id: str) -> None:
    """What waited for a place looks again at once."""
    waiting = select(generations.c.id).where(
        generations.c.owner_id == user_id, generations.c.state == GenerationState.QUEUED
    )
    found = work.connection.execute(waiting.order_by(generations.c.id).limit(100)).scalars().all()
    for hint in work_rows.nudge(work.connection, found, now=work.now):
        work.hint(hint.subject_id, hint.lane)
