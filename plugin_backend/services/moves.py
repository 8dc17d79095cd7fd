"""The only place where a state changes: compare-and-set, with the money and the event of the edge.

Everything here happens in the caller's transaction. A row that somebody else moved first raises
StaleStateError: the transaction is rolled back and the step looks again. Rows are locked in one order
everywhere (generations, users, draft days, accounts, takes, attempts, work), so that no two wait for
each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, cast, func, select, update

from plugin_backend.db import money, pools
from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import record_event
from plugin_backend.db.rows import AssetRow, DeliveryRow, GenerationRow, TakeRow
from plugin_backend.db.tables import assets, deliveries, generations, plans, takes, users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.lifecycle import (
    ASSET,
    DELIVERY,
    GENERATION,
    TAKE,
    AssetEvent,
    DeliveryEvent,
    GenerationEvent,
    GenerationState,
    Settlement,
    TakeEvent,
    TakeState,
)
from plugin_backend.domain.quota import units_returned


class StaleStateError(Exception):
    """The row moved between reading and writing: read it again."""


class HoldMissingError(Exception):
    """The account holds less than the generation does: nothing may end until somebody looks at the books."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a hold ended with."""

    credits_settled: int
    draft_units_used: int


def failure_of(slug: str, detail: str, *, is_retryable: bool = True) -> dict[str, Any]:
    """What a row that failed says of it."""
    return {"slug": slug, "detail": detail, "retryable": is_retryable}


def move_generation(
    work: UnitOfWork, row: GenerationRow, event: GenerationEvent, **changes: Any
) -> GenerationState:
    """Take one edge of the generation's table; where the edge ends the hold, end it here."""
    move = GENERATION.advance(row.state, event)
    values: dict[str, Any] = {"state": move.to, **changes}
    if move.to is GenerationState.PAUSED:
        _free_place(work, row, ended=False)
        values["counted_running"] = False
    if move.settlement is not Settlement.KEEP:
        _free_place(work, row, ended=True)
        ending = _end_hold(work, row, move.settlement)
        values |= {
            "credits_settled": ending.credits_settled,
            "draft_units_used": ending.draft_units_used,
            "finished_at": work.now,
            "counted_running": False,
            "standing_order": None,
        }
    _set(work, generations, row.id, row.state, values)
    record_event(work, f"generation.{move.to}", subject_id=row.id, owned=row.owned)
    if move.to in GENERATION.terminal or move.to is GenerationState.PAUSED:
        _start_following(work, row)
    return move.to


def take_place(work: UnitOfWork, row: GenerationRow) -> bool:
    """Count it among those its owner runs at once; False where they run as many as they may."""
    if row.counted_running:
        return True
    counted = work.connection.execute(
        update(users)
        .where(users.c.id == row.owner_id, plans.c.id == users.c.plan_id, users.c.running < _at_once())
        .values(running=users.c.running + 1)
    )
    if counted.rowcount == 0:
        return False
    mine = update(generations).where(generations.c.id == row.id)
    work.connection.execute(mine.values(counted_running=True))
    return True


def move_take(work: UnitOfWork, row: TakeRow, event: TakeEvent, **changes: Any) -> TakeState:
    """Take one edge of the take's table."""
    move = TAKE.advance(row.state, event)
    touch_generation(work, row.generation_id)
    _set(work, takes, row.id, row.state, {"state": move.to, **changes})
    data = {"generation_id": row.generation_id}
    record_event(work, f"take.{move.to}", subject_id=row.id, owned=row.owned, data=data)
    return move.to


def move_delivery(work: UnitOfWork, row: DeliveryRow, event: DeliveryEvent, **changes: Any) -> None:
    """Take one edge of the delivery's table."""
    move = DELIVERY.advance(row.state, event)
    values = {"state": move.to, **changes}
    if move.to in DELIVERY.terminal:
        values["finished_at"] = work.now
    _set(work, deliveries, row.id, row.state, values)
    record_event(work, f"delivery.{move.to}", subject_id=row.id, owned=row.owned, data=told_of(row))


def told_of(row: DeliveryRow) -> Mapping[str, Any]:
    """What a delivery is of: a take, or a storyboard."""
    if row.storyboard_id is not None:
        return {"storyboard_id": row.storyboard_id}
    return {"take_id": row.take_id}


