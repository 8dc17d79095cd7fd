"""Reading deliveries and their files."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from plugin_backend.db.generations import find_taken, hold_generation_of
from plugin_backend.db.rows import (
    DeliveryFileRow,
    DeliveryRow,
    GenerationRow,
    TakeRow,
    columns_of,
    read_row,
)
from plugin_backend.db.tables import deliveries, delivery_files, delivery_takes


def find_delivery(
    connection: Connection, delivery_id: str, *, workspace_id: str | None = None, lock: bool = False
) -> DeliveryRow | None:
    """One delivery, perhaps locked for this transaction; None outside the workspace."""
    statement = select(*columns_of(deliveries, DeliveryRow)).where(deliveries.c.id == delivery_id)
    if workspace_id is not None:
        statement = statement.where(deliveries.c.workspace_id == workspace_id)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    return None if row is None else read_row(DeliveryRow, row)


def taken_for(
    connection: Connection, row: DeliveryRow, *, hold: bool = False
) -> tuple[tuple[TakeRow, GenerationRow], ...]:
    """The takes a delivery is made of, in order; those that are held are deleted by nobody meanwhile."""
    take_ids = [row.take_id] if row.take_id is not None else _takes_of_cut(connection, row.id)
    for take_id in sorted(take_ids) if hold else ():
        hold_generation_of(connection, take_id)
    found = find_taken(connection, take_ids)
    return tuple(found[take_id] for take_id in take_ids)


def _takes_of_cut(connection: Connection, delivery_id: str) -> list[str]:
    found = connection.execute(
        select(delivery_takes.c.take_id)
        .where(delivery_takes.c.delivery_id == delivery_id)
        .order_by(delivery_takes.c.number)
    )
    return [row.take_id for row in found]


def files_of(
    connection: Connection, delivery_ids: Iterable[str]
) -> Mapping[str, tuple[DeliveryFileRow, ...]]:
    """The files of some deliveries, without the single frames of their sequences."""
    found = connection.execute(
        select(*columns_of(delivery_files, DeliveryFileRow))
        .where(delivery_files.c.delivery_id.in_(list(delivery_ids)), delivery_files.c.frame.is_(None))
        .order_by(delivery_files.c.delivery_id, delivery_files.c.number)
    )
    grouped: dict[str, list[DeliveryFileRow]] = {}
    for row in found:
        grouped.setdefault(row.delivery_id, []).append(read_row(DeliveryFileRow, row))
    return {delivery_id: tuple(rows) for delivery_id, rows in grouped.items()}


def frames_of(
    connection: Connection,
    delivery_id: str,
    *,
    after: int | None,
    limit: int | None,
    of: DeliveryFileRow | None = None,
) -> tuple[DeliveryFileRow, ...]:
    """The frames of a delivery's image sequences, in order; `after` is a file's number among all.

    `of` is the row of one sequence: its frames come right after it.
    """
    statement = select(*columns_of(delivery_files, DeliveryFileRow)).where(
        delivery_files.c.delivery_id == delivery_id, delivery_files.c.frame.is_not(None)
    )
    if of is not None:
        assert of.sequence is not None, "frames are of an image sequence"
        last = of.number + of.sequence["count"]
        statement = statement.where(delivery_files.c.number.between(of.number + 1, last))
    if after is not None:
        statement = statement.where(delivery_files.c.number > after)
    found = connection.execute(statement.order_by(delivery_files.c.number).limit(limit))
    return tuple(read_row(DeliveryFileRow, row) for row in found)
