"""Media that is over its plan's days: its owner is told, then it goes as if it had been deleted by hand.

What is unfinished, being made into something, shown by a storyboard or approved stays; a pick, a delivery and
an import count as use, and its days begin anew.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update

from plugin_backend.db.generations import GenerationView, find_generation
from plugin_backend.db.journal import record_event
from plugin_backend.db.retention import Place, ended_before, least_days, retentions_of
from plugin_backend.db.tables import generations
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.walks import WalkRow, find_walk, go_on
from plugin_backend.domain.keeping import WARNED_BEFORE
from plugin_backend.services.house import House
from plugin_backend.services.keeping.removing import bury, has_unfinished_dependant

WALK: Final = "retention"

_AT_ONCE: Final = 200
_BATCHES: Final = 10
"""As many in one turn of the clock; where it stopped it goes on the next time."""


def go_on_a_while(house: House) -> int:
    """One turn of the clock: tell owners, remove what is over; returns how much was removed."""
    removed = 0
    for _ in range(_BATCHES):
        batch = _next_batch(house)
        if batch is None:
            break
        row, places = batch
        ids = [generation_id for _, generation_id in places]
        over = _told(house, ids)
        removed += sum(_remove(house, generation_id) for generation_id in over)
        if not _moved_on(house, row, places) or len(places) < _AT_ONCE:
            break
    return removed


def aged(work: UnitOfWork, views: Sequence[GenerationView]) -> tuple[GenerationView, ...]:
    """The same, each with when its media goes."""
    ages = retentions_of(work.connection, [view.generation.id for view in views])
    return tuple(
        replace(view, expires_at=ages[view.generation.id].expires_at(now=work.now))
        if view.generation.id in ages
        else view
        for view in views
    )


def expires_at(work: UnitOfWork, generation_ids: Sequence[str]) -> datetime | None:
    """When the first of several goes, and with it what was made of them together; None: none does."""
    ages = retentions_of(work.connection, generation_ids).values()
    moments = [age.expires_at(now=work.now) for age in ages]
    return min((moment for moment in moments if moment is not None), default=None)


def _next_batch(house: House) -> tuple[WalkRow, Sequence[Place]] | None:
    with house.begin() as work:
        days = least_days(work.connection)
        if days is None:
            return None
        row = find_walk(work.connection, WALK, now=work.now)
        moment = work.now - timedelta(days=days) + WARNED_BEFORE
        places = ended_before(work.connection, moment, after=_place(row.place), limit=_AT_ONCE)
        return (row, places) if places or row.place else None


def _told(house: House, generation_ids: Sequence[str]) -> list[str]:
    """Tell the owners of those that will go; returns those that are to go now."""
    with house.begin() as work:
        ages = retentions_of(work.connection, generation_ids)
        for generation_id, age in sorted(ages.items()):
            if age.is_to_tell(now=work.now):
                _tell(work, generation_id, age.expires_at(now=work.now))
        return [each for each, age in ages.items() if age.is_over(now=work.now)]


def _tell(work: UnitOfWork, generation_id: str, moment: datetime | None) -> None:
    row = find_generation(work.connection, generation_id, lock=True)
    assert row is not None, "rows of generations stay"
    assert moment is not None, "what is told of has an end"
    columns = generations.c
    told = update(generations).where(columns.id == row.id)
    work.connection.execute(told.values(expiry_told_at=work.now, version=columns.version + 1))
    data = {"expires_at": moment.isoformat()}
    record_event(work, "generation.expiring", subject_id=row.id, owned=row.owned, data=data)


def _remove(house: House, generation_id: str) -> bool:
    """Looked at once more with its row in hand: somebody may have picked it this moment."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, lock=True)
        age = retentions_of(work.connection, [generation_id]).get(generation_id)
        if row is None or age is None or not age.is_over(now=work.now):
            return False
        if has_unfinished_dependant(work, row):
            return False
        bury(work, row)
        return True


def _moved_on(house: House, row: WalkRow, places: Sequence[Place]) -> bool:
    last = f"{places[-1][0].isoformat()} {places[-1][1]}" if len(places) == _AT_ONCE else ""
    with house.begin() as work:
        return go_on(work.connection, row, place=last, seen={}, now=work.now)


def _place(spelt: str) -> Place | None:
    moment, _, generation_id = spelt.partition(" ")
    return (datetime.fromisoformat(moment), generation_id) if moment else None
