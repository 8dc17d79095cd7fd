"""Frame ranges: leased, made in a media step, and put together when the last one is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Table, case, func, insert, select, update

from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import Owned
from plugin_backend.db.rows import ChunkRow, DeliveryRow, columns_of, read_row
from plugin_backend.db.tables import chunks, deliveries, renders
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.delivering.plan_version import check_version
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import DELIVERY, ChunkState, DeliveryState
from plugin_backend.domain.work import STEP_LEASE, Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.moves import failure_of, nudge

RENEW_EVERY: Final = timedelta(seconds=5)
SHOWN_EVERY: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkInHand:
    """A claimed chunk and what it is part of."""

    chunk: ChunkRow
    spec: Mapping[str, Any] | None = None
    delivery: DeliveryRow | None = None


def open_ranges(
    work: UnitOfWork, ranges: Sequence[tuple[int, int]], *, lane: Lane, owned: Owned, **parent: str
) -> None:
    """Ranges (first frame, count) become due; `parent` is the `render_id` or the `delivery_id` of all."""
    made: list[dict[str, Any]] = [
        {
            "id": new_id(Prefix.CHUNK, at=work.now),
            "number": number,
            "first_frame": first,
            "frame_count": count,
            **parent,
            **owned.columns,
        }
        for number, (first, count) in enumerate(ranges)
    ]
    work.connection.execute(insert(chunks), made)
    stepping.make_due(work, *(Due(each["id"], lane, owned) for each in made))


def look(house: House, claim: Claim) -> ChunkInHand | None:
    """Read a claimed chunk; None (and the row closed) when nobody wants it any more.

    NewerPlanError when workers of a later version are to make it.
    """
    with house.begin() as work:
        row = work.connection.execute(
            select(*columns_of(chunks, ChunkRow)).where(chunks.c.id == claim.subject_id)
        ).one_or_none()
        chunk = None if row is None else read_row(ChunkRow, row)
        hand = None if chunk is None or chunk.state != ChunkState.WANTED else _with_parent(work, chunk)
        if hand is None:
            stepping.done(work, claim)
        return hand


def _with_parent(work: UnitOfWork, chunk: ChunkRow) -> ChunkInHand | None:
    if chunk.render_id is not None:
        spec = work.connection.execute(
            select(renders.c.spec).where(renders.c.id == chunk.render_id)
        ).scalar_one()
        return ChunkInHand(chunk=chunk, spec=spec)
    row = work.connection.execute(
        select(*columns_of(deliveries, DeliveryRow)).where(deliveries.c.id == chunk.delivery_id)
    ).one()
    delivery = read_row(DeliveryRow, row)
    if delivery.state in DELIVERY.terminal:
        return None
    check_version(delivery.plan or {})
    return ChunkInHand(chunk=chunk, delivery=delivery)


def advanced(house: House, claim: Claim, chunk: ChunkRow, *, frames_done: int) -> None:
    """Frames came out: hold the row longer, show how far; LeaseLostError when it is no longer ours.

    A range that is made anew has been further: readers never see it go back.
    """
    done = min(frames_done, chunk.frame_count)
    with house.begin() as work:
        if chunk.delivery_id is not None:
            show(work, chunk.delivery_id, chunk_id=chunk.id, frames_done=done)
        work.connection.execute(
            update(chunks)
            .where(chunks.c.id == chunk.id, chunks.c.state == ChunkState.WANTED)
            .values(frames_done=func.greatest(chunks.c.frames_done, done))
        )
        work_rows.renew(work.connection, claim, now=work.now, lease=STEP_LEASE)


def show(
    work: UnitOfWork,
    delivery_id: str,
    *,
    chunk_id: str = "",
    frames_done: int = 0,
    every: timedelta = SHOWN_EVERY,
) -> None:
    """Tell a delivery's readers how many of its frames are made, no more often than that.

    `chunk_id` is the range whose frames come with it, before they stand on its row.
    """
    heard = case((chunks.c.id == chunk_id, frames_done), else_=0)
    done = func.sum(func.greatest(chunks.c.frames_done, heard))
    reached = (
        select(done * 1.0 / func.sum(chunks.c.frame_count))
        .where(chunks.c.delivery_id == delivery_id)
        .scalar_subquery()
    )
    work.connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == delivery_id,
            deliveries.c.state == DeliveryState.CONFORMING,
            deliveries.c.updated_at <= work.now - every,
            deliveries.c.progress < reached,
        )
        .values(progress=reached, version=deliveries.c.version + 1, updated_at=work.now)
    )


def made(house: House, claim: Claim, chunk: ChunkRow, result: Mapping[str, Any]) -> None:
    """The range is in storage; when it was the last, whoever waits for the whole looks again."""
    with house.begin() as work:
        parent, parent_id, subject_id = _lock_parent(work, chunk)
        _set(work, chunk, state=ChunkState.DONE, result=dict(result), frames_done=chunk.frame_count)
        column = chunks.c.render_id if parent is renders else chunks.c.delivery_id
        missing = select(func.count()).where(column == parent_id, chunks.c.state != ChunkState.DONE)
        if work.connection.execute(missing).scalar_one() == 0:
            if parent is renders:
                _finish_render(work, parent_id, ChunkState.DONE)
            nudge(work, subject_id)
        stepping.done(work, claim)


def broken(house: House, claim: Claim, chunk: ChunkRow, *, slug: str, detail: str) -> None:
    """The range cannot be made: nor can the whole; its other ranges are let go."""
    failure = failure_of(slug, detail)
    with house.begin() as work:
        parent, parent_id, subject_id = _lock_parent(work, chunk)
        _set(work, chunk, state=ChunkState.FAILED, failure=failure)
        _let_go(work, chunks.c.render_id if parent is renders else chunks.c.delivery_id, parent_id)
        if parent is renders:
            _finish_render(work, parent_id, ChunkState.FAILED, failure=failure)
        nudge(work, subject_id)
        stepping.done(work, claim)


def let_go(work: UnitOfWork, delivery: DeliveryRow) -> None:
    """Nobody wants a delivery's ranges any more: those under way find their row gone and stop."""
    _let_go(work, chunks.c.delivery_id, delivery.id)


