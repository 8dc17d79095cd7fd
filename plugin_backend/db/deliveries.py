"""Reading deliveries and their files."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from plugin_backend.db.rows import DeliveryFileRow, DeliveryRow, columns_of, read_row
from plugin_backend.db.tables import deliveries, delivery_files


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
    connection: Connection, delivery_id: str, *, after: int | None, limit: int | None
) -> tuple[DeliveryFileRow, ...]:
    """The frames of a delivery's image sequence, in order."""
    statement = select(*columns_of(delivery_files, DeliveryFileRow)).where(
        delivery_files.c.delivery_id == delivery_id, delivery_files.c.frame.is_not(None)
    )
    if after is not None:
        statement = statement.where(delivery_files.c.frame > after)
    found = connection.execute(statement.order_by(delivery_files.c.frame).limit(limit))
    return tuple(read_row(DeliveryFileRow, row) for row in found)
