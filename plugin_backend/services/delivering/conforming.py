"""The delivery's own steps: cut it into frame ranges, wait, put the files together, or remove them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import case, exists, select, update

from plugin_backend.db.deliveries import find_delivery, taken_for
from plugin_backend.db.direction import (
    DirectionRow,
    EvaluationRow,
    directions_of_takes,
    evaluations_of_takes,
)
from plugin_backend.db.journal import record_event
from plugin_backend.db.reviews import CommentRow, open_comments_of
from plugin_backend.db.rows import (
    ChunkRow,
    DeliveryFileRow,
    DeliveryRow,
    GenerationRow,
    TakeRow,
    columns_of,
    read_row,
)
from plugin_backend.db.tables import chunks, deliveries
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.cut_plan import parts_of
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.delivering.plan_version import check_version
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import DELIVERY, ChunkState, DeliveryEvent, DeliveryState
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.delivering.chunks import open_ranges, show
from plugin_backend.services.delivering.delivered_files import kept_files, list_files
from plugin_backend.services.house import House
from plugin_backend.services.keeping import storage_room
from plugin_backend.services.moves import failure_of, move_delivery

_WAIT: Final = timedelta(seconds=10)
_CHECKS_TOLD: Final = 50
"""Of those that failed; the report has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredTake:
    """One take of a delivery: a cut has several, every other one."""

    delivery: DeliveryRow
    take: TakeRow
    generation: GenerationRow
    work: Mapping[str, Any]
    """The arguments of the conform operations, as they were planned when it was asked for."""
    chunks: tuple[ChunkRow, ...] = ()
    """Its own ranges, in order."""
    told: DirectionRow | None = None
    """What its try was told; read, as `seen`, once every range is made."""
    seen: EvaluationRow | None = None
    """What was measured in the take."""
    comments: tuple[CommentRow, ...] = ()
    """What was said of its frames and is still open."""

    @property
    def plan(self) -> ConformPlan:
        """What has to be done to it."""
        return ConformPlan.from_json(self.work["plan"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryInHand:
    """A claimed delivery with the takes it is made of, and how far its ranges are."""

    delivery: DeliveryRow
    parts: tuple[DeliveredTake, ...]
    chunks: tuple[ChunkRow, ...]
    """In order; without their results until every one is made."""
    files: tuple[DeliveryFileRow, ...] = ()
    """What is kept of it: a ready one's files, a failed one's reports."""

    @property
    def request(self) -> DeliveryRequest:
        """What was asked for, its sequence filled in."""
        return DeliveryRequest.from_json(self.delivery.request)

    @property
    def media_lane(self) -> Lane:
        """Where its pixels are worked on."""
        is_draft = all(part.generation.kind is Kind.DRAFT for part in self.parts)
        return Lane.MEDIA_DRAFT if is_draft else Lane.MEDIA_MASTER

    @property
    def prefix(self) -> str:
        """Below which all of it lies in storage."""
        found: str = (self.delivery.plan or {}).get("prefix", Kept.DELIVERY.prefix(self.delivery.id))
        return found

    @property
    def is_made(self) -> bool:
        """Whether every range lies in storage."""
        return bool(self.chunks) and all(chunk.state == ChunkState.DONE for chunk in self.chunks)

    @property
    def broken(self) -> ChunkRow | None:
        """A range that could not be made."""
        return next((chunk for chunk in self.chunks if chunk.state == ChunkState.FAILED), None)


def look(house: House, claim: Claim) -> DeliveryInHand | None:
    """Read a claimed delivery; None (and the row closed) when nothing is to be done for it.

    NewerPlanError when workers of a later version are to make it; an ended one is cleared away by any.
    """
    with house.begin() as work:
        row = find_delivery(work.connection, claim.subject_id)
        if row is None or not _is_wanted(row):
            stepping.done(work, claim)
            return None
        if row.state in DELIVERY.unfinished:
            check_version(row.plan or {})
        ranges = _ranges(work, row.id)
        return DeliveryInHand(
            delivery=row,
            parts=() if row.plan is None else tuple(_parts(work, row, ranges)),  # of somebody forgotten
            chunks=ranges,
            files=kept_files(work, row),
        )


def _parts(work: UnitOfWork, row: DeliveryRow, ranges: Sequence[ChunkRow]) -> Iterator[DeliveredTake]:
    """Each with the ranges that are its own: they are counted on from part to part."""
    first, taken = 0, taken_for(work.connection, row)
    is_made = all(each.state == ChunkState.DONE for each in ranges)
    told = directions_of_takes(work.connection, [take for take, _ in taken]) if is_made else {}
    seen = evaluations_of_takes(work.connection, [take.id for take, _ in taken]) if is_made else {}
    said = open_comments_of(work.connection, [take.id for take, _ in taken]) if is_made else {}
    for (take, generation), part in zip(taken, parts_of(row.plan or {}), strict=True):
        last = first + len(part["plan"]["chunks"])
        yield DeliveredTake(
            delivery=row,
            take=take,
            generation=generation,
            work=part,
            chunks=tuple(ranges[first:last]),
            told=told.get(take.id),
            seen=seen.get(take.id),
            comments=said.get(take.id, ()),
        )
        first = last


def _is_wanted(row: DeliveryRow) -> bool:
    building = row.archive is not None and row.archive["state"] == "building"
    return row.state is not DeliveryState.READY or building


def _ranges(work: UnitOfWork, delivery_id: str) -> tuple[ChunkRow, ...]:
    """What a range gave may be long, and who waits looks every second: it is read once all are made."""
    others = chunks.alias()
    unmade = exists().where(others.c.delivery_id == delivery_id, others.c.state != ChunkState.DONE)
    told = case((~unmade, chunks.c.result)).label("result")
    columns = [told if column is chunks.c.result else column for column in columns_of(chunks, ChunkRow)]
    query = select(*columns).where(chunks.c.delivery_id == delivery_id).order_by(chunks.c.number)
    return tuple(read_row(ChunkRow, part) for part in work.connection.execute(query))


def begin(
    house: House,
    claim: Claim,
    hand: DeliveryInHand,
    *,
    ranges: Sequence[tuple[int, int]],
) -> None:
    """The ranges of the plan become due."""
    row = hand.delivery
    with house.begin() as work:
        move_delivery(work, row, DeliveryEvent.CONFORMING, progress=0.0)
        open_ranges(work, ranges, lane=hand.media_lane, owned=row.owned, delivery_id=row.id)
        stepping.again(work, claim, after=_WAIT)


def wait(house: House, claim: Claim, hand: DeliveryInHand) -> None:
    """Ranges are still being made and tell how far themselves; the last one nudges."""
    with house.begin() as work:
        show(work, hand.delivery.id)
        stepping.again(work, claim, after=_WAIT)


def to_media(house: House, claim: Claim, hand: DeliveryInHand) -> None:
    """All ranges are made: a media step puts them together."""
    with house.begin() as work:
        show(work, hand.delivery.id, every=timedelta(0))
        stepping.again(work, claim, after=timedelta(0), lane=hand.media_lane)


def ready(
    house: House,
    claim: Claim,
    hand: DeliveryInHand,
    *,
    files: Sequence[Mapping[str, Any]],
    clips: Sequence[Mapping[str, Any]],
) -> None:
    """Every file is in storage, checked and counted: the host may import it."""
    row = hand.delivery
    with house.begin() as work:
        move_delivery(work, row, DeliveryEvent.READY, clips=list(clips), progress=1.0)
        list_files(work, row, files)
        stepping.done(work, claim)


def failed(house: House, claim: Claim, hand: DeliveryInHand, *, slug: str, detail: str) -> None:
    """It cannot be made; nothing partial is shown, and its next step removes what there is."""
    failure = failure_of(slug, detail)
    with house.begin() as work:
        move_delivery(work, hand.delivery, DeliveryEvent.FAILED, failure=failure)
        stepping.again(work, claim, after=timedelta(0))


def not_as_asked(
    house: House,
    claim: Claim,
    hand: DeliveryInHand,
    *,
    detail: str,
    checks: Sequence[Mapping[str, Any]],
    reports: Sequence[Mapping[str, Any]],
) -> None:
    """Its files were read back and are not what was asked for: they go as ever, and reports stay."""
    told = [{name: check[name] for name in ("file", "check", "asked", "found")} for check in checks]
    failure = {**failure_of("internal", detail), "checks": told[:_CHECKS_TOLD]}
    with house.begin() as work:
        move_delivery(work, hand.delivery, DeliveryEvent.FAILED, failure=failure)
        list_files(work, hand.delivery, reports)
        stepping.again(work, claim, after=timedelta(0))


def given_up(house: House, claim: Claim, hand: DeliveryInHand, *, slug: str, detail: str) -> None:
    """Its step broke for good: the delivery has failed, or only its archive, or only its removal."""
    if hand.delivery.state is DeliveryState.READY:
        archived(house, claim, hand, archive={"state": "failed", "detail": detail})
    elif hand.delivery.state in DELIVERY.terminal:
        with house.begin() as work:
            stepping.remove_later(work, claim)
    else:
        failed(house, claim, hand, slug=slug, detail=detail)


def removed(house: House, claim: Claim, hand: DeliveryInHand) -> None:
    """Nothing of an abandoned one lies in storage now."""
    ended_at = hand.delivery.finished_at
    assert ended_at is not None
    with house.begin() as work:
        stepping.done_removing(work, claim, since=ended_at)


def archived(house: House, claim: Claim, hand: DeliveryInHand, *, archive: Mapping[str, Any]) -> None:
    """The zip is built, or could not be."""
    size = house.storage.size(Kept.DELIVERY.prefix(hand.delivery.id))
    with house.begin() as work:
        work.connection.execute(
            update(deliveries)
            .where(deliveries.c.id == hand.delivery.id)
            .values(archive=dict(archive), version=deliveries.c.version + 1, updated_at=work.now)
        )
        _count(work, hand, size)
        record_event(work, "delivery.archived", subject_id=hand.delivery.id, owned=hand.delivery.owned)
        stepping.done(work, claim)


def _count(work: UnitOfWork, hand: DeliveryInHand, size: int) -> None:
    """With its zip; nothing of a delivery whose takes are gone counts."""
    taken = taken_for(work.connection, hand.delivery, hold=True)
    if all(take.media_deleted_at is None for take, _ in taken):
        storage_room.record(work, Kept.DELIVERY, hand.delivery.id, owned=hand.delivery.owned, bytes_=size)
