"""Reading generations and their takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CollectionAggregate,
    ColumnElement,
    Connection,
    Select,
    Text,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from plugin_backend.db.marks import marked
from plugin_backend.db.rows import (
    AttemptRow,
    DeliveryRow,
    GenerationRow,
    TakeRow,
    columns_of,
    mapping_of,
    read_row,
    read_rows,
)
from plugin_backend.db.tables import attempts, deliveries, generations, takes, trace_notes
from plugin_backend.db.words import plan_for, said
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.lifecycle import GENERATION, GenerationState
from plugin_backend.domain.making.lateness import Expectation
from plugin_backend.domain.review import Approval

# Everybody who waits, in line: numbered in one pass, for a page asks for many.
_QUEUE: Final = (
    select(
        generations.c.id,
        func.row_number().over(partition_by=generations.c.kind, order_by=generations.c.id).label("position"),
    )
    .where(generations.c.finished_at.is_(None), generations.c.state == GenerationState.QUEUED)
    .subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFilter:
    """Which generations a list shows."""

    ids: tuple[str, ...] | None = None
    states: tuple[GenerationState, ...] | None = None
    kind: Kind | None = None
    project_id: str | None = None
    owner_id: str | None = None
    text: str | None = None
    batch_id: str | None = None
    model: str | None = None
    picked: bool | None = None
    """Whether one of its takes was picked."""
    applied: bool | None = None
    """Whether a delivery of it lies on somebody's timeline."""
    rated: int | None = None
    """The least rating that one of its takes has."""
    approval: Approval | None = None
    """What somebody answered of one of its takes."""
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
    expires_at: datetime | None = None  # when its media goes, in the answers that say so
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
        .where(takes.c.generation_id == among(generation_ids))
        .order_by(takes.c.generation_id, takes.c.number)
    )
    grouped: dict[str, list[TakeRow]] = defaultdict(list)
    for take in read_rows(TakeRow, found.all()):
        grouped[take.generation_id].append(take)
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
    plan_for(connection, chosen.text)
    found = connection.execute(_page(select(*columns_of(generations, GenerationRow)), chosen, workspace_id))
    return read_rows(GenerationRow, found.all())


def state_of_page(
    connection: Connection, chosen: GenerationFilter, *, workspace_id: str
) -> tuple[tuple[Any, ...], bool]:
    """What changes when a page's answer does, in one query; and whether anything on it is unfinished."""
    plan_for(connection, chosen.text)
    wanted = select(generations.c.id, generations.c.version, generations.c.finished_at)
    shown = _page(wanted, chosen, workspace_id).cte("shown")
    made = (
        select(
            func.count().label("count"),
            func.sum(deliveries.c.version).label("versions"),
            func.bool_or(deliveries.c.finished_at.is_(None)).label("unfinished"),
        )
        .select_from(shown)
        .join(takes, takes.c.generation_id == shown.c.id)
        .join(deliveries, deliveries.c.take_id == takes.c.id)
        .subquery()
    )
    spelt = func.concat(shown.c.id, ":", shown.c.version)
    of_each = func.md5(func.string_agg(spelt, aggregate_order_by(literal(","), shown.c.id)))
    # Nobody in line ever moves back, so the sum of their places tells of every move.
    places = select(func.sum(_QUEUE.c.position)).where(_QUEUE.c.id.in_(select(shown.c.id)))
    row = connection.execute(
        select(
            select(of_each).scalar_subquery(),
            places.scalar_subquery(),
            made.c.count,
            made.c.versions,
            select(func.bool_or(shown.c.finished_at.is_(None))).scalar_subquery(),
            made.c.unfinished,
        ).select_from(made)
    ).one()
    return tuple(row), bool(row[4] or row[5])


def among(ids: Iterable[str]) -> CollectionAggregate[Any]:
    """One of these: a single value to the database, where `in_` is spelt out id by id each time."""
    return any_(literal(list(ids), ARRAY(Text)))


def _page(statement: Select[Any], chosen: GenerationFilter, workspace_id: str | None) -> Select[Any]:
    """What is read of generations, of one page of them."""
    column = generations.c.id
    conditions = [generations.c.deleted_at.is_(None), *_conditions(chosen, workspace_id)]
    return statement.where(*conditions).order_by(column.desc()).limit(chosen.limit)


def _conditions(chosen: GenerationFilter, workspace_id: str | None) -> Iterator[ColumnElement[bool]]:
    columns = generations.c
    plain = {
        columns.workspace_id: workspace_id,
        columns.kind: chosen.kind,
        columns.project_id: chosen.project_id,
        columns.owner_id: chosen.owner_id,
        columns.batch_id: chosen.batch_id,
        columns.model: chosen.model,
    }
    yield from (column == value for column, value in plain.items() if value is not None)
    if chosen.ids is not None:
        yield columns.id.in_(chosen.ids)
    if chosen.states is not None:
        yield columns.state.in_(chosen.states)
        if not set(chosen.states) & GENERATION.terminal:
            yield columns.finished_at.is_(None)
    if chosen.text:
        yield from said(chosen.text)
    if chosen.before is not None:
        yield columns.id < chosen.before
    yield from marked(
        workspace_id=workspace_id,
        picked=chosen.picked,
        applied=chosen.applied,
        rated=chosen.rated,
        approval=chosen.approval,
    )


def views_of(connection: Connection, rows: Sequence[GenerationRow]) -> tuple[GenerationView, ...]:
    """Generations with all that hangs on them, in three more queries however many there are."""
    if not rows:
        return ()
    taken = takes_of(connection, [row.id for row in rows])
    made = _deliveries_of(connection, [row.id for row in rows])
    positions = _positions(connection, rows)
    return tuple(
        GenerationView(
            generation=row,
            takes=taken.get(row.id, ()),
            deliveries=tuple(made.get(row.id, ())),
            queue_position=positions.get(row.id),
        )
        for row in rows
    )


def _deliveries_of(connection: Connection, generation_ids: Sequence[str]) -> Mapping[str, list[DeliveryRow]]:
    found = connection.execute(
        select(takes.c.generation_id, *columns_of(deliveries, DeliveryRow))
        .join_from(deliveries, takes, takes.c.id == deliveries.c.take_id)
        .where(takes.c.generation_id == among(generation_ids))
        .order_by(deliveries.c.id)
    )
    grouped: dict[str, list[DeliveryRow]] = defaultdict(list)
    for row in found:
        grouped[row.generation_id].append(read_row(DeliveryRow, row))
    return grouped


def _positions(connection: Connection, rows: Sequence[GenerationRow]) -> Mapping[str, int]:
    """How many of its kind, over all users, were asked for before each and still wait; counted from 1."""
    queued = [row.id for row in rows if row.state is GenerationState.QUEUED]
    if not queued:
        return {}
    found = connection.execute(select(_QUEUE.c.id, _QUEUE.c.position).where(_QUEUE.c.id == among(queued)))
    return {row.id: row.position for row in found.all()}


def notes_of(connection: Connection, generation_id: str) -> list[Mapping[str, Any]]:
    """The trace of one generation, in order."""
    columns = trace_notes.c
    found = connection.execute(
        select(columns.at, columns.step, columns.take, columns.summary, columns.data)
        .where(columns.generation_id == generation_id)
        .order_by(columns.id)
    )
    return [dict(mapping_of(row)) for row in found]
