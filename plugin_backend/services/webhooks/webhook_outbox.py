"""From the feed to the endpoints: every event becomes one message to each endpoint that is to hear of it.

The events are the outbox, written in the transaction of what they tell. They are read in the order of their
commits, behind the oldest transaction that still runs, and how far they were read is written together with
the messages: none is left out, none comes twice, whatever dies in between.
"""

from collections.abc import Sequence
from typing import Any, Final

from plugin_backend.db import webhook_messages as messages
from plugin_backend.db import webhooks as rows
from plugin_backend.db import work as work_rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.webhooks import FeedRow, WebhookRow
from plugin_backend.db.work import Due
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.webhooks.webhooks import KEPT, Covers, MessageState, is_asked_for
from plugin_backend.domain.work import Lane
from plugin_backend.services.house import House
from plugin_backend.services.webhooks.webhook_addresses import topic_of

_ENDPOINTS: Final = 20
_EVENTS: Final = 2_000
"""Read in one round, for so many endpoints: the clock has others to call every second."""


def pass_on(house: House) -> int:
    """One round: returns how many endpoints there was something to read for."""
    with house.begin() as work:
        found = rows.behind(work.connection, held_since=work.now - KEPT, limit=_ENDPOINTS)
    for webhook_id in found:
        _read_on(house, webhook_id)
    return len(found)


def due(hook: WebhookRow, message_ids: Sequence[str]) -> Sequence[Due]:
    """The work rows of some messages: each in the line of its host."""
    topic = topic_of(hook.url)
    return [Due(message_id, Lane.WEBHOOK, hook.owned, topic=topic) for message_id in message_ids]


def _read_on(house: House, webhook_id: str) -> None:
    with house.begin() as work:
        hook = rows.find_webhook(work.connection, webhook_id, lock=True, skip_locked=True)
        if hook is None:
            return
        found = rows.next_events(work.connection, hook, limit=_EVENTS)
        if not found:
            return
        wanted = _wanted(work, hook, found)
        messages.insert_messages(work.connection, wanted)
        if hook.disabled_at is None:
            lines = due(hook, [message["id"] for message in wanted])
            work_rows.open_work(work.connection, lines, now=work.now)
        rows.read_to(work.connection, webhook_id, found[-1])


def _wanted(work: UnitOfWork, hook: WebhookRow, found: Sequence[FeedRow]) -> list[dict[str, Any]]:
    """What of the feed its owner asked for, and may hear of."""
    is_own = hook.covers == Covers.OWN
    asked = [event for event in found if is_asked_for(event.type, hook.events)]
    chosen = [event for event in asked if not is_own or event.owner_id == hook.owner_id]
    if not chosen or not rows.may_hear(work.connection, hook):
        return []
    return [_message(work, hook, event) for event in chosen]


def _message(work: UnitOfWork, hook: WebhookRow, event: FeedRow) -> dict[str, Any]:
    is_held = hook.disabled_at is not None
    return {
        "id": new_id(Prefix.MESSAGE, at=work.now),
        "webhook_id": hook.id,
        "workspace_id": hook.workspace_id,
        "owner_id": event.owner_id,
        "event_id": event.id,
        "type": event.type,
        "subject_id": event.subject_id,
        "data": dict(event.data),
        "at": event.at,
        "state": MessageState.HELD if is_held else MessageState.PENDING,
        "opened_at": work.now,
        "finished_at": work.now if is_held else None,
        "created_at": work.now,
    }
