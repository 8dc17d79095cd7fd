"""Webhooks: endpoints that hear what happened, what was tried, and sending it again."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, post_load

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.fields import (
    Bounded,
    Changes,
    Choice,
    Flag,
    Identifier,
    Moment,
    Strict,
    Whole,
    Words,
    given,
)
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, text
from plugin_backend.api.webhook_shapes import (
    MadeWebhookSchema,
    WebhookAttemptSchema,
    WebhookSchema,
    shown_attempt,
    shown_webhook,
)
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.webhooks.webhooks import MOST_OVERLAP, MOST_PATTERNS, OVERLAP, Covers
from plugin_backend.services.webhooks import webhook_replays as replays
from plugin_backend.services.webhooks import webhooks as service
from plugin_backend.services.webhooks.webhook_replays import Span
from plugin_backend.services.webhooks.webhooks import NewWebhook

webhooks = Resource("Webhooks", "Endpoints of yours that hear what happened, signed (Standard Webhooks).")

_MOST_HOURS = int(MOST_OVERLAP.total_seconds()) // 3600
_USUAL_HOURS = int(OVERLAP.total_seconds()) // 3600
_EVENTS = "Types such as `generation.ready`, or families such as `generation.*`."
_COVERS = "Your own events, or all of the workspace's: for its administrators."


class NewWebhookSchema(Strict):
    url = Words(least=1, most=2_000, required=True, metadata={"description": "https on port 443 or 8443."})
    events = Bounded(
        Words(least=1, most=64),
        least=1,
        most=MOST_PATTERNS,
        required=True,
        metadata={"description": _EVENTS},
    )
    covers = Choice(Covers, metadata={"description": _COVERS})
    description = Words(most=200, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewWebhook:
        return NewWebhook(**given({**data, "events": tuple(data["events"])}))


class WebhookChangesSchema(Changes):
    url = Words(least=1, most=2_000)
    events = Bounded(Words(least=1, most=64), least=1, most=MOST_PATTERNS, metadata={"description": _EVENTS})
    covers = Choice(Covers, metadata={"description": _COVERS})
    description = Words(most=200, allow_none=True)
    disabled = Flag()


class RotationSchema(Strict):
    overlap_hours = Whole(
        least=0,
        most=_MOST_HOURS,
        load_default=_USUAL_HOURS,
        metadata={"description": "How long the secret before is good, too; 0 where it leaked."},
    )


class SpanSchema(Strict):
    since = Moment(required=True)
    until = Moment(required=True)
    delivered_too = Flag(metadata={"description": "Those that were accepted already, too."})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Span:
        return Span(**data)


class AttemptQuery(PageQuery):
    message_id = Identifier()


class SentSchema(Schema):
    message_id = text()


class ReplayedSchema(Schema):
    messages = count()


@webhooks.operation("GET", "/v1/webhooks", scope=Scope.READ, query=PageQuery, answer=page_of(WebhookSchema))
def list_webhooks(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """Your endpoints, or all of the workspace's for its administrators; newest first."""
    rows = service.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=shown_webhook, place=lambda each: each.row.id)


@webhooks.operation(
    "POST",
    "/v1/webhooks",
    scope=Scope.GENERATE,
    status=201,
    body=NewWebhookSchema,
    answer=MadeWebhookSchema,
)
def create_webhook(caller: Caller, wanted: NewWebhook) -> Answer:
    """Make an endpoint hear of what happens from now on; its secret is in this answer and nowhere else."""
    made = service.create(house(), caller, wanted, idempotency=idempotency(caller), request_id=request_id())
    return Answer(shown_webhook(made), headers={"Location": f"/v1/webhooks/{made.row.id}"})


@webhooks.operation("GET", "/v1/webhooks/<webhook_id>", scope=Scope.READ, answer=WebhookSchema)
def show_webhook(caller: Caller, *, webhook_id: str) -> dict[str, Any]:
    """One endpoint, and how much waits for it or is held back."""
    return shown_webhook(service.get(house(), caller, webhook_id))


@webhooks.operation(
    "PATCH",
    "/v1/webhooks/<webhook_id>",
    scope=Scope.GENERATE,
    body=WebhookChangesSchema,
    answer=WebhookSchema,
)
def change_webhook(caller: Caller, body: dict[str, Any], *, webhook_id: str) -> dict[str, Any]:
    """Change where it is or what it hears of; disable it, or enable it again."""
    return shown_webhook(service.change(house(), caller, webhook_id, body, request_id=request_id()))


@webhooks.operation("DELETE", "/v1/webhooks/<webhook_id>", scope=Scope.GENERATE, status=204)
def delete_webhook(caller: Caller, *, webhook_id: str) -> Answer:
    """Close an endpoint: nothing more is sent to it."""
    service.delete(house(), caller, webhook_id, request_id=request_id())
    return Answer(None)


@webhooks.operation(
    "POST",
    "/v1/webhooks/<webhook_id>/rotate",
    scope=Scope.GENERATE,
    status=201,
    body=RotationSchema,
    body_required=False,
    answer=MadeWebhookSchema,
)
def rotate_webhook(caller: Caller, body: dict[str, Any], *, webhook_id: str) -> dict[str, Any]:
    """A new secret, in this answer and nowhere else; both sign until the overlap is over."""
    made = service.rotate(
        house(),
        caller,
        webhook_id,
        overlap=timedelta(hours=body["overlap_hours"]),
        idempotency=idempotency(caller),
        request_id=request_id(),
    )
    return shown_webhook(made)


@webhooks.operation(
    "POST", "/v1/webhooks/<webhook_id>/test", scope=Scope.GENERATE, status=202, answer=SentSchema
)
def test_webhook(caller: Caller, *, webhook_id: str) -> dict[str, Any]:
    """Send a message about nothing, tried once; what came of it is among the attempts."""
    return {"message_id": replays.send_test(house(), caller, webhook_id, idempotency=idempotency(caller))}


@webhooks.operation(
    "GET",
    "/v1/webhooks/<webhook_id>/attempts",
    scope=Scope.READ,
    query=AttemptQuery,
    answer=page_of(WebhookAttemptSchema),
)
def list_webhook_attempts(caller: Caller, query: dict[str, Any], *, webhook_id: str) -> dict[str, Any]:
    """What was tried in the last 30 days, newest first, with the first bytes of each answer."""
    rows = replays.attempts(
        house(),
        caller,
        webhook_id,
        message_id=query.get("message_id"),
        before=before(query),
        limit=one_more(query),
    )
    return page(rows, limit=query["limit"], shown=shown_attempt, place=lambda row: row.id)


@webhooks.operation(
    "POST",
    "/v1/webhooks/<webhook_id>/attempts/<attempt_id>/replay",
    scope=Scope.GENERATE,
    status=202,
    answer=SentSchema,
)
def replay_webhook_attempt(caller: Caller, *, webhook_id: str, attempt_id: str) -> dict[str, Any]:
    """Send the message of an attempt once more, under the same id."""
    sent = replays.replay(house(), caller, webhook_id, attempt_id, idempotency=idempotency(caller))
    return {"message_id": sent}


@webhooks.operation(
    "POST",
    "/v1/webhooks/<webhook_id>/replay",
    scope=Scope.GENERATE,
    status=202,
    body=SpanSchema,
    answer=ReplayedSchema,
)
def replay_webhook(caller: Caller, wanted: Span, *, webhook_id: str) -> dict[str, Any]:
    """Send all messages about events of a time once more that were never accepted, each under its own id."""
    sent = replays.replay_span(house(), caller, webhook_id, wanted, idempotency=idempotency(caller))
    return {"messages": sent}
