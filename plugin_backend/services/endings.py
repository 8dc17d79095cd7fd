"""Stopping, removing and asking again: each says in its answer what it did to the money."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from plugin_backend.db import work as work_rows
from plugin_backend.db.generations import GenerationView, find_generation, takes_of, views_of
from plugin_backend.db.journal import audit
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import generations
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import BackendError, ConflictError, IllegalTransitionError, NotFoundError
from plugin_backend.domain.lifecycle import (
    GENERATION,
    TAKE,
    GenerationEvent,
    GenerationState,
    TakeEvent,
    TakeState,
)
from plugin_backend.domain.work import Claim
from plugin_backend.services import stepping
from plugin_backend.services.generations import Asked, Lineage, request
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency
from plugin_backend.services.keeping.removing import bury, has_unfinished_dependant
from plugin_backend.services.making import attempts, cancellations, renders
from plugin_backend.services.moves import failure_of, move_generation, move_take, nudge
from plugin_backend.services.reach import reach


def cancel(house: House, caller: Caller, generation_id: str) -> GenerationView:
    """Stop a generation: at once what was never sent, by its own step what is under way."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, generation_id)
        told = _cancel(work, row)
        return replace(_view(work, generation_id), cancellation=told)


def cancel_many(
    house: House, caller: Caller, generation_ids: Sequence[str]
) -> list[tuple[str, GenerationView | BackendError]]:
    """Stop several; each gets its own answer."""
    results: list[tuple[str, GenerationView | BackendError]] = []
    for generation_id in dict.fromkeys(generation_ids):
        try:
            results.append((generation_id, cancel(house, caller, generation_id)))
        except BackendError as refusal:
            results.append((generation_id, refusal))
    return results


def cancel_as_admin(
    house: House, caller: Caller, generation_id: str, *, reason: str, request_id: str | None = None
) -> GenerationView:
    """An administrator stops somebody's generation."""
    with house.begin() as work:
        row = _administered(work, caller, generation_id)
        told = _cancel(work, row)
        _audit(work, caller, row, "generation.cancel", reason=reason, request_id=request_id)
        return replace(_view(work, generation_id), cancellation=told)


def fail_as_admin(
    house: House, caller: Caller, generation_id: str, *, reason: str, request_id: str | None = None
) -> GenerationView:
    """An administrator gives a stuck generation up; everything that no stored take used returns."""
    with house.begin() as work:
        row = _administered(work, caller, generation_id)
        taken = takes_of(work.connection, [row.id]).get(row.id, ())
        if any(take.state is TakeState.STORED for take in taken):
            raise ConflictError(
                "A take of this generation is stored; cancel it instead, and it keeps the take."
            )
        failure = failure_of("internal", reason)
        move_generation(work, row, GenerationEvent.FAILED, failure=failure)
        _give_up_takes(work, taken, failure)
        work_rows.drop(work.connection, [row.id])
        _audit(work, caller, row, "generation.fail", reason=reason, request_id=request_id)
        return _view(work, generation_id)


def retry(
    house: House, caller: Caller, generation_id: str, *, idempotency: Idempotency | None = None
) -> Asked:
    """Ask again for a failed generation, as a new one at today's price."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id)
    if row is None:
        raise NotFoundError("generation")
    if row.state is not GenerationState.FAILED:
        raise IllegalTransitionError("generation", row.state, "retried")
    promotion = None if row.promotion is None else {**row.promotion, "similarity": None}
    lineage = Lineage(from_take_id=row.from_take_id, retried_from=row.id, promotion=promotion)
    asked = GenerationRequest.from_json(row.request)
    return request(house, caller, [asked], idempotency=idempotency, lineage=lineage)


def delete(house: House, caller: Caller, generation_id: str) -> None:
    """Leave a tombstone and remove the media; the ledger and the lineage stay."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, generation_id)
        if row.state not in GENERATION.terminal:
            raise ConflictError(f"A generation that is {row.state} cannot be deleted; cancel it first.")
        if has_unfinished_dependant(work, row):
            raise ConflictError(
                "A master or delivery made of its takes is unfinished; wait for it or cancel it."
            )
        bury(work, row)


def stop(work: UnitOfWork, generation_id: str) -> None:
    """Stop what still runs, for whoever may; what has ended meanwhile is left alone."""
    row = find_generation(work.connection, generation_id, lock=True)
    if row is not None and row.state not in GENERATION.terminal:
        _cancel(work, row)


