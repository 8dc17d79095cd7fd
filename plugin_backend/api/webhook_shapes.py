"""How webhooks and what was tried are shown."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.shapes import count, maybe_text, moment, text
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.webhook_messages import AttemptRow
from plugin_backend.domain.webhooks.webhooks import Covers, MessageState, Why
from plugin_backend.services.webhooks.webhooks import Shown


class WebhookSchema(Schema):
    id = text()
    url = text()
    description = maybe_text()
    events = fields.List(fields.String(), required=True)
    covers = text(metadata={"enum": [each.value for each in Covers]})
    disabled = fields.Boolean(required=True)
    disabled_at = moment(nullable=True)
    disabled_why = fields.String(
        required=True, allow_none=True, metadata={"enum": [*(each.value for each in Why), None]}
    )
    pending = count()
    held = count()
    previous_secret_until = moment(nullable=True)
    last_success_at = moment(nullable=True)
    last_failure_at = moment(nullable=True)
    owner_id = text()
    created_at = moment()


class MadeWebhookSchema(WebhookSchema):
    secret = text(metadata={"description": "What signs (`whsec_...`), this once."})


class WebhookAttemptSchema(Schema):
    id = text()
    message_id = text(metadata={"description": "The `webhook-id` it was sent with."})
    number = count()
    at = moment()
    status = count(nullable=True)
    took_ms = count()
    error = maybe_text()
    answer = maybe_text()
    event_type = text()
    subject_id = text()
    message_state = text(metadata={"enum": [each.value for each in MessageState]})


def shown_webhook(shown: Shown) -> dict[str, Any]:
    """An endpoint, and where it was made, its secret."""
    row = shown.row
    told = {
        "id": row.id,
        "url": row.url,
        "description": row.description,
        "events": row.events,
        "covers": row.covers,
        "disabled": row.disabled_at is not None,
        "disabled_at": rfc3339_or_none(row.disabled_at),
        "disabled_why": row.disabled_why,
        "pending": shown.pending,
        "held": shown.held,
        "previous_secret_until": rfc3339_or_none(row.previous_until),
        "last_success_at": rfc3339_or_none(row.last_success_at),
        "last_failure_at": rfc3339_or_none(row.last_failure_at),
        "owner_id": row.owner_id,
        "created_at": rfc3339(row.created_at),
    }
    return told if shown.secret is None else {**told, "secret": shown.secret.spelt()}


def shown_attempt(row: AttemptRow) -> dict[str, Any]:
    """One try, and what became of its message."""
    return {
        "id": row.id,
        "message_id": row.message_id,
        "number": row.number,
        "at": rfc3339(row.at),
        "status": row.status,
        "took_ms": row.took_ms,
        "error": row.error,
        "answer": row.answer,
        "event_type": row.type,
        "subject_id": row.subject_id,
        "message_state": row.state,
    }
