"""The director's rows: what each try was told, and what was seen in each take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from plugin_backend.db.rows import TakeRow, columns_of, read_row, read_rows
from plugin_backend.db.tables import directions, evaluations, takes
from plugin_backend.domain.ids import Prefix, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionRow:
    """What one try was told."""

    generation_id: str
    iteration: int
    plan: Mapping[str, Any]
    directives: Sequence[Mapping[str, Any]]
    stronger: Mapping[str, int] = field(default_factory=dict)
    steers: Sequence[str] = ()
    model: str | None = None
    why: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRow:
    """What was seen in one take; not `done_at`: it is still to be looked at."""

    id: str
    workspace_id: str
    owner_id: str
    take_id: str
    generation_id: str
    evaluation: Mapping[str, Any] | None = None
    judgement: Mapping[str, Any] | None = None
    opinions: Mapping[str, Any] | None = None
    pictures: Mapping[str, Any] | None = None
    failure: str | None = None
    created_at: datetime
    done_at: datetime | None = None


def add_direction(connection: Connection, row: DirectionRow) -> None:
    """Write what a try is told, before any of its takes is asked for."""
    connection.execute(directions.insert().inline(), _values(row))


def replace_direction(connection: Connection, row: DirectionRow) -> None:
    """Tell a try something else, while none of its takes was asked for."""
    mine = (directions.c.generation_id == row.generation_id) & (directions.c.iteration == row.iteration)
    connection.execute(update(directions).where(mine).values(_values(row)))


def _values(row: DirectionRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("generation_id", "iteration", "model", "why", "created_at")},
        "plan": dict(row.plan),
        "directives": list(row.directives),
        "stronger": dict(row.stronger),
        "steers": list(row.steers),
    }


def directions_of(connection: Connection, generation_id: str) -> tuple[DirectionRow, ...]:
    """Every try of a generation, in order."""
    chosen = select(*columns_of(directions, DirectionRow)).where(directions.c.generation_id == generation_id)
    return read_rows(DirectionRow, connection.execute(chosen.order_by(directions.c.iteration)).all())


def directions_of_takes(connection: Connection, taken: Sequence[TakeRow]) -> Mapping[str, DirectionRow]:
    """What each of these takes was told, by the take's id; those of before the director have none."""
    ids = {take.generation_id for take in taken}
    chosen = select(*columns_of(directions, DirectionRow)).where(directions.c.generation_id.in_(ids))
    rows = read_rows(DirectionRow, connection.execute(chosen).all())
    found = {(row.generation_id, row.iteration): row for row in rows}
    keyed = {take.id: found.get((take.generation_id, take.iteration)) for take in taken}
    return {take_id: row for take_id, row in keyed.items() if row is not None}


def direction_of(connection: Connection, take_id: str) -> DirectionRow | None:
    """What one take was told."""
    chosen = select(*columns_of(directions, DirectionRow)).where(
        takes.c.id == take_id,
        directions.c.generation_id == takes.c.generation_id,
        directions.c.iteration == takes.c.iteration,
    )
    row = connection.execute(chosen).one_or_none()
    return None if row is None else read_row(DirectionRow, row)


def open_evaluation(connection: Connection, take: TakeRow, *, now: datetime) -> str:
    """A take that is to be looked at; the id of its row."""
    evaluation_id = new_id(Prefix.EVALUATION, at=now)
    connection.execute(
        evaluations.insert().inline(),
        {
            "id": evaluation_id,
            "workspace_id": take.workspace_id,
            "owner_id": take.owner_id,
            "take_id": take.id,
            "generation_id": take.generation_id,
            "created_at": now,
        },
    )
    return evaluation_id


def find_evaluation(connection: Connection, evaluation_id: str) -> tuple[EvaluationRow, TakeRow] | None:
    """One evaluation with its take."""
    row = connection.execute(
        select(*columns_of(evaluations, EvaluationRow)).where(evaluations.c.id == evaluation_id)
    ).one_or_none()
    if row is None:
        return None
    found = read_row(EvaluationRow, row)
    take = connection.execute(select(*columns_of(takes, TakeRow)).where(takes.c.id == found.take_id)).one()
    return found, read_row(TakeRow, take)


def evaluations_of(connection: Connection, generation_id: str) -> Mapping[str, EvaluationRow]:
    """What was seen in a generation's takes, by the take's id."""
    chosen = select(*columns_of(evaluations, EvaluationRow)).where(
        evaluations.c.generation_id == generation_id
    )
    return {row.take_id: row for row in read_rows(EvaluationRow, connection.execute(chosen).all())}


def evaluations_of_takes(connection: Connection, take_ids: Sequence[str]) -> Mapping[str, EvaluationRow]:
    """What was seen in these takes, by the take's id."""
    chosen = select(*columns_of(evaluations, EvaluationRow)).where(evaluations.c.take_id.in_(take_ids))
    return {row.take_id: row for row in read_rows(EvaluationRow, connection.execute(chosen).all())}


def evaluation_of(connection: Connection, take_id: str) -> EvaluationRow | None:
    """What was seen in one take."""
    return evaluations_of_takes(connection, [take_id]).get(take_id)


def unfinished_evaluations(connection: Connection, generation_id: str) -> Sequence[str]:
    """The rows of stored takes that nobody has looked at yet."""
    mine = (evaluations.c.generation_id == generation_id) & evaluations.c.done_at.is_(None)
    return connection.scalars(select(evaluations.c.id).where(mine)).all()


def close_evaluation(connection: Connection, evaluation_id: str, *, now: datetime, **seen: Any) -> bool:
    """Write what was seen, once; False when it was written already."""
    still_open = (evaluations.c.id == evaluation_id) & evaluations.c.done_at.is_(None)
    values = {"done_at": now, "version": evaluations.c.version + 1, **seen}
    return connection.execute(update(evaluations).where(still_open).values(values)).rowcount == 1
