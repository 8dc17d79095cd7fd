"""The director between the tries: judge, accept, pause, try again; and obey the editor at any step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, assert_never

from sqlalchemy import update

from plugin_backend.db import direction as rows
from plugin_backend.db.journal import note
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.direction.judging import NOT_MEASURED, Judgement
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.direction.refining import Refinement
from plugin_backend.domain.lifecycle import TAKE, GenerationEvent, GenerationState, TakeEvent, TakeState
from plugin_backend.services import deliveries
from plugin_backend.services.director import evaluating, tries
from plugin_backend.services.director.evaluating import best_of
from plugin_backend.services.house import House
from plugin_backend.services.moves import move_generation, move_take

ANSWERED_WITHIN: Final = timedelta(hours=24)
"""After which a pause that nobody answered takes the best there is."""
_LOOK: Final = timedelta(minutes=10)
_WAIT: Final = timedelta(seconds=10)  # whoever looks at a take nudges; this is the net below it


def pauses_first(row: GenerationRow) -> bool:
    """Whether the editor wants to see the plan before anything is spent, and has not yet."""
    asked = GenerationRequest.from_json(row.request).direct.pause
    return asked and row.iteration == 0 and row.paused_at is None


def pause_first(
    house: House, work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]
) -> timedelta | None:
    """Wait for a word on the plan, unless it was given already."""
    state = move_generation(work, row, GenerationEvent.PAUSED, paused_at=work.now)
    if row.standing_order is not None:
        order = Order.from_json(row.standing_order)
        waiting = replace(row, state=state, paused_at=work.now, counted_running=False)
        return obey(house, work, waiting, taken, order)
    cost = row.takes_wanted * row.credits_per_take
    say(
        work,
        row,
        "note",
        f"Paused before {row.takes_wanted} {_takes(row.takes_wanted)} for {cost} credits: accept the plan, "
        "steer it, or stop.",
        data={"next_credits": cost},
    )
    return _LOOK


def decide(house: House, work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> timedelta | None:
    """All takes are there: once each was looked at, one is accepted or a further try begins."""
    if waiting := rows.unfinished_evaluations(work.connection, row.id):
        evaluating.reopen(work, row, waiting)
        return _WAIT
    stored = [take for take in taken if take.state is TakeState.STORED]
    if row.standing_order is not None:
        return obey(house, work, row, taken, Order.from_json(row.standing_order))
    best = best_of(stored)
    judgement = _judgement(work, row, best)
    request = GenerationRequest.from_json(row.request)
    is_good = judgement.score is None or judgement.score >= request.direct.accept_score
    if is_good or row.iteration >= row.max_iterations:
        _accept(work, row, best, judgement, why=_why(row, judgement, is_good=is_good))
        return None
    proposal = tries.propose(work, row, judgement)
    if request.direct.pause:
        _pause(work, row, best, judgement, proposal)
        return _LOOK
    tries.begin(house, work, row, taken, event=GenerationEvent.REFINED, proposal=proposal)
    return timedelta(0)


def wait(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow]) -> timedelta | None:
    """Paused: until somebody answers, or a day has passed."""
    since = row.paused_at or row.updated_at
    left = since + ANSWERED_WITHIN - work.now
    if left > timedelta(0):
        return min(left, _LOOK)
    say(work, row, "note", "Nobody answered within a day: the director takes the best there is.")
    _end(work, row, taken, Order(verb=Verb.STOP))
    return None


def obey(
    house: House, work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow], order: Order
) -> timedelta | None:
    """Carry out what the editor said; no take is under way."""
    has_stored = any(take.state is TakeState.STORED for take in taken)
    match order.verb:
        case Verb.ACCEPT if not has_stored:  # the plan is accepted: nothing was made yet
            move_generation(work, row, GenerationEvent.RESUMED, standing_order=None)
            say(work, row, "note", "The plan was accepted.")
            return timedelta(0)
        case Verb.ACCEPT | Verb.STOP:
            _end(work, row, taken, order)
            return None
        case Verb.STEER if has_stored and row.iteration >= row.max_iterations:  # it was the last try
            _end(work, row, taken, order)
            return None
        case Verb.STEER if not has_stored:
            if not order.adds_nothing:
                tries.replan(work, row, order)
            move_generation(work, row, GenerationEvent.RESUMED, standing_order=None)
            return timedelta(0)
        case Verb.STEER:
            best = best_of([take for take in taken if take.state is TakeState.STORED])
            proposal = tries.propose(work, row, _judgement(work, row, best))
            event, told = _onwards(row), None if order.adds_nothing else order
            tries.begin(house, work, row, taken, event=event, proposal=proposal, order=told)
            return timedelta(0)
        case _:
            assert_never(order.verb)


def _onwards(row: GenerationRow) -> GenerationEvent:
    is_paused = row.state is GenerationState.PAUSED
    return GenerationEvent.RESUMED if is_paused else GenerationEvent.REFINED


def _end(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow], order: Order) -> None:
    """With the take that was named, else the best; with none stored nothing was spent."""
    stored = [take for take in taken if take.state is TakeState.STORED]
    for take in taken:
        if take.state not in TAKE.terminal:
            move_take(work, take, TakeEvent.CANCELLED)
    if not stored:
        move_generation(work, row, GenerationEvent.CANCELLED)
        return
    named = next((take for take in stored if take.number == order.take), None)
    if named is not None and named.picked_at is None:
        chosen = update(takes).where(takes.c.id == named.id)
        work.connection.execute(chosen.values(picked_at=work.now, version=takes.c.version + 1))
    best = named or best_of(stored)
    why = "The editor chose it." if named else "It is the best so far, and the editor wants no further try."
    _accept(work, row, best, _judgement(work, row, best), why=why)


def _accept(work: UnitOfWork, row: GenerationRow, best: TakeRow, judgement: Judgement, *, why: str) -> None:
    """The generation is ready; with `deliver_to`, the delivery starts in the same breath."""
    move_generation(work, row, GenerationEvent.ACCEPTED)
    data = {"score": best.score, "judgement": judgement.to_json(), "why": why}
    say(work, row, "judge", f"Take {best.number} is ready. {why}", take=best.number, data=data)
    deliveries.deliver_on_ready(work, row, best)


def _pause(
    work: UnitOfWork, row: GenerationRow, best: TakeRow, judgement: Judgement, proposal: Refinement
) -> None:
    move_generation(work, row, GenerationEvent.PAUSED, paused_at=work.now)
    price = row.credits_per_take if proposal.choice is None else proposal.choice.credits
    cost = row.takes_wanted * price
    say(
        work,
        row,
        "judge",
        f"Take {best.number} is the best so far ({judgement.score:.2f}). Paused before "
        f"{row.takes_wanted} more {_takes(row.takes_wanted)} for {cost} credits: accept it, steer, or stop.",
        take=best.number,
        data={"judgement": judgement.to_json(), "proposal": proposal.to_json(), "next_credits": cost},
    )


def _judgement(work: UnitOfWork, row: GenerationRow, best: TakeRow) -> Judgement:
    found = rows.evaluations_of(work.connection, row.id).get(best.id)
    return (
        NOT_MEASURED
        if found is None or found.judgement is None
        else Judgement.from_json(dict(found.judgement))
    )


def _why(row: GenerationRow, judgement: Judgement, *, is_good: bool) -> str:
    if judgement.score is None:
        return "It could not be measured, so no further try is made."
    if is_good:
        return f"Its score is {judgement.score:.2f}."
    tries_made = f"{row.iteration + 1} {'try' if row.iteration == 0 else 'tries'}"
    return f"Its score is {judgement.score:.2f}, the best of {tries_made}; no further one was asked for."


def _takes(count: int) -> str:
    return "take" if count == 1 else "takes"


def say(
    work: UnitOfWork,
    row: GenerationRow,
    step: str,
    summary: str,
    *,
    take: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """One line of the generation's trace."""
    note(work, step, summary, generation_id=row.id, owned=row.owned, take=take, data=data)
