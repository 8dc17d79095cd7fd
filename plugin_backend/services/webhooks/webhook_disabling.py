"""An endpoint that is sent nothing more: its owner hears of it on their panels, and by letter."""

from contextlib import suppress
from typing import Final

import httpx

from plugin_backend.db import people
from plugin_backend.db import webhooks as rows
from plugin_backend.db.journal import record_event
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.webhooks import WebhookRow
from plugin_backend.domain.people import letters
from plugin_backend.domain.people.letters import LetterProblemError
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.webhooks.webhooks import Why
from plugin_backend.services import mail
from plugin_backend.services.house import House

_REASONS: Final = {
    Why.ASKED: "somebody disabled it",
    Why.GONE: "it answered 410 Gone",
    Why.FAILING: "it accepted nothing for more than three days",
}


def disable(house: House, work: UnitOfWork, hook: WebhookRow, why: Why) -> None:
    """Send it nothing more, and tell its owner; what happens meanwhile is held back for a replay."""
    current = rows.find_webhook(work.connection, hook.id, lock=True)
    if current is None or current.disabled_at is not None:
        return
    values = {"disabled_at": work.now, "disabled_why": why, "updated_at": work.now}
    rows.change_webhook(work.connection, hook.id, **values)
    record_event(work, "webhook.disabled", subject_id=hook.id, owned=hook.owned, data={"why": why.value})
    if house.sends_mail:
        _write(house, work, current, why)


def _write(house: House, work: UnitOfWork, hook: WebhookRow, why: Why) -> None:
    owner = people.find_standing(work.connection, hook.owner_id, day=day_of(work.now))
    if owner is None:
        return
    host = httpx.URL(hook.url).host
    with suppress(LetterProblemError):  # an address that no letter goes to; the panels tell them
        letter = letters.write(
            to=owner.email,
            subject=f"Your webhook to {host} was disabled",
            paragraphs=[
                f"Nothing more is sent to your webhook {hook.id} at {host}, because {_REASONS[why]}.",
                "What happens meanwhile is kept for 30 days: once it answers, enable it and ask for it.",
            ],
        )
        mail.enqueue(house, work, letter, about="webhook-disabled", owned=hook.owned)
