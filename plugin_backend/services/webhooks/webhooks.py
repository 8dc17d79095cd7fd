"""Endpoints for webhooks: whose they are, what they hear of, and the secret that signs for them.

A secret is made of the pepper, the endpoint's id and a count: it can sign, and lies nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from plugin_backend.db import webhook_messages as messages
from plugin_backend.db import webhooks as rows
from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import audit
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.webhooks import WebhookRow
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyInProgressError,
    NotFoundError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.webhooks.webhook_signing import Secret
from plugin_backend.domain.webhooks.webhooks import KEPT, MOST_ENDPOINTS, OVERLAP, Covers, Why
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.webhooks.webhook_addresses import check_endpoint, topic_of

MOST_COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """An endpoint to be made."""

    url: str = field(repr=False)
    events: tuple[str, ...]
    covers: Covers = Covers.OWN
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint, and how many messages to it wait or are held back."""

    row: WebhookRow
    pending: int = 0
    held: int = 0
    secret: Secret | None = None
    """Only in the answer to the request that made it."""


def create(
    house: House,
    caller: Caller,
    wanted: NewWebhook,
    *,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> Shown:
    """A new endpoint with its secret, this once: the same Idempotency-Key never shows it again."""
    _may_cover(caller, wanted.covers)
    check_endpoint(house.outgoing.guard, url=wanted.url, events=wanted.events)
    with house.begin() as work:
        webhook_id = new_id(Prefix.WEBHOOK, at=work.now)
        kept = begin(work, idempotency, result={"id": webhook_id})
        if kept is not None:
            raise IdempotencyInProgressError(kept["id"])
        _check_count(work, caller)
        rows.insert_webhook(work.connection, _values(work, caller, wanted, webhook_id))
        row = mine(work, caller, webhook_id)
        told = {"events": list(wanted.events), "covers": wanted.covers.value}
        _audit(work, "webhook.created", caller, row, after=told, request_id=request_id)
    return Shown(row, secret=_secret(house, row))


def find(house: House, caller: Caller, *, before: str | None, limit: int) -> tuple[Shown, ...]:
    """The caller's endpoints, all of the workspace's for those who administer it; newest first."""
    owner_id = None if administers(caller) else caller.user_id
    with house.begin() as work:
        found = rows.list_webhooks(
            work.connection, workspace_id=caller.workspace_id, owner_id=owner_id, before=before, limit=limit
        )
        return _counted(work, found)


def get(house: House, caller: Caller, webhook_id: str) -> Shown:
    """One of them."""
    with house.begin() as work:
        return _counted(work, [mine(work, caller, webhook_id)])[0]


def change(
    house: House,
    caller: Caller,
    webhook_id: str,
    changes: Mapping[str, Any],
    *,
    request_id: str | None = None,
) -> Shown:
    """Another `url`, `events`, `covers` or `description`; or `disabled`, or no longer."""
    _may_cover(caller, changes.get("covers", Covers.OWN))
    check_endpoint(house.outgoing.guard, url=changes.get("url"), events=changes.get("events", ()))
    with house.begin() as work:
        before = mine(work, caller, webhook_id, lock=True)
        said = {name: value for name, value in changes.items() if name != "disabled"}
        values = {**said, **_ability(work, before, disabled=changes.get("disabled"))}
        rows.change_webhook(work.connection, webhook_id, updated_at=work.now, **values)
        if "url" in said:
            pending = messages.pending_of(work.connection, webhook_id)
            work_rows.retopic(work.connection, pending, topic=topic_of(said["url"]))
        told = {name: value for name, value in changes.items() if name in ("events", "covers", "disabled")}
        _audit(work, "webhook.changed", caller, before, after=told, request_id=request_id)
        return _counted(work, [mine(work, caller, webhook_id)])[0]


def delete(house: House, caller: Caller, webhook_id: str, *, request_id: str | None = None) -> None:
    """Close it: nothing more is sent, and its address is forgotten."""
    with house.begin() as work:
        row = mine(work, caller, webhook_id, lock=True)
        gone = {"url": "", "description": None, "deleted_at": work.now}
        rows.change_webhook(work.connection, webhook_id, updated_at=work.now, **gone)
        work_rows.drop(work.connection, messages.pending_of(work.connection, webhook_id))
        _audit(work, "webhook.deleted", caller, row, after={}, request_id=request_id)


def rotate(
    house: House,
    caller: Caller,
    webhook_id: str,
    *,
    overlap: timedelta = OVERLAP,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> Shown:
    """A new secret, this once; the one before it signs too until the overlap is over."""
    with house.begin() as work:
        kept = begin(work, idempotency, result={"id": webhook_id})
        if kept is not None:
            raise IdempotencyInProgressError(kept["id"])
        row = mine(work, caller, webhook_id, lock=True)
        values = {"secret_generation": row.secret_generation + 1, "previous_until": work.now + overlap}
        rows.change_webhook(work.connection, webhook_id, updated_at=work.now, **values)
        told = {"overlap_seconds": int(overlap.total_seconds())}
        _audit(work, "webhook.rotated", caller, row, after=told, request_id=request_id)
        (shown,) = _counted(work, [mine(work, caller, webhook_id)])
    return Shown(shown.row, shown.pending, shown.held, _secret(house, shown.row))


def mine(work: UnitOfWork, caller: Caller, webhook_id: str, *, lock: bool = False) -> WebhookRow:
    """An endpoint of the caller's, or of the workspace that they administer; NotFoundError for any other."""
    row = rows.find_webhook(work.connection, webhook_id, lock=lock)
    if row is None or row.workspace_id != caller.workspace_id:
        raise NotFoundError("webhook")
    if row.owner_id != caller.user_id and not administers(caller):
        raise NotFoundError("webhook")
    return row


def administers(caller: Caller) -> bool:
    """Whether the caller sees all endpoints of the workspace, and may make one for all of its events."""
    is_able = caller.is_operator or caller.role in (Role.OWNER, Role.ADMIN)
    return is_able and Scope.ADMIN in caller.scopes


def _may_cover(caller: Caller, covers: Covers) -> None:
    caller.require(Scope.GENERATE)
    if covers is Covers.WORKSPACE and not administers(caller):
        raise ForbiddenError("All of a workspace's events are for its administrators; ask for your own.")


def _check_count(work: UnitOfWork, caller: Caller) -> None:
    live = rows.list_webhooks(
        work.connection,
        workspace_id=caller.workspace_id,
        owner_id=caller.user_id,
        before=None,
        limit=MOST_ENDPOINTS,
    )
    if len(live) >= MOST_ENDPOINTS:
        raise ConflictError(f"You have {MOST_ENDPOINTS} webhooks already; delete one first.")


def _values(work: UnitOfWork, caller: Caller, wanted: NewWebhook, webhook_id: str) -> dict[str, Any]:
    return {
        "id": webhook_id,
        "workspace_id": caller.workspace_id,
        "owner_id": caller.user_id,
        "url": wanted.url,
        "description": wanted.description,
        "events": list(wanted.events),
        "covers": wanted.covers,
        "created_at": work.now,
        "updated_at": work.now,
    }


def _ability(work: UnitOfWork, before: WebhookRow, *, disabled: bool | None) -> Mapping[str, Any]:
    """What changes where somebody disables an endpoint, or brings it back."""
    if disabled is None or disabled == (before.disabled_at is not None):
        return {}
    if disabled:
        return {"disabled_at": work.now, "disabled_why": Why.ASKED}
    if before.disabled_at is not None and before.disabled_at <= work.now - KEPT:
        rows.read_from_now(work.connection, before.id)  # nothing was held back for so long
    return {"disabled_at": None, "disabled_why": None}


def _counted(work: UnitOfWork, found: Sequence[WebhookRow]) -> tuple[Shown, ...]:
    counts = messages.unsent(work.connection, [row.id for row in found], most=MOST_COUNTED)
    return tuple(Shown(row, counts[row.id, "pending"], counts[row.id, "held"]) for row in found)


def _secret(house: House, row: WebhookRow) -> Secret:
    return Secret.of(row.id, row.secret_generation, pepper=house.token_pepper)


def _audit(
    work: UnitOfWork,
    action: str,
    caller: Caller,
    row: WebhookRow,
    *,
    after: Mapping[str, Any],
    request_id: str | None,
) -> None:
    audit(
        work,
        action,
        subject_id=row.id,
        actor_id=caller.user_id,
        workspace_id=row.workspace_id,
        after=after,
        request_id=request_id,
    )
