"""Reading generations and their takes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from plugin_backend.db.rows import (
    AttemptRow,
    DeliveryRow,
    GenerationRow,
    TakeRow,
    columns_of,
    read_row,
)
from plugin_backend.db.tables import attempts, deliveries, generations, takes, trace_notes
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.lateness import Expectation
from plugin_backend.domain.lifecycle import GENERATION, GenerationState


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFilter:
    """Which generations a list shows."""

    ids: tuple[str, ...] | None = None
    states: tuple[GenerationState, ...] | None = None
    kind: Kind | None = None
    project_id: str | None = None
    text: str | None = None
    batch_id: str | None = None
    before: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationView:
    """A generation with its takes and deliveries, read in one moment."""

    generation: GenerationRow
    takes: tuple[TakeRow, ...] = ()
    deliveries: tuple[DeliveryRow, ...] = ()
    queue_position: int | None = None
    cancellation: Mapping[str, Any] | None = None
    """What a cancel came to, in the answer to it."""
    expected: Expectation | None = field(default=None, compare=False)
    """When it should be there, in the answers that say so."""


def find_generation(
    connection: Connection, generation_id: str, *, workspace_id: str | None = None, lock: bool = False
) -> GenerationRow | None:
    """One generation, perhaps locked for this transaction; None outside the workspace."""
    statement = select(*columns_of(generations, GenerationRow)).where(generations.c.id == generation_id)
    if workspace_id is not None:
        statement = statement.where(
            generations.c.workspace_id == workspace_id, generations.c.deleted_at.is_(None)
        )
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    return None if row is None else read_row(GenerationRow, row)


def find_take(
    connection: Connection, take_id: str, *, workspace_id: str | None = None, lock: bool = False
) -> TakeRow | None:
    """One take, perhaps locked for this transaction; None outside the workspace."""
    statement = select(*columns_of(takes, TakeRow)).where(takes.c.id == take_id)
    if workspace_id is not None:
        statement = statement.where(takes.c.workspace_id == workspace_id)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    return None if row is None else read_row(TakeRow, row)


def find_taken(
    connection: Connection, take_ids: Sequence[str]
) -> Mapping[str, tuple[TakeRow, GenerationRow]]:
    """Some takes with their generations, by the take's id."""
    chosen = select(*columns_of(takes, TakeRow)).where(takes.c.id.in_(take_ids))
    taken = [read_row(TakeRow, row) for row in connection.execute(chosen)]
    asked = select(*columns_of(generations, GenerationRow)).where(
        generations.c.id.in_({take.generation_id for take in taken})
    )
    rows = {row.id: read_row(GenerationRow, row) for row in connection.execute(asked)}
    return {take.id: (take, rows[take.generation_id]) for take in taken}


def hold_generation_of(connection: Connection, take_id: str) -> None:
    """Until this transaction ends, nobody deletes the generation a take belongs to."""
    mine = select(takes.c.generation_id).where(takes.c.id == take_id).scalar_subquery()
    held = select(generations.c.id).where(generations.c.id == mine).with_for_update(read=True)
    connection.execute(held)


def takes_of(connection: Connection, generation_ids: Iterable[str]) -> Mapping[str, tuple[TakeRow, ...]]:
    """The takes of some generations, each in order of number."""
    found = connection.execute(
        select(*columns_of(takes, TakeRow))
        .where(takes.c.generation_id.in_(list(generation_ids)))
        .order_by(takes.c.generation_id, takes.c.number)
    )
    grouped: dict[str, list[TakeRow]] = defaultdict(list)
    for row in found:
        grouped[row.generation_id].append(read_row(TakeRow, row))
    return {generation_id: tuple(rows) for generation_id, rows in grouped.items()}


def attempts_of(connection: Connection, take_ids: Iterable[str]) -> tuple[AttemptRow, ...]:
    """Every POST made for some takes, oldest first."""
    found = connection.execute(
        select(*columns_of(attempts, AttemptRow))
        .where(attempts.c.take_id.in_(list(take_ids)))
        .order_by(attempts.c.created_at, attempts.c.id)
    )
    return tuple(read_row(AttemptRow, row) for row in found)


def list_generations(
    connection: Connection, chosen: GenerationFilter, *, workspace_id: str | None
) -> tuple[GenerationRow, ...]:
    """Generations of a workspace (of all, for an operator), newest first."""
    columns = generations.c
    statement = select(*columns_of(generations, GenerationRow)).where(columns.deleted_at.is_(None))
    conditions: list[Any] = []
    if workspace_id is not None:
        conditions.append(columns.workspace_id == workspace_id)
    if chosen.ids is not None:
        conditions.append(columns.id.in_(chosen.ids))
    if chosen.states is not None:
        conditions.append(columns.state.in_(chosen.states))
        if not set(chosen.states) & GENERATION.terminal:
            conditions.append(columns.finished_at.is_(None))
    if chosen.kind is not None:
        conditions.append(columns.kind == chosen.kind)
    if chosen.project_id is not None:
        conditions.append(columns.project_id == chosen.project_id)
    if chosen.batch_id is not None:
        conditions.append(columns.batch_id == chosen.batch_id)
    if chosen.text:
        prompt = columns.request["brief"]["prompt"].astext
        conditions.append(prompt.icontains(chosen.text, autoescape=True))
    if chosen.before is not None:
        conditions.append(columns.id < chosen.before)
    found = connection.execute(statement.where(*conditions).order_by(columns.id.desc()).limit(chosen.limit))
    return tuple(read_row(GenerationRow, row) for row in found)


def views_of(connection: Connection, rows: Sequence[GenerationRow]) -> tuple[GenerationView, ...]:
    """Generations with all that hangs on them, in two more queries however many there are."""
    if not rows:
        return ()
    taken = takes_of(connection, [row.id for row in rows])
    made = _deliveries_of(connection, [row.id for row in rows])
    return tuple(
        GenerationView(
            generation=row,
            takes=taken.get(row.id, ()),
            deliveries=tuple(made.get(row.id, ())),
            queue_position=_position(connection, row),
        )
        for row in rows
    )


def _deliveries_of(connection: Connection, generation_ids: Sequence[str]) -> Mapping[str, list[DeliveryRow]]:
    found = connection.execute(
        select(takes.c.generation_id, *columns_of(deliveries, DeliveryRow))
        .join_from(deliveries, takes, takes.c.id == deliveries.c.take_id)
        .where(takes.c.generation_id.in_(generation_ids))
        .order_by(deliveries.c.id)
    )
    grouped: dict[str, list[DeliveryRow]] = defaultdict(list)
    for row in found:
        grouped[row.generation_id].append(read_row(DeliveryRow, row))
    return grouped


def _position(connection: Connection, row: GenerationRow) -> int | None:
    """How many of its kind, over all users, were asked for before it and still wait."""
    if row.state is not GenerationState.QUEUED:
        return None
    ahead: int = connection.execute(
        select(func.count())
        .select_from(generations)
        .where(
            generations.c.finished_at.is_(None),
            generations.c.state == GenerationState.QUEUED,
            generations.c.kind == row.kind,
            generations.c.id < row.id,
        )
    ).scalar_one()
    return ahead + 1


def notes_of(connection: Connection, generation_id: str) -> list[Mapping[str, Any]]:
    """The trace of one generation, in order."""
    columns = trace_notes.c
    found = connection.execute(
        select(columns.at, columns.step, columns.take, columns.summary, columns.data)
        .where(columns.generation_id == generation_id)
        .order_by(columns.id)
    )
    return [dict(row._mapping) for row in found]  # noqa: SLF001 - the documented way to a row's mapping
