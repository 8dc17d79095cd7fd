"""How the media of generations ages: when it was last of use, its owner's plan, who still needs it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, exists, func, or_, select, tuple_

from plugin_backend.db.generations import among
from plugin_backend.db.tables import (
    deliveries,
    delivery_takes,
    generations,
    plans,
    storyboard_shots,
    storyboards,
    take_approvals,
    takes,
    users,
)
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.keeping import Retention
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.review import Approval

Place = tuple[datetime, str]
"""Where a walk stands among the generations: when one ended, and its id."""


def retentions_of(connection: Connection, generation_ids: Sequence[str]) -> Mapping[str, Retention]:
    """How each ready one ages; none that was deleted or has nothing to keep."""
    if not generation_ids:
        return {}
    columns = generations.c
    picked = select(func.max(takes.c.picked_at)).where(takes.c.generation_id == columns.id).scalar_subquery()
    days = case(
        (columns.kind == Kind.DRAFT, plans.c.draft_retention_days), else_=plans.c.master_retention_days
    )
    used_at = func.greatest(columns.finished_at, picked, _delivered())  # of nothing picked: null, passed over
    asked = select(
        columns.id,
        used_at.label("used_at"),
        case((_is_needed(), None), else_=days).label("days"),
        columns.expiry_told_at.label("told_at"),
    )
    found = connection.execute(
        asked.join_from(generations, users, users.c.id == columns.owner_id)
        .join(plans, plans.c.id == users.c.plan_id)
        .where(columns.id == among(generation_ids), columns.state == GenerationState.READY)
        .where(columns.deleted_at.is_(None))
    )
    return {row.id: Retention(used_at=row.used_at, days=row.days, told_at=row.told_at) for row in found}


def least_days(connection: Connection) -> int | None:
    """The shortest any plan keeps anything; None: all keep everything."""
    shortest = func.least(func.min(plans.c.draft_retention_days), func.min(plans.c.master_retention_days))
    found: int | None = connection.execute(select(shortest)).scalar_one()
    return found


def ended_before(
    connection: Connection, moment: datetime, *, after: Place | None, limit: int
) -> Sequence[Place]:
    """Ready generations that ended by then and have their media, the earliest first."""
    columns = generations.c
    asked = select(columns.finished_at, columns.id).where(
        columns.state == GenerationState.READY, columns.deleted_at.is_(None), columns.finished_at <= moment
    )
    if after is not None:
        asked = asked.where(
            columns.finished_at >= after[0], tuple_(columns.finished_at, columns.id) > tuple_(*after)
        )
    found = connection.execute(asked.order_by(columns.finished_at, columns.id).limit(limit))
    return [(row.finished_at, row.id) for row in found]


def _of_it() -> Select[Any]:
    """The takes of a generation, inside a question about it."""
    return select(takes.c.id).where(takes.c.generation_id == generations.c.id).correlate(generations)


def _delivered() -> ColumnElement[Any]:
    """When a delivery of it was made, or laid on a timeline, last."""
    latest = select(func.max(func.greatest(deliveries.c.finished_at, deliveries.c.applied_at)))
    own = latest.where(deliveries.c.take_id.in_(_of_it()))
    cut = latest.join(delivery_takes, delivery_takes.c.delivery_id == deliveries.c.id)
    of_cut = cut.where(delivery_takes.c.take_id.in_(_of_it()))
    # Each by an index of its own: either of both in one question would be looked for in every delivery.
    found = (each.correlate(generations).scalar_subquery() for each in (own, of_cut))
    return func.greatest(*found)


def _is_needed() -> ColumnElement[bool]:
    """A shot of a storyboard shows it, or somebody answers for it: it is kept as long as they do."""
    shot = exists().where(
        storyboard_shots.c.take_id.in_(_of_it()),
        storyboards.c.id == storyboard_shots.c.storyboard_id,
        storyboards.c.deleted_at.is_(None),
    )
    approved = exists().where(
        take_approvals.c.take_id.in_(_of_it()),
        take_approvals.c.status == Approval.APPROVED,
        take_approvals.c.ended_at.is_(None),
    )
    return or_(shot.correlate(generations), approved.correlate(generations))
