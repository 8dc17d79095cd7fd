"""Messages that are sent by hand: a test, one once more, or all of a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement

from plugin_backend.db import webhook_messages as messages
from plugin_backend.db import work as work_rows
from plugin_backend.db.tables import webhook_messages
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.webhook_messages import AttemptRow
from plugin_backend.db.webhooks import WebhookRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ConflictError, FieldProblem, NotFoundError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.webhooks.webhooks import KEPT, MOST_REPLAYED, TEST_EVENT, MessageState
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.moves import nudge
from plugin_backend.services.webhooks.webhook_outbox import due
from plugin_backend.services.webhooks.webhooks import mine

_COLUMNS: Final = webhook_messages.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Messages about events from `since` on, before `until`; all of them, or those never accepted."""

    since: datetime
    until: datetime
    delivered_too: bool = False


def attempts(
    house: House, caller: Caller, webhook_id: str, *, message_id: str | None, before: str | None, limit: int
) -> tuple[AttemptRow, ...]:
    """What was tried in the last 30 days, newest first."""
    with house.begin() as work:
        mine(work, caller, webhook_id)
        return messages.list_attempts(
            work.connection, webhook_id, message_id=message_id, before=before, limit=limit
        )


def send_test(
    house: House, caller: Caller, webhook_id: str, *, idempotency: Idempotency | None = None
) -> str:
    """Send one message about nothing, tried once, also to a disabled endpoint; returns the message's id."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        message_id = new_id(Prefix.MESSAGE, at=work.now)
        kept = begin(work, idempotency, result={"id": message_id})
        if kept is not None:
            return str(kept["id"])
        hook = mine(work, caller, webhook_id)
        messages.insert_messages(work.connection, [_test_of(work, hook, message_id)])
        _open(work, hook, [message_id])
        return message_id


def replay(
    house: House, caller: Caller, webhook_id: str, attempt_id: str, *, idempotency: Idempotency | None = None
) -> str:
    """Send the message of an attempt once more, under its own id; returns that."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        kept = begin(work, idempotency, result={"id": attempt_id})
        hook = _able(work, caller, webhook_id)
        found = messages.find_attempt(work.connection, webhook_id, attempt_id)
        if found is None:
            raise NotFoundError("attempt")
        if kept is None:
            _open(work, hook, messages.reopen(work.connection, _COLUMNS.id == found.message_id, now=work.now))
        return found.message_id


def replay_span(
    house: House, caller: Caller, webhook_id: str, span: Span, *, idempotency: Idempotency | None = None
) -> int:
    """Send all messages of a time once more, each under its own id; returns how many those are."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        _check(work, span)
        chosen = _in_span(webhook_id, span)
        count = messages.count_messages(work.connection, chosen)
        kept = begin(work, idempotency, result={"id": webhook_id, "count": count})
        hook = _able(work, caller, webhook_id)
        if kept is not None:
            return int(kept["count"])
        if count > MOST_REPLAYED:
            detail = f"{count:,} messages are in this time; ask for {MOST_REPLAYED:,} at once, or fewer."
            raise ValidationFailedError([FieldProblem("/until", detail)])
        _open(work, hook, messages.reopen(work.connection, chosen, now=work.now))
        return count


def _check(work: UnitOfWork, span: Span) -> None:
    problems = []
    if span.since < work.now - KEPT:
        problems.append(FieldProblem("/since", f"Messages are kept for {KEPT.days} days."))
    if span.until <= span.since:
        problems.append(FieldProblem("/until", "Give a moment after `since`."))
    if problems:
        raise ValidationFailedError(problems)


def _in_span(webhook_id: str, span: Span) -> ColumnElement[bool]:
    chosen = (
        (_COLUMNS.webhook_id == webhook_id)
        & (_COLUMNS.at >= span.since)
        & (_COLUMNS.at < span.until)
        & ~_COLUMNS.is_test
    )
    if span.delivered_too:
        return chosen
    return chosen & _COLUMNS.state.in_((MessageState.FAILED, MessageState.HELD))


def _able(work: UnitOfWork, caller: Caller, webhook_id: str) -> WebhookRow:
    hook = mine(work, caller, webhook_id, lock=True)
    if hook.disabled_at is not None:
        raise ConflictError("This webhook is disabled; enable it first with `disabled: false`.")
    return hook


def _open(work: UnitOfWork, hook: WebhookRow, message_ids: list[str]) -> None:
    """They are due now, also those that wait for their next try."""
    work_rows.open_work(work.connection, due(hook, message_ids), now=work.now)
    nudge(work, *message_ids)


def _test_of(work: UnitOfWork, hook: WebhookRow, message_id: str) -> dict[str, object]:
    return {
        "id": message_id,
        "webhook_id": hook.id,
        "workspace_id": hook.workspace_id,
        "owner_id": hook.owner_id,
        "event_id": None,
        "type": TEST_EVENT,
        "subject_id": hook.id,
        "data": {},
        "at": work.now,
        "state": MessageState.PENDING,
        "opened_at": work.now,
        "is_test": True,
        "created_at": work.now,
    }
