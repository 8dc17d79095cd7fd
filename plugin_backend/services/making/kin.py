"""The takes that a take is made from: what its brief goes on from, and the draft it is the master of."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from plugin_backend.db.rows import GenerationRow, TakeRow, columns_of, read_row
from plugin_backend.db.tables import generations, takes
from plugin_backend.domain.brief import GenerationRequest


@dataclass(frozen=True, slots=True)
class Kin:
    """A stored take, and whose model made it."""

    take: TakeRow
    provider: str


def kin_of(
    connection: Connection, generation: GenerationRow, request: GenerationRequest
) -> Mapping[str, Kin]:
    """Those takes by id; most have none, and then nothing is asked."""
    source = request.brief.source
    named = {
        None if source is None else source.take_id,
        None if generation.promotion is None else generation.promotion["draft_take_id"],
    }
    take_ids = [take_id for take_id in named if take_id is not None]
    if not take_ids:
        return {}
    found = connection.execute(
        select(
            func.coalesce(takes.c.provider, generations.c.provider).label("made_by"),
            *columns_of(takes, TakeRow),
        )
        .join_from(takes, generations, generations.c.id == takes.c.generation_id)
        .where(takes.c.id.in_(take_ids))
    )
    return {row.id: Kin(read_row(TakeRow, row), row.made_by) for row in found}
