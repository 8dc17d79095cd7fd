"""Which generations have a take that was picked, applied, rated or approved, by indexes of their own."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, func, outerjoin, select

from plugin_backend.db.tables import (
    deliveries,
    delivery_takes,
    generations,
    take_approvals,
    take_reviews,
    takes,
)


def marked(
    *,
    workspace_id: str | None,
    picked: bool | None,
    applied: bool | None,
    rated: int | None,
    approval: str | None,
) -> Iterator[ColumnElement[bool]]:
    """Few generations are marked: each mark is found through an index of its own."""
    for found, wanted in ((_picked(workspace_id), picked), (_applied(workspace_id), applied)):
        if wanted is not None:
            yield generations.c.id.in_(found) if wanted else generations.c.id.not_in(found)
    if rated is not None:
        yield generations.c.id.in_(_rated(workspace_id, rated))
    if approval is not None:
        yield generations.c.id.in_(_approved(workspace_id, approval))


def _picked(workspace_id: str | None) -> Select[Any]:
    within = [] if workspace_id is None else [takes.c.workspace_id == workspace_id]
    return select(takes.c.generation_id).where(takes.c.picked_at.is_not(None), *within)


def _applied(workspace_id: str | None) -> Select[Any]:
    there = [] if workspace_id is None else [deliveries.c.workspace_id == workspace_id]
    of_cuts = outerjoin(deliveries, delivery_takes, delivery_takes.c.delivery_id == deliveries.c.id)
    return (
        select(takes.c.generation_id)
        .select_from(of_cuts)
        .join(takes, takes.c.id == func.coalesce(deliveries.c.take_id, delivery_takes.c.take_id))
        .where(deliveries.c.applied_at.is_not(None), *there)
    )


def _rated(workspace_id: str | None, least: int) -> Select[Any]:
    within = [] if workspace_id is None else [take_reviews.c.workspace_id == workspace_id]
    return select(take_reviews.c.generation_id).where(take_reviews.c.rating >= least, *within)


def _approved(workspace_id: str | None, status: str) -> Select[Any]:
    columns = take_approvals.c
    within = [] if workspace_id is None else [columns.workspace_id == workspace_id]
    return (
        select(takes.c.generation_id)
        .join(take_approvals, columns.take_id == takes.c.id)
        .where(columns.ended_at.is_(None), columns.status == status, *within)
    )
