"""What is kept of a delivery that has ended: a ready one's files, the reports of one that is not as asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert

from plugin_backend.db.deliveries import files_of, frames_of
from plugin_backend.db.rows import DeliveryFileRow, DeliveryRow
from plugin_backend.db.tables import delivery_files
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import DeliveryState
from plugin_backend.services.keeping import storage_room


def list_files(work: UnitOfWork, row: DeliveryRow, files: Sequence[Mapping[str, Any]]) -> None:
    """They are the delivery's now, and count as its owner's."""
    work.connection.execute(delete(delivery_files).where(delivery_files.c.delivery_id == row.id))
    values = [
        {"frame": None, "sequence": None, **file, "delivery_id": row.id, "number": number}
        for number, file in enumerate(files)
    ]
    work.connection.execute(insert(delivery_files), values)
    size = sum(file["bytes"] for file in values if file["sequence"] is None)
    storage_room.record(work, Kept.DELIVERY, row.id, owned=row.owned, bytes_=size)


def kept_files(work: UnitOfWork, row: DeliveryRow) -> tuple[DeliveryFileRow, ...]:
    """Every file of an ended delivery, its frames after the others."""
    if row.state not in (DeliveryState.READY, DeliveryState.FAILED):
        return ()
    whole = files_of(work.connection, [row.id]).get(row.id, ())
    return whole + frames_of(work.connection, row.id, after=None, limit=None)
