"""Reading the audit, and the chain that seals it, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, text, true

from plugin_backend.db.tables import audit_chains, audit_entries, audit_reasons, audit_seals
from plugin_backend.domain.audit_chain import START, Entry, Head, Link, Reason

_LINKS: Final = text(
    """
    SELECT s.number, s.entry_id, s.prev_hash, s.hash, e.id, e.workspace_id, e.actor_id, e.action,
        e.subject_id, e.before::text AS before, e.after::text AS after, e.reason_hash, e.request_id, e.at,
        e.reason IS NOT NULL AS has_words, r.salt, r.words
    FROM audit_seals s
    LEFT JOIN audit_entries e ON e.id = s.entry_id
    LEFT JOIN audit_reasons r ON r.entry_id = s.entry_id
    WHERE s.workspace_id = :workspace_id AND s.number > :after
    ORDER BY s.number LIMIT :limit
    """
)
# One small step along an index for each chain: neither table is read whole to learn which there are.
_NEXT_CHAIN: Final = text(
    """
    SELECT least(
        (SELECT workspace_id FROM audit_seals WHERE workspace_id > :after ORDER BY workspace_id LIMIT 1),
        (SELECT workspace_id FROM audit_chains WHERE workspace_id > :after ORDER BY workspace_id LIMIT 1))
    """
)
_UNSEALED: Final = text(
    """
    SELECT max(id) AS last, min(id) FILTER (WHERE NOT is_sealed) AS unsealed FROM (
        SELECT e.id, EXISTS (SELECT FROM audit_seals s WHERE s.entry_id = e.id) AS is_sealed
        FROM audit_entries e
        WHERE e.id > :after AND (CAST(:workspace_id AS text) IS NULL OR e.workspace_id = :workspace_id)
        ORDER BY e.id LIMIT :limit) page
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Who changed what, and why; its number in its workspace's chain and its seal, in hexadecimal.

    Without them it was written past the chain.
    """

    id: int
    workspace_id: str
    actor_id: str
    action: str
    subject_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    request_id: str | None
    at: datetime
    number: int | None
    hash: str | None


def list_audit(
    connection: Connection,
    *,
    workspace_id: str | None,
    subject_id: str | None,
    before: int | None,
    limit: int,
) -> tuple[AuditRow, ...]:
    """Audit entries of a workspace (of all, for an operator), newest first."""
    entries, seals = audit_entries.c, audit_seals.c
    told = [column for column in entries if column.name not in ("reason", "reason_hash")]
    sealed = (seals.number, func.encode(seals.hash, "hex").label("hash"))
    statement = (
        select(*told, audit_reasons.c.words.label("reason"), *sealed)
        .join_from(audit_entries, audit_seals, seals.entry_id == entries.id, isouter=True)
        .outerjoin(audit_reasons, audit_reasons.c.entry_id == entries.id)
    )
    if workspace_id is not None:
        statement = statement.where(entries.workspace_id == workspace_id)
    if subject_id is not None:
        statement = statement.where(entries.subject_id == subject_id)
    if before is not None:
        statement = statement.where(entries.id < before)
    found = connection.execute(statement.order_by(entries.id.desc()).limit(limit))
    return tuple(AuditRow(**row._mapping) for row in found)  # noqa: SLF001 - the documented way


def next_chain(connection: Connection, *, after: str) -> str | None:
    """The workspace whose chain comes after another's; None after the last."""
    found: str | None = connection.execute(_NEXT_CHAIN, {"after": after}).scalar_one()
    return found


def extent(connection: Connection, workspace_id: str) -> tuple[Head, int]:
    """A chain's head as it stands, and the number of its last seal, at one moment: they should agree."""
    last = select(func.max(audit_seals.c.number)).where(audit_seals.c.workspace_id == workspace_id)
    head = (
        select(audit_chains.c.number, audit_chains.c.hash)
        .where(audit_chains.c.workspace_id == workspace_id)
        .subquery()
    )
    seals = select(func.coalesce(last.scalar_subquery(), 0).label("last")).subquery()
    row = connection.execute(select(seals, head).join_from(seals, head, true(), isouter=True)).one()
    return (START if row.number is None else Head(row.number, row.hash)), row.last


def seal_of(connection: Connection, workspace_id: str, number: int) -> bytes | None:
    """The seal of one entry of a chain; None where there is none."""
    columns = audit_seals.c
    mine = (columns.workspace_id == workspace_id, columns.number == number)
    found: bytes | None = connection.execute(select(columns.hash).where(*mine)).scalar_one_or_none()
    return found


def id_of(connection: Connection, workspace_id: str, number: int) -> int:
    """The id of one entry of a chain; 0 where there is none."""
    columns = audit_seals.c
    mine = (columns.workspace_id == workspace_id, columns.number == number)
    return connection.execute(select(columns.entry_id).where(*mine)).scalar_one_or_none() or 0


def links(connection: Connection, workspace_id: str, *, after: int, limit: int) -> Sequence[Link]:
    """The next links of a chain, in order."""
    values = {"workspace_id": workspace_id, "after": after, "limit": limit}
    return [_link(row) for row in connection.execute(_LINKS, values)]


def unsealed(
    connection: Connection, workspace_id: str | None, *, after: int, limit: int
) -> tuple[int | None, int | None]:
    """Of the next entries: the last one looked at (None: there are no more), and the first without a seal."""
    values = {"workspace_id": workspace_id, "after": after, "limit": limit}
    row = connection.execute(_UNSEALED, values).one()
    return row.last, row.unsealed


def _link(row: Row[Any]) -> Link:
    return Link(
        number=row.number,
        entry_id=row.entry_id,
        prev_hash=row.prev_hash,
        hash=row.hash,
        entry=None if row.id is None else _entry(row),
        reason=None if row.salt is None else Reason(row.salt, row.words),
        has_words=row.has_words,
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        workspace_id=row.workspace_id,
        actor_id=row.actor_id,
        action=row.action,
        subject_id=row.subject_id,
        before=row.before,
        after=row.after,
        reason_hash=row.reason_hash,
        request_id=row.request_id,
        at=row.at,
    )