def _give_up_takes(work: UnitOfWork, taken: Sequence[TakeRow], failure: Mapping[str, Any]) -> None:
    """With the hold ended nothing more may be made: open takes fail, their attempts and renders close."""
    given_up = [take for take in taken if take.state not in TAKE.terminal]
    for take in given_up:
        move_take(work, take, TakeEvent.FAILED, failure=failure)
        attempts.close(work, take.id)
    renders.abandon(work, [take.id for take in given_up])
    work_rows.drop(work.connection, [take.id for take in given_up])


def _cancel(work: UnitOfWork, row: GenerationRow) -> Mapping[str, Any] | None:
    """What it comes to; asked for again, what was said the first time."""
    if row.state is GenerationState.CANCELLED or row.cancel_requested:
        return cancellations.noted(work.connection, row.id)
    if not GENERATION.allows(row.state, GenerationEvent.CANCELLED):
        raise IllegalTransitionError("generation", row.state, GenerationEvent.CANCELLED)
    taken = takes_of(work.connection, [row.id]).get(row.id, ())
    told = cancellations.tell(work, row, taken)
    if all(take.state is TakeState.WANTED for take in taken) and row.state is GenerationState.QUEUED:
        _cancel_unsent(work, row)
        return told
    work.connection.execute(
        update(generations)
        .where(generations.c.id == row.id)
        .values(cancel_requested=True, version=generations.c.version + 1, updated_at=work.now)
    )
    renders.abandon(work, [take.id for take in taken])
    nudge(work, row.id, *(take.id for take in taken))
    return told


def _cancel_unsent(work: UnitOfWork, row: GenerationRow) -> None:
    """Nothing was sent: it ends here and now, and everything returns."""
    move_generation(work, row, GenerationEvent.CANCELLED, cancel_requested=True)
    for take in takes_of(work.connection, [row.id]).get(row.id, ()):
        move_take(work, take, TakeEvent.CANCELLED)
    work_rows.drop(work.connection, [row.id])


def _mine(work: UnitOfWork, caller: Caller, generation_id: str) -> GenerationRow:
    row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id, lock=True)
    if row is None:
        raise NotFoundError("generation")
    return row


def _administered(work: UnitOfWork, caller: Caller, generation_id: str) -> GenerationRow:
    row = find_generation(work.connection, generation_id, workspace_id=reach(caller), lock=True)
    if row is None:
        raise NotFoundError("generation")
    return row


def _view(work: UnitOfWork, generation_id: str) -> GenerationView:
    row = find_generation(work.connection, generation_id)
    assert row is not None
    return views_of(work.connection, [row])[0]


def _audit(
    work: UnitOfWork, caller: Caller, row: GenerationRow, action: str, *, reason: str, request_id: str | None
) -> None:
    audit(
        work,
        action,
        subject_id=row.id,
        actor_id=caller.user_id,
        workspace_id=row.workspace_id,
        before={"state": row.state},
        reason=reason,
        request_id=request_id,
    )


def fail_broken(house: House, claim: Claim, *, slug: str, detail: str) -> None:
    """A generation's own step broke for good: what is stored is kept as ready, else everything returns."""
    with house.begin() as work:
        row = find_generation(work.connection, claim.subject_id, lock=True)
        if row is not None and row.state not in GENERATION.terminal:
            taken = takes_of(work.connection, [row.id]).get(row.id, ())
            failure = failure_of(slug, detail)
            if any(take.state is TakeState.STORED for take in taken):
                _keep_stored(work, row, failure)
            elif row.state is GenerationState.PAUSED:
                move_generation(work, row, GenerationEvent.CANCELLED, failure=failure)
            else:
                move_generation(work, row, GenerationEvent.FAILED, failure=failure)
            _give_up_takes(work, taken, failure)
        elif row is not None and row.deleted_at is not None:
            stepping.remove_later(work, claim)
            return
        stepping.done(work, claim)


def _keep_stored(work: UnitOfWork, row: GenerationRow, failure: Mapping[str, Any]) -> None:
    """Walk the table's edges to `ready`, from wherever the step broke."""
    for event in (GenerationEvent.SUBMITTED, GenerationEvent.RENDERED):
        if GENERATION.allows(row.state, event):
            row = replace(row, state=move_generation(work, row, event))
    move_generation(work, row, GenerationEvent.ACCEPTED, failure=failure)
