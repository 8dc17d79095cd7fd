"""Removing what was made: a tombstone at once, the files by a step of their own, the books never."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update

from plugin_backend.db.generations import find_generation, takes_of
from plugin_backend.db.journal import record_event
from plugin_backend.db.rows import GenerationRow
from plugin_backend.db.storage_use import forget_uses
from plugin_backend.db.tables import deliveries, delivery_takes, generations, takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import DELIVERY
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.moves import touch_generation


@dataclass(frozen=True, slots=True)
class Doomed:
    """Where the media of a deleted generation lies."""

    deleted_at: datetime
    prefixes: tuple[str, ...]


def bury(work: UnitOfWork, row: GenerationRow) -> None:
    """Leave a tombstone of an ended generation that nothing unfinished is made of; its files go next."""
    made = work.connection.execute(
        update(generations).where(generations.c.id == row.id).values(deleted_at=work.now)
    )
    assert made.rowcount == 1, "it was read in this transaction"
    mine = update(takes).where(takes.c.generation_id == row.id).returning(takes.c.id)
    take_ids = list(work.connection.scalars(mine.values(media_deleted_at=work.now)))
    forget_uses(work.connection, [*take_ids, *_delivered(work, take_ids)])
    touch_generation(work, row.id)
    stepping.make_due(work, Due(row.id, Lane.STEP_MASTER, row.owned))
    record_event(work, "generation.deleted", subject_id=row.id, owned=row.owned)


def has_unfinished_dependant(work: UnitOfWork, row: GenerationRow) -> bool:
    """Whether a master or a delivery that is being made needs its takes."""
    mine = select(takes.c.id).where(takes.c.generation_id == row.id)
    source = generations.c.request["brief"]["source"]["take_id"].astext
    built_on = generations.c.from_take_id.in_(mine) | source.in_(mine)
    master = exists().where(
        generations.c.workspace_id == row.workspace_id, built_on, generations.c.finished_at.is_(None)
    )
    unfinished = [state.value for state in DELIVERY.unfinished]
    cut = select(delivery_takes.c.delivery_id).where(delivery_takes.c.take_id.in_(mine))
    of_mine = deliveries.c.take_id.in_(mine) | deliveries.c.id.in_(cut)
    delivery = exists().where(of_mine, deliveries.c.state.in_(unfinished))
    return bool(work.connection.execute(select(master | delivery)).scalar_one())


def deleted_media(house: House, claim: Claim) -> Doomed | None:
    """What is to be removed from storage; None when the generation was not deleted."""
    with house.begin() as work:
        row = find_generation(work.connection, claim.subject_id)
        if row is None or row.deleted_at is None:
            return None
        take_ids = [take.id for take in takes_of(work.connection, [row.id]).get(row.id, ())]
        of_takes = [Kept.TAKE.prefix(each) for each in take_ids]
        of_deliveries = [Kept.DELIVERY.prefix(each) for each in _delivered(work, take_ids)]
        return Doomed(row.deleted_at, (*of_takes, *of_deliveries))


def media_removed(house: House, claim: Claim, doomed: Doomed) -> None:
    """Nothing of a deleted generation lies in storage now."""
    with house.begin() as work:
        stepping.done_removing(work, claim, since=doomed.deleted_at)


def _delivered(work: UnitOfWork, take_ids: list[str]) -> list[str]:
    """The deliveries that some takes went into, alone or in a cut."""
    of_take = select(deliveries.c.id).where(deliveries.c.take_id.in_(take_ids))
    of_cut = select(delivery_takes.c.delivery_id).where(delivery_takes.c.take_id.in_(take_ids))
    return list(work.connection.scalars(of_take.union(of_cut)))
