"""The generation's own step: start it, watch its takes, judge, end it. Short, repeatable, no network."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, assert_never

from sqlalchemy import update

from plugin_backend.db import work as work_rows
from plugin_backend.db.generations import find_generation, takes_of
from plugin_backend.db.journal import note
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.direction.notes import trace_notes
from plugin_backend.domain.lifecycle import (
    GENERATION,
    TAKE,
    GenerationEvent,
    GenerationState,
    TakeEvent,
    TakeState,
)
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.director import directing, tries
from plugin_backend.services.house import House
from plugin_backend.services.making.posts import posts_of, request_of
from plugin_backend.services.moves import failure_of, move_generation, move_take, take_place

_WAIT: Final = timedelta(seconds=10)  # takes nudge; this is the net below them
_LONG_WAIT: Final = timedelta(minutes=10)  # the same where thousands may wait for a provider
_FULL: Final = timedelta(minutes=2)  # an ending wakes who waits; below it is the net, wide for hundreds wait


def advance(house: House, claim: Claim) -> None:
    """Take a generation as far as it can go now."""
    with house.begin() as work:
        row = find_generation(work.connection, claim.subject_id, lock=True)
        if row is None or row.state in GENERATION.terminal:
            stepping.done(work, claim)
            return
        taken = takes_of(work.connection, [row.id]).get(row.id, ())
        after = _cancelled(work, row, taken) if row.cancel_requested else _next(house, work, row, taken)
        house.failpoint("generation:before-commit")
        if after is None:
            stepping.done(work, claim)
        else:
            stepping.again(work, claim, after=after)


def _next(house: House, work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> timedelta | None:
    """One edge of the table; None when the generation has ended."""
    match row.state:
        case GenerationState.QUEUED:
            return _start(house, work, row)
        case GenerationState.PLANNED:
            return _submitted(house, work, row, taken)
        case GenerationState.GENERATING:
            return _rendered(work, row, taken)
        case GenerationState.EVALUATING:
            return directing.decide(house, work, row, taken)
        case GenerationState.PAUSED:
            return directing.wait(work, row, taken)
        case GenerationState.READY | GenerationState.FAILED | GenerationState.CANCELLED:
            return None
    assert_never(row.state)


def _start(house: House, work: UnitOfWork, row: GenerationRow) -> timedelta:
    """Leave the queue if the person may run one more."""
    if not take_place(work, row):
        return _FULL
    plan = tries.first(work, row)
    move_generation(work, row, GenerationEvent.PLANNED, plan=plan.to_json())
    for step, summary in trace_notes(plan):
        note(work, step, summary, generation_id=row.id, owned=row.owned)
    tries.warn(house, work, row)
    return timedelta(0)


def _submitted(
    house: House, work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]
) -> timedelta | None:
    """Make the wanted takes of this try due; go on once one of them was sent."""
    if directing.pauses_first(row):
        return directing.pause_first(house, work, row, taken)
    if not take_place(work, row):  # a pause gave its place away
        return _FULL
    mine = [take for take in taken if take.iteration == row.iteration]
    wanted = [take for take in mine if take.state is TakeState.WANTED]
    if any(take.state not in (TakeState.WANTED, *_LOST) for take in mine) or (not wanted and _stored(taken)):
        move_generation(work, row, GenerationEvent.SUBMITTED)
        return timedelta(0)
    if not wanted:
        _fail(work, row, taken)
        return None
    due = [_step_of(row, take) for take in wanted]
    _price(house, work, row, wanted)
    stepping.make_due(work, *due)
    return _net(row)


def _step_of(row: GenerationRow, take: TakeRow) -> Due:
    """The row of work of a take that is still to be made."""
    provider = take.provider or row.provider
    lane = Lane.of_take(is_draft=row.kind is Kind.DRAFT, is_remote=provider != ANIMATIC)
    return Due(take.id, lane, take.owned, topic=provider if lane.is_provider else None)


def _net(row: GenerationRow) -> timedelta:
    """How long to wait for the takes, which nudge when they end."""
    return _WAIT if row.provider == ANIMATIC else _LONG_WAIT


def _price(house: House, work: UnitOfWork, row: GenerationRow, wanted: Sequence[TakeRow]) -> None:
    """From here a take says itself who makes it, at what price and in how many parts."""
    named = [take.id for take in wanted if take.model is None]
    if not named:
        return
    posts = posts_of(house, request_of(row, wanted[0]))
    made_by = {"model": row.model, "provider": row.provider, "credits": row.credits_per_take}
    work.connection.execute(update(takes).where(takes.c.id.in_(named)).values(**made_by, parts=len(posts)))


def _rendered(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> timedelta | None:
    if any(take.state not in TAKE.terminal for take in taken):
        return _net(row)
    if not _stored(taken):
        _fail(work, row, taken)
        return None
    move_generation(work, row, GenerationEvent.RENDERED)
    return timedelta(0)


def _fail(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> None:
    """No take could be stored: everything returns, with the first reason that was given."""
    seen = [take.failure for take in taken if take.failure is not None]
    failure = {**failure_of("no-usable-take", "No take could be made."), **(seen[0] if seen else {})}
    move_generation(work, row, GenerationEvent.FAILED, failure=failure)
    note(
        work, "note", failure["detail"], generation_id=row.id, owned=row.owned, data={"slug": failure["slug"]}
    )


def _cancelled(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> timedelta | None:
    """A take with a step of its own is ended by it, its attempt resolved; the others end here."""
    open_takes = [take for take in taken if take.state not in TAKE.terminal]
    stepping_now = work_rows.opened(work.connection, [take.id for take in open_takes])
    for take in open_takes:
        if take.id not in stepping_now:
            move_take(work, take, TakeEvent.CANCELLED)
    if stepping_now:
        return _WAIT
    move_generation(work, row, GenerationEvent.CANCELLED)
    return None


def _stored(taken: Sequence[TakeRow]) -> list[TakeRow]:
    return [take for take in taken if take.state is TakeState.STORED]


_LOST: Final = (TakeState.FAILED, TakeState.CANCELLED)
