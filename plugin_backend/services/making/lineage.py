"""Where a take comes from: the drafts and sources it was made of, one generation after the other."""

from collections.abc import Mapping, Sequence
from typing import Final

from plugin_backend.db.generations import find_generation, find_take
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.terms import TermsByModel, terms_of
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.services.house import House

_MOST: Final = 8  # a draft, its master, and a few extensions; further back nobody looks

Taken = tuple[TakeRow, GenerationRow]


def lineage_of(house: House, take: TakeRow, generation: GenerationRow) -> tuple[Taken, ...]:
    """The take last; before it the take its own was made from, and so on back to the first."""
    found: list[Taken] = [(take, generation)]
    with house.begin() as work:
        while len(found) < _MOST and (earlier := _made_from(work, found[0][1])) is not None:
            found.insert(0, earlier)
    return tuple(found)


def terms_when_asked(house: House, generation_ids: Sequence[str]) -> Mapping[str, TermsByModel]:
    """What the models allowed with their results when those generations were asked for."""
    with house.begin() as work:
        return terms_of(work.connection, generation_ids)


def _made_from(work: UnitOfWork, generation: GenerationRow) -> Taken | None:
    source = generation.request["brief"].get("source") or {}
    take_id = generation.from_take_id or source.get("take_id")
    take = None if take_id is None else find_take(work.connection, take_id)
    if take is None:
        return None
    earlier = find_generation(work.connection, take.generation_id)
    return None if earlier is None else (take, earlier)