def _let_go(work: UnitOfWork, column: Any, parent_id: str) -> None:
    stopped = work.connection.execute(
        update(chunks)
        .where(column == parent_id, chunks.c.state == ChunkState.WANTED)
        .values(state=ChunkState.CANCELLED)
        .returning(chunks.c.id)
    )
    work_rows.drop(work.connection, [row.id for row in stopped])


def _lock_parent(work: UnitOfWork, chunk: ChunkRow) -> tuple[Table, str, str]:
    """Two last chunks ending at once wait here for each other, so that one of them sees all done."""
    if chunk.render_id is not None:
        row = work.connection.execute(
            select(renders.c.subject_id).where(renders.c.id == chunk.render_id).with_for_update()
        ).one()
        return renders, chunk.render_id, row.subject_id
    assert chunk.delivery_id is not None
    lock = select(deliveries.c.id).where(deliveries.c.id == chunk.delivery_id).with_for_update()
    work.connection.execute(lock)
    return deliveries, chunk.delivery_id, chunk.delivery_id


def _set(work: UnitOfWork, chunk: ChunkRow, **values: Any) -> None:
    work.connection.execute(
        update(chunks).where(chunks.c.id == chunk.id, chunks.c.state == ChunkState.WANTED).values(**values)
    )


def _finish_render(work: UnitOfWork, render_id: str, state: ChunkState, **values: Any) -> None:
    work.connection.execute(
        update(renders)
        .where(renders.c.id == render_id, renders.c.state == ChunkState.WANTED)
        .values(state=state, **values)
    )
