"""Why a take is not there yet: one line of its trace for each reason, however often that holds it up."""

from sqlalchemy import exists, select

from plugin_backend.db.journal import note
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.tables import trace_notes
from plugin_backend.db.unit_of_work import UnitOfWork


def explain(work: UnitOfWork, take: TakeRow, why: str, *, reason: str, provider: str) -> None:
    """Say it in the trace, unless this take's trace says so already; `reason` is the word for it."""
    columns = trace_notes.c
    is_told = exists().where(
        columns.generation_id == take.generation_id,
        columns.take == take.number,
        columns.data["waiting"].astext == reason,
    )
    if work.connection.execute(select(is_told)).scalar_one():
        return
    note(
        work,
        "note",
        f"Take {take.number} {why}",
        generation_id=take.generation_id,
        owned=take.owned,
        take=take.number,
        data={"waiting": reason, "provider": provider},
    )
