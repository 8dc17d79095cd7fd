"""What was made for a take that had ended without it: a new generation, free, that only has to fetch it."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ScalarSelect, insert, select, update

from plugin_backend.db.journal import note, record_event
from plugin_backend.db.rows import AttemptRow, GenerationRow, TakeRow, columns_of, read_row
from plugin_backend.db.tables import attempts, generations, takes, users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import GENERATION, TAKE, AttemptState, GenerationEvent, TakeEvent
from plugin_backend.domain.making.chaining import Part, joined
from plugin_backend.domain.work import Lane
from plugin_backend.services.making.taking import FETCHED_WITHIN
from plugin_backend.services.moves import move_generation, move_take, touch_generation
from plugin_backend.services.stepping import make_due

_WAIT: Final = timedelta(seconds=10)  # the take nudges its generation; this is the net below it


def deliver(
    work: UnitOfWork, origin: GenerationRow, lost: TakeRow, made: AttemptRow, *, parts: Sequence[Part]
) -> None:
    """Open the generation where its take is to be fetched; `origin`, locked, and its take stay as they ended.

    `made` carries the outputs that were found, of one of the `parts`; those made before it go with it.
    """
    found = [*_parts_before(work, made), made]
    row = _opened(work, origin, made)
    take = _started(work, row, lost, found, parts=parts)
    write_down(work, made)
    work.connection.execute(
        update(attempts)
        .where(attempts.c.id.in_([each.id for each in found]))
        .values(take_id=take.id, state=AttemptState.CLOSED)
    )
    _make_due(work, row, take)
    touch_generation(work, origin.id)
    _tell(work, origin, row, lost, made)


def write_down(work: UnitOfWork, made: AttemptRow) -> None:
    """The provider made it, and bills it."""
    known = {"outputs": made.outputs, "billed": True}
    work.connection.execute(update(attempts).where(attempts.c.id == made.id).values(**known))


def _parts_before(work: UnitOfWork, made: AttemptRow) -> Sequence[AttemptRow]:
    """The finished parts that it goes on from, if they are all there."""
    found = work.connection.execute(
        select(*columns_of(attempts, AttemptRow))
        .where(
            attempts.c.take_id == made.take_id,
            attempts.c.part < made.part,
            attempts.c.outputs.is_not(None),
        )
        .order_by(attempts.c.part)
    )
    rows = [read_row(AttemptRow, row) for row in found]
    return rows if [row.part for row in rows] == list(range(made.part)) else []


def _opened(work: UnitOfWork, origin: GenerationRow, made: AttemptRow) -> GenerationRow:
    row = _asked_again(origin, made, at=work.now)
    place = update(users).where(users.c.id == row.owner_id).values(unfinished=users.c.unfinished + 1)
    work.connection.execute(place)
    work.connection.execute(insert(generations).values(**_values(row), terms=_terms_of(origin.id)))
    record_event(work, f"generation.{row.state}", subject_id=row.id, owned=row.owned)
    for event in (GenerationEvent.PLANNED, GenerationEvent.SUBMITTED):
        row = replace(row, state=move_generation(work, row, event))
    return row


def _asked_again(origin: GenerationRow, made: AttemptRow, *, at: datetime) -> GenerationRow:
    """The same request for one take, at no price and beside all limits."""
    return replace(
        origin,
        id=new_id(Prefix.GENERATION, at=at),
        state=GENERATION.start,
        model=made.model or origin.model,
        provider=made.provider,
        takes_wanted=1,
        iteration=0,
        max_iterations=0,
        credits_per_take=0,
        credits_quoted=0,
        credits_held=0,
        credits_settled=None,
        draft_units=0,
        draft_units_used=None,
        draft_day=None,
        counted_running=False,
        retried_from=None,
        recovered_from=origin.id,
        cancel_requested=False,
        failure=None,
        routing=None,
        standing_order=None,
        paused_at=None,
        created_at=at,
        updated_at=at,
        finished_at=None,
        version=1,
    )


def _terms_of(generation_id: str) -> ScalarSelect[Any]:
    """It was asked for under the terms of then."""
    return select(generations.c.terms).where(generations.c.id == generation_id).scalar_subquery()


def _started(
    work: UnitOfWork,
    row: GenerationRow,
    lost: TakeRow,
    found: Sequence[AttemptRow],
    *,
    parts: Sequence[Part],
) -> TakeRow:
    take = TakeRow(
        id=new_id(Prefix.TAKE, at=work.now),
        workspace_id=row.workspace_id,
        owner_id=row.owner_id,
        generation_id=row.id,
        number=1,
        state=TAKE.start,
        seed=lost.seed,
        model=row.model,
        provider=row.provider,
        credits=0,
        parts=len(found),
        created_at=work.now,
        updated_at=work.now,
    )
    work.connection.execute(insert(takes).values(_values(take)))
    sent = move_take(work, take, TakeEvent.SUBMITTED, provider_ref=found[-1].provider_ref)
    outputs = dict(joined(parts, [each.outputs or {} for each in found]))
    move_take(
        work,
        replace(take, state=sent),
        TakeEvent.RENDERED,
        outputs=outputs,
        progress=1.0,
        deadline=work.now + FETCHED_WITHIN,
    )
    return take


def _make_due(work: UnitOfWork, row: GenerationRow, take: TakeRow) -> None:
    lane = Lane.of_take(is_draft=row.kind is Kind.DRAFT, is_remote=True)
    own = Lane.of_take(is_draft=row.kind is Kind.DRAFT, is_remote=False)
    fetch = Due(take.id, lane, row.owned, topic=row.provider)
    make_due(work, fetch, Due(row.id, own, row.owned, next_at=work.now + _WAIT))


def _tell(
    work: UnitOfWork, origin: GenerationRow, row: GenerationRow, lost: TakeRow, made: AttemptRow
) -> None:
    found = f"Take {lost.number} was found at {made.provider} after all; it is delivered free as {row.id}."
    came = f"Found at {made.provider} after {origin.id} had ended; it costs nothing."
    data = {"recovered_as": row.id, "provider_ref": made.provider_ref}
    note(
        work,
        "note",
        found,
        generation_id=origin.id,
        owned=origin.owned,
        take=lost.number,
        data=data,
    )
    note(work, "note", came, generation_id=row.id, owned=row.owned, take=1, data={"from": origin.id})


def _values(row: GenerationRow | TakeRow) -> Mapping[str, Any]:
    """The columns that are set; what is not stays null."""
    found = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: value for name, value in found.items() if value is not None}
