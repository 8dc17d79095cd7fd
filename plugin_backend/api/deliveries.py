"""Deliveries: how far they are, their files, and what became of them in the host."""

from typing import Any

from flask import Response

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer, has, unchanged, versioned
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.paging import PageQuery, before_number, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import DeliverySchema, FrameSchema
from plugin_backend.api.times import wall_clock
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.services import deliveries as service
from plugin_backend.services import freshness
from plugin_backend.services.deliveries import DeliveryView

deliveries = Resource("Deliveries", "Files for one host: movie or frames, proxy, timeline, report.")


@deliveries.operation("GET", "/v1/deliveries/<delivery_id>", scope=Scope.READ, answer=DeliverySchema)
def show_delivery(caller: Caller, *, delivery_id: str) -> Answer | Response:
    """One delivery; with a matching `If-None-Match` only its version is read."""
    fresh = freshness.of_delivery(house(), caller, delivery_id)
    etag = versioned(*fresh.version, now=wall_clock())
    if has(etag):
        return unchanged(etag, unfinished=fresh.unfinished)
    return _answer(service.get(house(), caller, delivery_id), etag=etag)


@deliveries.operation(
    "GET",
    "/v1/deliveries/<delivery_id>/frames",
    scope=Scope.READ,
    query=PageQuery,
    answer=page_of(FrameSchema),
)
def list_frames(caller: Caller, query: dict[str, Any], *, delivery_id: str) -> dict[str, Any]:
    """The frames of the image sequence, in order, each with its link."""
    return _frames(caller, query, delivery_id)


@deliveries.operation(
    "GET",
    "/v1/deliveries/<delivery_id>/sequences/<number>/frames",
    scope=Scope.READ,
    query=PageQuery,
    answer=page_of(FrameSchema),
)
def list_frames_of_sequence(
    caller: Caller, query: dict[str, Any], *, delivery_id: str, number: str
) -> dict[str, Any]:
    """The frames of one of several image sequences, as its `frames_url` names it."""
    if not number.isdecimal():
        raise NotFoundError("image sequence")
    return _frames(caller, query, delivery_id, sequence=int(number))


@deliveries.operation(
    "POST", "/v1/deliveries/<delivery_id>/applied", scope=Scope.GENERATE, answer=DeliverySchema
)
def mark_applied(caller: Caller, *, delivery_id: str) -> Answer:
    """The host has it on its timeline; saying so twice is saying so once."""
    return _answer(service.applied(house(), caller, delivery_id))


@deliveries.operation(
    "POST", "/v1/deliveries/<delivery_id>/cancel", scope=Scope.GENERATE, answer=DeliverySchema
)
def cancel_delivery(caller: Caller, *, delivery_id: str) -> Answer:
    """Stop it; what was made of it is removed."""
    return _answer(service.cancel(house(), caller, delivery_id))


@deliveries.operation(
    "POST", "/v1/deliveries/<delivery_id>/retry", scope=Scope.GENERATE, status=202, answer=DeliverySchema
)
def retry_delivery(caller: Caller, *, delivery_id: str) -> Answer:
    """Ask again for a failed or cancelled one, as a new delivery."""
    view = service.retry(house(), caller, delivery_id, idempotency=idempotency(caller))
    return _answer(view, created=True)


@deliveries.operation(
    "POST", "/v1/deliveries/<delivery_id>/archive", scope=Scope.GENERATE, status=202, answer=DeliverySchema
)
def request_archive(caller: Caller, *, delivery_id: str) -> Answer:
    """Have everything packed into one zip; `archive.url` opens it once it is ready."""
    return _answer(service.request_archive(house(), caller, delivery_id))


def _answer(view: DeliveryView, *, etag: str | None = None, created: bool = False) -> Answer:
    row = view.delivery
    building = row.archive is not None and row.archive.get("state") == "building"
    headers = {"Retry-After": LOOK_AGAIN_SECONDS} if row.finished_at is None or building else {}
    if created:
        headers["Location"] = f"/v1/deliveries/{row.id}"
    return Answer(renderer().delivery(view), headers=headers, etag=etag)


def _frames(
    caller: Caller, query: dict[str, Any], delivery_id: str, *, sequence: int | None = None
) -> dict[str, Any]:
    after, wanted = before_number(query), one_more(query)
    rows = service.frames(house(), caller, delivery_id, after=after, limit=wanted, sequence=sequence)
    return page(rows, limit=query["limit"], shown=renderer().frame, place=lambda row: row.number)
