"""Renders of the embedded engine: rows that our own media workers make, asked for like an upstream's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import Owned
from plugin_backend.db.tables import chunks, renders
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import ChunkState
from plugin_backend.domain.work import Lane
from plugin_backend.services.delivering.chunks import open_ranges
from plugin_backend.services.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOrder:
    """A render, cut into frame ranges; asking twice with one token is asking once."""

    token: str
    subject_id: str
    workspace_id: str
    owner_id: str
    lane: Lane
    spec: Mapping[str, Any]
    ranges: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderStanding:
    """How far a render is."""

    state: ChunkState
    done: int
    total: int
    spec: Mapping[str, Any]
    results: Sequence[Mapping[str, Any]]
    failure: Mapping[str, Any] | None


def order(house: House, wanted: RenderOrder) -> str:
    """Write the render and its chunks, and make them due; returns the render's id."""
    with house.begin() as work:
        owned = Owned(wanted.workspace_id, wanted.owner_id)
        render_id = work.connection.execute(
            insert(renders)
            .values(
                id=new_id(Prefix.RENDER, at=work.now),
                token=wanted.token,
                lane=wanted.lane,
                subject_id=wanted.subject_id,
                spec=dict(wanted.spec),
                created_at=work.now,
                **owned.columns,
            )
            .on_conflict_do_nothing(index_elements=["token"])
            .returning(renders.c.id)
        ).scalar_one_or_none()
        if render_id is None:
            existing = select(renders.c.id).where(renders.c.token == wanted.token)
            return str(work.connection.execute(existing).scalar_one())
        open_ranges(work, wanted.ranges, lane=wanted.lane, owned=owned, render_id=render_id)
        return str(render_id)


def find(house: House, token: str) -> str | None:
    """The render an attempt asked for, if it was written."""
    with house.begin() as work:
        found = select(renders.c.id).where(renders.c.token == token)
        return work.connection.execute(found).scalar_one_or_none()


def look(house: House, render_ids: Iterable[str]) -> Mapping[str, RenderStanding]:
    """How some renders are doing."""
    with house.begin() as work:
        rows = work.connection.execute(select(renders).where(renders.c.id.in_(list(render_ids)))).all()
        parts = work.connection.execute(
            select(chunks.c.render_id, chunks.c.frames_done, chunks.c.frame_count, chunks.c.result)
            .where(chunks.c.render_id.in_([row.id for row in rows]))
            .order_by(chunks.c.number)
        ).all()
    standings = {}
    for row in rows:
        mine = [part for part in parts if part.render_id == row.id]
        standings[row.id] = RenderStanding(
            state=ChunkState(row.state),
            done=sum(part.frames_done for part in mine),
            total=sum(part.frame_count for part in mine),
            spec=row.spec,
            results=[part.result for part in mine if part.result is not None],
            failure=row.failure,
        )
    return standings


def cancel(house: House, render_id: str) -> None:
    """Stop a render: chunks not yet begun never are, and the one being made finds its row gone."""
    with house.begin() as work:
        _stop(work, renders.c.id == render_id)


def abandon(work: UnitOfWork, subject_ids: Collection[str]) -> None:
    """Stop every render of some takes, in the caller's transaction."""
    _stop(work, renders.c.subject_id.in_(subject_ids))


def _stop(work: UnitOfWork, chosen: ColumnElement[bool]) -> None:
    wanted = select(renders.c.id).where(chosen, renders.c.state == ChunkState.WANTED)
    locked = work.connection.execute(wanted.order_by(renders.c.id).with_for_update()).scalars().all()
    stopped = work.connection.execute(
        update(chunks)
        .where(chunks.c.render_id.in_(locked), chunks.c.state == ChunkState.WANTED)
        .values(state=ChunkState.CANCELLED)
        .returning(chunks.c.id)
    )
    work_rows.drop(work.connection, [row.id for row in stopped])
    work.connection.execute(
        update(renders).where(renders.c.id.in_(locked)).values(state=ChunkState.CANCELLED)
    )
