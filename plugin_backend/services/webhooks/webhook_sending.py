"""Sending a message: what is to be sent, and what came of it.

At least once: who dies after the POST and before the record leaves a row whose lease runs out, and the
message is sent again under the same id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin_backend.db import webhook_messages as messages
from plugin_backend.db import webhooks as rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.webhook_messages import MessageRow
from plugin_backend.db.webhooks import WebhookRow
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.webhooks.webhook_signing import Message, Secret
from plugin_backend.domain.webhooks.webhooks import MessageState, Verdict, Why, next_wait, verdict_on
from plugin_backend.domain.work import Claim
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.webhooks.webhook_disabling import disable


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInHand:
    """A claimed message with what it is signed with, and where it goes."""

    row: MessageRow
    hook: WebhookRow
    secrets: tuple[Secret, ...]
    now: datetime

    @property
    def message(self) -> Message:
        """What it says."""
        row = self.row
        return Message(
            id=row.id,
            type=row.type,
            subject_id=row.subject_id,
            data=row.data,
            at=row.at,
            version=row.event_id or 0,
            workspace_id=row.workspace_id,
            owner_id=row.owner_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of one POST: a status, or why there is none."""

    took_ms: int
    status: int | None = None
    answer: str | None = None
    error: str | None = None
    retry_after: timedelta | None = None


def look(house: House, claim: Claim) -> MessageInHand | None:
    """Read a claimed message; None (and the row closed) when it is not to be sent now."""
    with house.begin() as work:
        row = messages.find_message(work.connection, claim.subject_id)
        hook = None if row is None else rows.find_webhook(work.connection, row.webhook_id)
        if row is None or hook is None or row.state != MessageState.PENDING:
            stepping.done(work, claim)
            return None
        if not row.is_test and (hook.disabled_at or not rows.may_hear(work.connection, hook)):
            _end(work, row, MessageState.HELD)
            stepping.done(work, claim)
            return None
        secrets = _secrets(hook, pepper=house.token_pepper, now=work.now)
        return MessageInHand(row=row, hook=hook, secrets=secrets, now=work.now)


def record(house: House, claim: Claim, hand: MessageInHand, reply: Reply) -> None:
    """Write down one POST and what it means: delivered, tried again, or given up."""
    with house.begin() as work:
        _write(work, hand, reply)
        match verdict_on(reply.status):
            case Verdict.DELIVERED:
                rows.note_answer(work.connection, hand.hook.id, "last_success_at", now=work.now)
                _end(work, hand.row, MessageState.DELIVERED)
                stepping.done(work, claim)
            case Verdict.GONE if not hand.row.is_test:
                disable(house, work, hand.hook, Why.GONE)
                _end(work, hand.row, MessageState.FAILED)
                stepping.done(work, claim)
            case _:
                _try_again(house, work, claim, hand, reply)


def given_up(house: House, claim: Claim, *, detail: str) -> None:
    """Its step broke for good, which is our doing and no endpoint's: a replay sends it."""
    with house.begin() as work:
        row = messages.find_message(work.connection, claim.subject_id)
        if row is not None and row.state == MessageState.PENDING:
            _attempt(work, row, Reply(took_ms=0, error=detail))
            _end(work, row, MessageState.FAILED)
        stepping.done(work, claim)


def _secrets(hook: WebhookRow, *, pepper: str, now: datetime) -> tuple[Secret, ...]:
    """The one that is good now, and while both are good the one before it."""
    newest = hook.secret_generation
    both = hook.previous_until is not None and hook.previous_until > now
    return tuple(
        Secret.of(hook.id, number, pepper=pepper) for number in ((newest, newest - 1) if both else (newest,))
    )


def _try_again(house: House, work: UnitOfWork, claim: Claim, hand: MessageInHand, reply: Reply) -> None:
    row, hook = hand.row, hand.hook
    wait = None if row.is_test else next_wait(row.id, tries=row.tries + 1, asked=reply.retry_after)
    if wait is not None:
        messages.change_message(work.connection, row.id, tries=row.tries + 1)
        stepping.again(work, claim, after=wait)
        return
    if not row.is_test and not _heard_since(work, row):
        disable(house, work, hook, Why.FAILING)
    _end(work, row, MessageState.FAILED)
    stepping.done(work, claim)


def _heard_since(work: UnitOfWork, row: MessageRow) -> bool:
    """Whether the endpoint accepted anything while this message was tried in vain."""
    hook = rows.find_webhook(work.connection, row.webhook_id)
    return hook is not None and hook.last_success_at is not None and hook.last_success_at >= row.opened_at


def _write(work: UnitOfWork, hand: MessageInHand, reply: Reply) -> None:
    _attempt(work, hand.row, reply)
    if verdict_on(reply.status) is not Verdict.DELIVERED:
        rows.note_answer(work.connection, hand.hook.id, "last_failure_at", now=work.now)


def _attempt(work: UnitOfWork, row: MessageRow, reply: Reply) -> None:
    values = {
        "id": new_id(Prefix.WEBHOOK_ATTEMPT, at=work.now),
        "webhook_id": row.webhook_id,
        "message_id": row.id,
        "number": row.tries + 1,
        "at": work.now,
        "status": reply.status,
        "took_ms": reply.took_ms,
        "error": reply.error,
        "answer": reply.answer,
    }
    messages.insert_attempt(work.connection, values)


def _end(work: UnitOfWork, row: MessageRow, state: MessageState) -> None:
    messages.change_message(work.connection, row.id, state=state, finished_at=work.now)
