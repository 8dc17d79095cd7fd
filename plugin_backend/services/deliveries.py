"""Deliveries: a stored take, conformed to a sequence, in the files one host wants."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from plugin_backend.db import work as work_rows
from plugin_backend.db.deliveries import files_of, find_delivery, frames_of, taken_for
from plugin_backend.db.generations import find_generation, find_take, hold_generation_of
from plugin_backend.db.journal import note, record_event
from plugin_backend.db.rows import DeliveryFileRow, DeliveryRow, GenerationRow, TakeRow
from plugin_backend.db.tables import deliveries
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import GenerationRequest, Kind
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.cut_plan import moved
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import (
    AssetNotReadyError,
    ConflictError,
    GoneError,
    IllegalTransitionError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import DELIVERY, DeliveryEvent, DeliveryState
from plugin_backend.domain.work import Lane
from plugin_backend.services.delivering.chunks import let_go
from plugin_backend.services.delivering.delivery_openings import Opening, check_there, opened
from plugin_backend.services.delivering.delivery_plans import check_room, delivery_request, plan_of
from plugin_backend.services.delivering.delivery_sounds import check_files, sound_of
from plugin_backend.services.delivering.naming import named
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.keeping.retention import expires_at
from plugin_backend.services.keeping.storage_room import require_room
from plugin_backend.services.moves import move_delivery, nudge
from plugin_backend.services.stepping import make_due


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery with its files, read in one moment."""

    delivery: DeliveryRow
    files: tuple[DeliveryFileRow, ...] = ()
    expires_at: datetime | None = None
    """When its files go, with the media of its takes."""


def request(
    house: House,
    caller: Caller,
    take_id: str,
    wanted: DeliveryRequest,
    *,
    idempotency: Idempotency | None = None,
) -> tuple[DeliveryView, bool]:
    """Have a stored take delivered; the flag says whether this is a replay."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return view_of_delivery(work, caller, kept["id"]), True
        require_room(work, caller.user_id)
        hold_generation_of(work.connection, take_id)
        take = find_take(work.connection, take_id, workspace_id=caller.workspace_id)
        if take is None:
            raise NotFoundError("take")
        generation = find_generation(work.connection, take.generation_id)
        assert generation is not None
        asked = GenerationRequest.from_json(generation.request)
        check_files(work, caller, wanted, wanted.sequence or asked.sequence)
        row = _open(work, generation, take, wanted, owner_id=caller.user_id)
        check_room(house, row)
        keep(work, idempotency, {"id": row.id})
        return DeliveryView(delivery=row), False


def deliver_on_ready(work: UnitOfWork, generation: GenerationRow, take: TakeRow) -> None:
    """Where the request said `deliver_to`, the accepted take's delivery starts by itself."""
    asked = GenerationRequest.from_json(generation.request)
    if asked.deliver_to is None:
        return
    try:
        _open(work, generation, take, delivery_request(asked), owner_id=generation.owner_id)
    except (ValidationFailedError, AssetNotReadyError) as refusal:  # it was checked, and became otherwise
        note(
            work,
            "note",
            f"The delivery could not start: {refusal.detail}",
            generation_id=generation.id,
            owned=generation.owned,
            take=take.number,
        )


def get(house: House, caller: Caller, delivery_id: str) -> DeliveryView:
    """One delivery of the caller's workspace."""
    with house.begin() as work:
        return view_of_delivery(work, caller, delivery_id)


def frames(
    house: House,
    caller: Caller,
    delivery_id: str,
    *,
    after: int | None,
    limit: int,
    sequence: int | None = None,
) -> tuple[DeliveryFileRow, ...]:
    """A page of the frames of a delivery's image sequences, or of the one that is the file of that number."""
    with house.begin() as work:
        _mine(work, caller, delivery_id)
        of = None if sequence is None else _sequence(work, delivery_id, sequence)
        return frames_of(work.connection, delivery_id, after=after, limit=limit, of=of)


def _sequence(work: UnitOfWork, delivery_id: str, number: int) -> DeliveryFileRow:
    whole = files_of(work.connection, [delivery_id]).get(delivery_id, ())
    for file in whole:
        if file.sequence is not None and file.number == number:
            return file
    raise NotFoundError("image sequence")


def applied(house: House, caller: Caller, delivery_id: str) -> DeliveryView:
    """The host has it on its timeline; marked once, however often it is said."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, delivery_id, lock=True)
        if row.state is not DeliveryState.READY:
            raise IllegalTransitionError("delivery", row.state, "applied")
        if row.applied_at is None:
            _change(work, row, applied_at=work.now)
            record_event(work, "delivery.applied", subject_id=row.id, owned=row.owned)
        return view_of_delivery(work, caller, delivery_id)


def cancel(house: House, caller: Caller, delivery_id: str) -> DeliveryView:
    """Stop a delivery: whatever is under way loses its lease, and its next step removes what was made."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, delivery_id, lock=True)
        if row.state is not DeliveryState.CANCELLED:
            _stop(work, row)
        return view_of_delivery(work, caller, delivery_id)


