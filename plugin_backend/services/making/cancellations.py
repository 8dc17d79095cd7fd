"""What a cancel comes to: told in its answer, and kept in the trace for the receipt."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from plugin_backend.db.generations import attempts_of
from plugin_backend.db.journal import note
from plugin_backend.db.rows import AttemptRow, GenerationRow, TakeRow
from plugin_backend.db.tables import trace_notes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.lifecycle import OPEN_ATTEMPTS, TAKE, TakeState
from plugin_backend.domain.making.cancelling import CancelledTake, Stage, cancellation

_NOTED: Final = "cancellation"


def tell(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> Mapping[str, Any]:
    """What cancelling a generation now comes to; written down with the request to cancel it."""
    made = attempts_of(work.connection, [take.id for take in taken])
    told = cancellation(list(_cancelled(row, taken, made, now=work.now)))
    summary = f"Cancel asked for. {told.detail}"
    data = {_NOTED: told.to_json()}
    note(work, "note", summary, generation_id=row.id, owned=row.owned, data=data)
    return told.to_json()


def noted(connection: Connection, generation_id: str) -> Mapping[str, Any] | None:
    """What was told when a generation was cancelled; None when nobody did."""
    columns = trace_notes.c
    told = (
        select(columns.data[_NOTED])
        .where(columns.generation_id == generation_id, columns.data.has_key(_NOTED))
        .order_by(columns.id)
        .limit(1)
    )
    return connection.execute(told).scalar_one_or_none()


def _cancelled(
    row: GenerationRow, taken: Sequence[TakeRow], made: Sequence[AttemptRow], *, now: datetime
) -> Iterator[CancelledTake]:
    for take in taken:
        if take.state in TAKE.terminal and take.state is not TakeState.STORED:
            continue
        mine = [attempt for attempt in made if attempt.take_id == take.id]
        sent = [attempt.sent_at or attempt.created_at for attempt in mine if attempt.state in OPEN_ATTEMPTS]
        yield CancelledTake(
            number=take.number,
            stage=_stage(take, is_sent=bool(sent)),
            provider=take.provider or row.provider,
            credits=_price_of_sent(mine) or (row.credits_per_take if take.credits is None else take.credits),
            sent_ago=now - sent[-1] if sent else None,
            parts_made=sum(attempt.outputs is not None for attempt in mine),
        )


def _price_of_sent(mine: Sequence[AttemptRow]) -> int:
    """Of a take in several parts, those that were sent: no other will be."""
    return sum(
        each.credits_at_risk for each in mine if each.state in OPEN_ATTEMPTS or each.outputs is not None
    )


def _stage(take: TakeRow, *, is_sent: bool) -> Stage:
    if take.state in (TakeState.RENDERED, TakeState.STORED):
        return Stage.MADE
    return Stage.SENT if is_sent or take.state is TakeState.SUBMITTED else Stage.QUEUED