def move_asset(work: UnitOfWork, row: AssetRow, event: AssetEvent, **changes: Any) -> None:
    """Take one edge of the asset's table."""
    move = ASSET.advance(row.state, event)
    _set(work, assets, row.id, row.state, {"state": move.to, **changes})
    record_event(work, f"asset.{move.to}", subject_id=row.id, owned=row.owned)


def lock_generation(work: UnitOfWork, generation_id: str) -> None:
    """Lock it before what comes later in the order of locks; nothing changes."""
    held = select(generations.c.id).where(generations.c.id == generation_id).with_for_update()
    work.connection.execute(held)


def touch_generation(work: UnitOfWork, generation_id: str) -> None:
    """Something a reader sees has changed: the next ETag differs."""
    work.connection.execute(
        update(generations)
        .where(generations.c.id == generation_id)
        .values(version=generations.c.version + 1, updated_at=work.now)
    )


def _set(work: UnitOfWork, table: Any, identifier: str, state: str, values: Mapping[str, Any]) -> None:
    changed = work.connection.execute(
        update(table)
        .where(table.c.id == identifier, table.c.state == state)
        .values(version=table.c.version + 1, updated_at=work.now, **values)
    )
    if changed.rowcount == 0:
        raise StaleStateError(identifier)


def _end_hold(work: UnitOfWork, row: GenerationRow, settlement: Settlement) -> Ending:
    charged = () if settlement is Settlement.NOTHING else _charged_takes(work.connection, row)
    cost = ledger.cost_of(charged, held=row.credits_held)
    if row.credits_held:
        movement = ledger.settle(row.credits_held, cost=cost)
        entry_id = money.post(
            work.connection, movement, account_id=row.account_id, now=work.now, generation_id=row.id
        )
        if entry_id is None:
            raise HoldMissingError(row.id)
        pools.end_hold(work.connection, row, cost=cost)
    used = min(len(charged), row.draft_units)
    if row.draft_day is not None:
        back = units_returned(row.draft_units, stored=used)
        money.return_draft_units(work.connection, back, owner_id=row.owner_id, day=row.draft_day)
    if settlement is Settlement.NOTHING:
        _charge_nothing(work.connection, row.id)
    return Ending(cost, used)


def _charge_nothing(connection: Connection, generation_id: str) -> None:
    """Where everything returns no take is charged: what a provider bills all the same is an exposure."""
    mine = takes.c.generation_id == generation_id
    connection.execute(update(takes).where(mine, takes.c.charged).values(charged=False))


def _charged_takes(connection: Connection, row: GenerationRow) -> Sequence[int]:
    """The price of every take that is charged: its model's, as it was when the generation was asked for."""
    price = func.coalesce(takes.c.credits, row.credits_per_take)
    return connection.scalars(select(price).where(takes.c.generation_id == row.id, takes.c.charged)).all()


def _free_place(work: UnitOfWork, row: GenerationRow, *, ended: bool) -> None:
    """Its owner may run another; asked of the database, for the place may have been taken a moment ago."""
    counted = select(cast(generations.c.counted_running, Integer)).where(generations.c.id == row.id)
    fewer = {"running": users.c.running - counted.scalar_subquery()}
    if ended:
        fewer["unfinished"] = users.c.unfinished - 1
    work.connection.execute(update(users).where(users.c.id == row.owner_id).values(**fewer))


def _at_once() -> ColumnElement[int]:
    return func.coalesce(users.c.max_concurrent_override, plans.c.max_concurrent)


def _start_following(work: UnitOfWork, row: GenerationRow) -> None:
    """Room was made: as many of the person's that wait for a place as fit look again at once."""
    room = select(func.greatest(0, _at_once() - users.c.running)).where(
        users.c.id == row.owner_id, plans.c.id == users.c.plan_id
    )
    following = work.connection.scalars(
        select(generations.c.id)
        .where(
            generations.c.owner_id == row.owner_id,
            generations.c.state.in_((GenerationState.QUEUED, GenerationState.PLANNED)),
            ~generations.c.counted_running,
            generations.c.finished_at.is_(None),
        )
        .order_by(generations.c.kind, generations.c.id)
        .limit(room.scalar_subquery())
    ).all()
    for generation_id in following:  # one by one: hints keep this order
        nudge(work, generation_id)


def nudge(work: UnitOfWork, *subject_ids: str) -> None:
    """Make rows due now and tell the workers after the commit."""
    for hint in work_rows.nudge(work.connection, subject_ids, now=work.now):
        work.hint(hint.subject_id, hint.lane)
