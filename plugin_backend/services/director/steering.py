"""The editor's word to the director: accept, stop or steer, at any step of a generation."""

from collections.abc import Sequence

from sqlalchemy import update

from plugin_backend.db import work as work_rows
from plugin_backend.db.direction import directions_of
from plugin_backend.db.generations import GenerationView, find_generation, takes_of, views_of
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import generations
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.direction.problems import plan_problems
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    IllegalTransitionError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.lifecycle import GENERATION, GenerationState, TakeState
from plugin_backend.domain.words_said import said_in_plan
from plugin_backend.services.allowed import check_words
from plugin_backend.services.director import directing
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.moves import nudge, touch_generation


def tell(
    house: House,
    caller: Caller,
    generation_id: str,
    order: Order,
    *,
    idempotency: Idempotency | None = None,
) -> GenerationView:
    """Carry an order out where the director waits for one; else keep it until no take is under way.

    What was said already, with its key or before anything came of it, is not said twice.
    """
    caller.require(Scope.GENERATE)
    check_words(caller, [("/note", order.note), *said_in_plan(order.plan or {})])
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id, lock=True)
        if row is None:
            raise NotFoundError("generation")
        taken = takes_of(work.connection, [row.id]).get(row.id, ())
        is_new = begin(work, idempotency, result={"id": row.id}) is None
        if is_new and not _is_heard(work, row, taken, order):
            _carry_out(house, work, row, taken, order)
        found = find_generation(work.connection, row.id)
        assert found is not None
        return views_of(work.connection, [found])[0]


def _carry_out(
    house: House, work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow], order: Order
) -> None:
    _check(row, taken, order)
    _plan_problems(row, order)
    _check_room(house, work, row, order)
    if row.state is not GenerationState.PAUSED:
        _keep(work, row, order)
    elif directing.obey(house, work, row, taken, order) is None:
        work_rows.drop(work.connection, [row.id])  # it has ended: its next step would only be in the way
        return
    nudge(work, row.id)


def _is_heard(work: UnitOfWork, row: GenerationRow, taken: Sequence[TakeRow], order: Order) -> bool:
    """Whether this was said of the try that is being made: pressed twice, or sent again unanswered."""
    if row.paused_at is None or row.state is GenerationState.PAUSED or row.state in GENERATION.terminal:
        return False
    mine = [take for take in taken if take.iteration == row.iteration]
    if any(take.state is TakeState.STORED for take in mine):
        return False
    match order.verb:
        case Verb.ACCEPT:
            return row.iteration == 0 and order.take is None
        case Verb.STEER:
            if order.adds_nothing:
                return True
            told = directions_of(work.connection, row.id)[-1:]
            return bool(told) and order.plan is None and told[0].steers[-1:] == [order.note]
        case Verb.STOP:
            return False


def _check(row: GenerationRow, taken: Sequence[TakeRow], order: Order) -> None:
    if row.state in GENERATION.terminal or row.cancel_requested:
        raise IllegalTransitionError("generation", row.state, order.verb)
    stored = {take.number for take in taken if take.state is TakeState.STORED}
    if order.take is not None and order.take not in stored:
        raise ConflictError(f"Take {order.take} is not stored; accept one that is, or leave `take` out.")
    is_spent = row.state is not GenerationState.PAUSED or bool(stored)
    if order.verb is Verb.STEER and is_spent and row.iteration >= row.max_iterations:
        raise ConflictError(
            f"No further try is held for: it was asked for with `max_iterations` {row.max_iterations}, and "
            f"{row.iteration} {'is' if row.iteration == 1 else 'are'} made. Ask for a new generation."
        )


def _plan_problems(row: GenerationRow, order: Order) -> None:
    if order.plan is None:
        return
    duration = GenerationRequest.from_json(row.request).brief.duration_seconds
    problems = tuple(plan_problems(order.plan, duration=duration))
    if problems:
        raise ValidationFailedError(problems)


def _check_room(house: House, work: UnitOfWork, row: GenerationRow, order: Order) -> None:
    """What an editor says is never cut, so it must leave room in the prompt of every model of the request."""
    named = {row.model, *(each["model"] for each in row.routing or ())}
    limits = {
        model.id: model.prompt_characters
        for model in house.catalogue.models
        if model.id in named and model.prompt_characters is not None
    }
    if not limits or not order.note:
        return
    narrowest = min(limits, key=lambda each: limits[each])
    told = directions_of(work.connection, row.id)[-1:]
    before = [GenerationRequest.from_json(row.request).brief.prompt, *(told[0].steers if told else ())]
    room = limits[narrowest] - sum(len(each) + 1 for each in before if each.strip())
    if len(order.note) > room:
        detail = (
            f"{narrowest} reads at most {limits[narrowest]:,} characters; beside the brief and what it was "
            f"told before {max(0, room):,} are left, and this has {len(order.note):,}."
        )
        raise ValidationFailedError([FieldProblem("/note", detail)])


def _keep(work: UnitOfWork, row: GenerationRow, order: Order) -> None:
    changed = update(generations).where(generations.c.id == row.id)
    work.connection.execute(changed.values(standing_order=order.to_json()))
    touch_generation(work, row.id)
    directing.say(work, row, "note", _heard(order))


def _heard(order: Order) -> str:
    """What the trace says at once; the last order counts."""
    match order.verb:
        case Verb.ACCEPT:
            what = "the best take" if order.take is None else f"take {order.take}"
            return f"The editor accepts {what}; the generation ends when no take is under way."
        case Verb.STOP:
            return "The editor wants no further try; the best take is accepted when none is under way."
        case Verb.STEER:
            what = order.note or ("as proposed." if order.plan is None else "by an edited plan.")
            return f"The editor steers the next try: {what}"
