"""The bytes that everybody has in storage: one row a subject, and totals that move in the same statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.journal import Owned
from plugin_backend.db.tables import storage_totals, storage_uses
from plugin_backend.domain.keeping import Kept

# A subject's row comes first, then its owner's total: both are there before either is changed.
_SET: Final = text(
    """
    WITH before AS (
        SELECT subject_id, owner_id, workspace_id, kind, bytes FROM storage_uses
        WHERE subject_id = :subject_id FOR UPDATE
    ), changed AS (
        UPDATE storage_uses SET bytes = :bytes, updated_at = :now FROM before
        WHERE storage_uses.subject_id = before.subject_id
    )
    UPDATE storage_totals SET bytes = storage_totals.bytes + :bytes - before.bytes FROM before
    WHERE storage_totals.owner_id = before.owner_id AND storage_totals.workspace_id = before.workspace_id
      AND storage_totals.kind = before.kind
    """
)
_FORGET: Final = text(
    """
    WITH gone AS (
        DELETE FROM storage_uses WHERE subject_id = ANY(:subject_ids)
        RETURNING owner_id, workspace_id, kind, bytes
    ), freed AS (
        SELECT owner_id, workspace_id, kind, sum(bytes) AS bytes FROM gone GROUP BY 1, 2, 3
    ), held AS (
        SELECT totals.owner_id, totals.workspace_id, totals.kind FROM storage_totals totals
        JOIN freed USING (owner_id, workspace_id, kind)
        ORDER BY 1, 2, 3 FOR UPDATE OF totals
    )
    UPDATE storage_totals SET bytes = storage_totals.bytes - freed.bytes
    FROM freed JOIN held USING (owner_id, workspace_id, kind)
    WHERE storage_totals.owner_id = freed.owner_id AND storage_totals.workspace_id = freed.workspace_id
      AND storage_totals.kind = freed.kind
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one subject has in storage."""

    subject_id: str
    kind: Kept
    bytes: int


def set_use(
    connection: Connection, subject_id: str, *, kind: Kept, owned: Owned, bytes_: int, now: datetime
) -> None:
    """What a subject has in storage now; its owner's total moves by the difference."""
    whose = {**owned.columns, "kind": kind}
    empty = {"subject_id": subject_id, **whose, "bytes": 0, "updated_at": now}
    connection.execute(insert(storage_uses).values(**empty).on_conflict_do_nothing())
    connection.execute(insert(storage_totals).values(**whose).on_conflict_do_nothing())
    connection.execute(_SET, {"subject_id": subject_id, "bytes": bytes_, "now": now})


def forget_uses(connection: Connection, subject_ids: Collection[str]) -> None:
    """These have nothing in storage that counts any more."""
    if subject_ids:
        connection.execute(_FORGET, {"subject_ids": sorted(subject_ids)})


def uses_between(
    connection: Connection, kind: Kept, *, after: str, upto: str | None
) -> Mapping[str, tuple[int, datetime]]:
    """What is on record for the subjects whose ids lie in a range, and since when."""
    columns = storage_uses.c
    within = (columns.kind == kind) & (columns.subject_id > after)
    if upto is not None:
        within &= columns.subject_id <= upto
    asked = select(columns.subject_id, columns.bytes, columns.updated_at).where(within)
    return {row.subject_id: (row.bytes, row.updated_at) for row in connection.execute(asked)}


def totals_of(
    connection: Connection, *, owner_id: str | None = None, workspace_id: str | None = None
) -> Mapping[Kept, int]:
    """The bytes of a person, of a workspace, or of everybody, by kind."""
    columns = storage_totals.c
    given = {columns.owner_id: owner_id, columns.workspace_id: workspace_id}
    conditions = [column == value for column, value in given.items() if value is not None]
    asked = select(columns.kind, func.sum(columns.bytes).label("bytes")).where(*conditions)
    found = {row.kind: int(row.bytes) for row in connection.execute(asked.group_by(columns.kind))}
    return {kind: found.get(kind, 0) for kind in Kept}


def largest_of(connection: Connection, owner_id: str, *, limit: int) -> tuple[Use, ...]:
    """A person's largest subjects, the largest first."""
    columns = storage_uses.c
    asked = select(columns.subject_id, columns.kind, columns.bytes).where(columns.owner_id == owner_id)
    found = connection.execute(asked.order_by(columns.bytes.desc(), columns.subject_id).limit(limit))
    return tuple(_use(row) for row in found)


def _use(row: Any) -> Use:
    return Use(subject_id=row.subject_id, kind=Kept(row.kind), bytes=row.bytes)
