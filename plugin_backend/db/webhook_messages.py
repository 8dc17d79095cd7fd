"""Reading and writing the messages to endpoints, and what was tried of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.tables import webhook_attempts, webhook_messages, webhooks
from plugin_backend.domain.webhooks.webhooks import MessageState

_HOOKS, _MESSAGES, _ATTEMPTS = webhooks.c, webhook_messages.c, webhook_attempts.c
_OWN: Final = (
    *(_ATTEMPTS.id, _ATTEMPTS.message_id, _ATTEMPTS.number, _ATTEMPTS.at),
    *(_ATTEMPTS.status, _ATTEMPTS.took_ms, _ATTEMPTS.error, _ATTEMPTS.answer),
)

_UNSENT: Final = text(
    """
    SELECT w.id, s.state, (
        SELECT count(*) FROM (
            SELECT FROM webhook_messages m WHERE m.webhook_id = w.id AND m.state = s.state LIMIT :most
        ) AS counted
    ) AS number
    FROM unnest(CAST(:ids AS text[])) AS w(id), unnest(ARRAY['pending', 'held']) AS s(state)
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One event to one endpoint."""

    id: str
    webhook_id: str
    workspace_id: str
    owner_id: str
    event_id: int | None
    type: str
    subject_id: str
    data: Mapping[str, Any]
    at: datetime
    state: str
    tries: int
    opened_at: datetime
    is_test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One POST to an endpoint, with what the message was."""

    id: str
    message_id: str
    number: int
    at: datetime
    status: int | None
    took_ms: int
    error: str | None
    answer: str | None
    type: str
    subject_id: str
    state: str


def unsent(connection: Connection, webhook_ids: Sequence[str], *, most: int) -> Mapping[tuple[str, str], int]:
    """How many messages to each wait or are held back, counted up to `most`."""
    found = connection.execute(_UNSENT, {"ids": list(webhook_ids), "most": most})
    return {(row.id, row.state): row.number for row in found}


def insert_messages(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """New messages; one that there is already stays as it is."""
    if values:
        connection.execute(upsert(webhook_messages).on_conflict_do_nothing(), list(values))


def find_message(connection: Connection, message_id: str) -> MessageRow | None:
    """One message."""
    chosen = select(*columns_of(webhook_messages, MessageRow)).where(_MESSAGES.id == message_id)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else read_row(MessageRow, row)


def change_message(connection: Connection, message_id: str, **values: Any) -> None:
    """How far it is."""
    connection.execute(update(webhook_messages).where(_MESSAGES.id == message_id).values(**values))


def reopen(connection: Connection, chosen: ColumnElement[bool], *, now: datetime) -> list[str]:
    """Some messages begin again; `chosen` is a condition on them. Returns their ids, the oldest first."""
    begun = {"state": MessageState.PENDING, "tries": 0, "opened_at": now, "finished_at": None}
    found = connection.execute(update(webhook_messages).where(chosen).values(**begun).returning(_MESSAGES.id))
    return sorted(row.id for row in found)


def count_messages(connection: Connection, chosen: Any) -> int:
    """How many there are of them."""
    return connection.execute(select(func.count()).where(chosen)).scalar_one()


def insert_attempt(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write down one POST."""
    connection.execute(insert(webhook_attempts).values(**values))


def list_attempts(
    connection: Connection, webhook_id: str, *, message_id: str | None, before: str | None, limit: int
) -> tuple[AttemptRow, ...]:
    """What was tried, newest first."""
    statement = _tried().where(_ATTEMPTS.webhook_id == webhook_id)
    if message_id is not None:
        statement = statement.where(_ATTEMPTS.message_id == message_id)
    if before is not None:
        statement = statement.where(_ATTEMPTS.id < before)
    found = connection.execute(statement.order_by(_ATTEMPTS.id.desc()).limit(limit))
    return tuple(read_row(AttemptRow, row) for row in found)


def find_attempt(connection: Connection, webhook_id: str, attempt_id: str) -> AttemptRow | None:
    """One POST to an endpoint."""
    chosen = _tried().where(_ATTEMPTS.id == attempt_id, _ATTEMPTS.webhook_id == webhook_id)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else read_row(AttemptRow, row)


def forget(connection: Connection, *, before: datetime, limit: int) -> None:
    """Remove what is too old, and what belonged to endpoints that were deleted; so many rows at most."""
    old = (_MESSAGES.created_at < before) & (_MESSAGES.state != MessageState.PENDING)
    unowned = _MESSAGES.webhook_id.in_(select(_HOOKS.id).where(_HOOKS.deleted_at.is_not(None)))
    for going in (old, unowned):
        some = select(_MESSAGES.id).where(going).limit(limit)
        connection.execute(delete(webhook_messages).where(_MESSAGES.id.in_(some)))
    tried = select(_ATTEMPTS.id).where(_ATTEMPTS.at < before).limit(limit)
    connection.execute(delete(webhook_attempts).where(_ATTEMPTS.id.in_(tried)))
    left = select(_MESSAGES.webhook_id).where(_MESSAGES.webhook_id == _HOOKS.id).exists()
    connection.execute(delete(webhooks).where(_HOOKS.deleted_at.is_not(None), ~left))


def pending_of(connection: Connection, webhook_id: str) -> Sequence[str]:
    """Messages of an endpoint that are on their way."""
    chosen = select(_MESSAGES.id).where(
        _MESSAGES.webhook_id == webhook_id, _MESSAGES.state == MessageState.PENDING
    )
    return connection.execute(chosen).scalars().all()


def _tried() -> Select[Any]:
    own = (*_OWN, _MESSAGES.type, _MESSAGES.subject_id, _MESSAGES.state)
    return select(*own).join_from(webhook_attempts, webhook_messages, _MESSAGES.id == _ATTEMPTS.message_id)
