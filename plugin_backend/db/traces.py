"""In which trace a generation was asked for, so that its steps go on there wherever they run."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, insert, text

from plugin_backend.db.tables import generation_traces
from plugin_backend.domain.ids import Prefix, prefix_of

_OF: Final[Mapping[Prefix, str]] = {
    Prefix.GENERATION: "SELECT CAST(:id AS text)",
    Prefix.TAKE: "SELECT generation_id FROM takes WHERE id = :id",
    Prefix.ATTEMPT: (
        "SELECT t.generation_id FROM attempts a JOIN takes t ON t.id = a.take_id WHERE a.id = :id"
    ),
    Prefix.EVALUATION: "SELECT generation_id FROM evaluations WHERE id = :id",
    Prefix.DELIVERY: (
        "SELECT t.generation_id FROM deliveries d JOIN takes t ON t.id = d.take_id WHERE d.id = :id"
    ),
    Prefix.CHUNK: (
        "SELECT t.generation_id FROM chunks c LEFT JOIN deliveries d ON d.id = c.delivery_id"
        " LEFT JOIN renders r ON r.id = c.render_id JOIN takes t ON t.id = coalesce(d.take_id, r.subject_id)"
        " WHERE c.id = :id"
    ),
}


def keep_trace(connection: Connection, generation_ids: Sequence[str], traceparent: str) -> None:
    """They were asked for at this place."""
    rows = [{"generation_id": each, "traceparent": traceparent} for each in generation_ids]
    connection.execute(insert(generation_traces), rows)


def find_trace(connection: Connection, subject_id: str) -> str | None:
    """The place a row's generation was asked for at; None for what belongs to none, or was not traced."""
    of = _OF.get(prefix_of(subject_id))
    if of is None:
        return None
    statement = text(f"SELECT traceparent FROM generation_traces WHERE generation_id = ({of})")  # noqa: S608 - the queries above
    found: str | None = connection.execute(statement, {"id": subject_id}).scalar_one_or_none()
    return found