def stop(work: UnitOfWork, delivery_id: str) -> None:
    """Stop what is still being made, for whoever may; what has ended meanwhile is left alone."""
    row = find_delivery(work.connection, delivery_id, lock=True)
    if row is not None and row.state not in DELIVERY.terminal:
        _stop(work, row)


def _stop(work: UnitOfWork, row: DeliveryRow) -> None:
    move_delivery(work, row, DeliveryEvent.CANCELLED, cancel_requested=True)
    let_go(work, row)
    work_rows.seize(work.connection, row.id, now=work.now)
    nudge(work, row.id)


def retry(
    house: House, caller: Caller, delivery_id: str, *, idempotency: Idempotency | None = None
) -> DeliveryView:
    """Ask again for a failed or cancelled delivery, as a new one."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return view_of_delivery(work, caller, kept["id"])
        require_room(work, caller.user_id)
        row = _mine(work, caller, delivery_id)
        if row.state not in (DeliveryState.FAILED, DeliveryState.CANCELLED):
            raise IllegalTransitionError("delivery", row.state, "retried")
        wanted = DeliveryRequest.from_json(row.request)
        check_files(work, caller, wanted, wanted.sequence)
        again = _asked_again(work, row, owner_id=caller.user_id)
        check_room(house, again)
        keep(work, idempotency, {"id": again.id})
        return DeliveryView(delivery=again)


def request_archive(house: House, caller: Caller, delivery_id: str) -> DeliveryView:
    """Have a zip of a ready delivery built by a media step; asking again shows the same one."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, delivery_id, lock=True)
        if row.state is not DeliveryState.READY:
            raise ConflictError(f"A delivery that is {row.state} cannot be archived; wait until it is ready.")
        _require_media(work, row)
        if row.archive is None or row.archive["state"] == "failed":
            require_room(work, caller.user_id)
            _change(work, row, archive={"state": "building"})
            make_due(work, Due(row.id, Lane.MEDIA_MASTER, row.owned))
        return view_of_delivery(work, caller, delivery_id)


def _require_media(work: UnitOfWork, row: DeliveryRow) -> None:
    taken = taken_for(work.connection, row, hold=True)
    if any(take.media_deleted_at is not None for take, _ in taken):
        raise GoneError("The media of this take has been deleted.")


def _asked_again(work: UnitOfWork, row: DeliveryRow, *, owner_id: str) -> DeliveryRow:
    """The same of the same takes, as a new delivery."""
    taken, wanted = taken_for(work.connection, row, hold=True), DeliveryRequest.from_json(row.request)
    for take, generation in taken:
        check_there(take, generation)
    if row.storyboard_id is None:
        ((take, generation),) = taken
        return _open(work, generation, take, wanted, owner_id=owner_id)
    delivery_id = new_id(Prefix.DELIVERY, at=work.now)
    made = Opening(
        id=delivery_id,
        workspace_id=row.workspace_id,
        owner_id=owner_id,
        wanted=wanted,
        plan=moved(row.plan or {}, prefix=Kept.DELIVERY.prefix(delivery_id)),
        storyboard_id=row.storyboard_id,
        is_draft=all(generation.kind is Kind.DRAFT for _, generation in taken),
    )
    return opened(work, made, [take.id for take, _ in taken])


def _open(
    work: UnitOfWork, generation: GenerationRow, take: TakeRow, wanted: DeliveryRequest, *, owner_id: str
) -> DeliveryRow:
    check_there(take, generation)
    asked = GenerationRequest.from_json(generation.request)
    wanted = replace(wanted, sequence=wanted.sequence or asked.sequence)
    delivery_id = new_id(Prefix.DELIVERY, at=work.now)
    sound = sound_of(work, wanted, take)
    plan = plan_of(
        wanted,
        generation,
        take,
        prefix=Kept.DELIVERY.prefix(delivery_id),
        sound=sound,
        named=named(work, generation, take),
    )
    sequence = ConformPlan.from_json(plan["plan"]).asked_sequence
    made = Opening(
        id=delivery_id,
        workspace_id=take.workspace_id,
        owner_id=owner_id,
        wanted=replace(wanted, sequence=sequence),
        plan=plan,
        is_draft=generation.kind is Kind.DRAFT,
    )
    return opened(work, made, [take.id])


def _mine(work: UnitOfWork, caller: Caller, delivery_id: str, *, lock: bool = False) -> DeliveryRow:
    row = find_delivery(work.connection, delivery_id, workspace_id=caller.workspace_id, lock=lock)
    if row is None:
        raise NotFoundError("delivery")
    return row


def view_of_delivery(work: UnitOfWork, caller: Caller, delivery_id: str) -> DeliveryView:
    """One of the caller's workspace, with its files."""
    row = _mine(work, caller, delivery_id)
    files = files_of(work.connection, [row.id]).get(row.id, ())
    made_of = [generation.id for _, generation in taken_for(work.connection, row)] if files else []
    return DeliveryView(delivery=row, files=files, expires_at=expires_at(work, made_of))


def _change(work: UnitOfWork, row: DeliveryRow, **values: Any) -> None:
    work.connection.execute(
        update(deliveries)
        .where(deliveries.c.id == row.id)
        .values(version=deliveries.c.version + 1, updated_at=work.now, **values)
    )
