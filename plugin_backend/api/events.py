"""The event feed: long-poll for every panel, a stream for those who can."""

import json
import time
from collections.abc import Iterator
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import furniture, house
from plugin_backend.api.fields import QueryWhole, Strict, Words
from plugin_backend.api.problems import UNAVAILABLE
from plugin_backend.api.refusals import problem_response
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services import events as service
from plugin_backend.services.events import MAX_EVENTS, Event, Place
from plugin_backend.services.house import House

events = Resource("Events", "What happened, in order, nothing skipped.")

LONGEST_WAIT: Final = 25
_NOW: Final = "now"
_LOOK_EVERY: Final = 0.5
_PING_EVERY: Final = 15.0
_STREAM_FOR: Final = 900.0  # then the caller connects again, perhaps to a less busy process
_SSE: Final = "text/event-stream"


class EventQuery(Strict):
    after = Words(
        least=1,
        most=60,
        metadata={"description": "A `next_cursor` of this feed, or `now`; left out: from the beginning."},
    )
    wait = QueryWhole(least=0, most=LONGEST_WAIT, load_default=0)
    limit = QueryWhole(least=1, most=MAX_EVENTS, load_default=MAX_EVENTS)


class EventSchema(Schema):
    id = text()
    type = text(metadata={"example": "generation.ready"})
    subject_id = text()
    data = fields.Dict(required=True)
    at = moment()


class FeedSchema(Schema):
    items = fields.List(fields.Nested(EventSchema), required=True)
    next_cursor = text(metadata={"description": "Where to go on, also when nothing happened."})


@events.operation("GET", "/v1/events", scope=Scope.READ, query=EventQuery, answer=FeedSchema)
def read_events(caller: Caller, query: dict[str, Any]) -> Answer | Response:
    """The next events of the workspace; with `wait`, as soon as there is one. `text/event-stream` streams."""
    place = _place(caller, query.get("after") or request.headers.get("Last-Event-ID"))
    if request.accept_mimetypes.best_match(["application/json", _SSE], default="application/json") == _SSE:
        return _stream(caller, place)
    return _poll(caller, place, wait=query["wait"], limit=query["limit"])


def _place(caller: Caller, after: str | None) -> Place:
    return service.end(house(), caller) if after == _NOW else Place.parse(after)


def _poll(caller: Caller, place: Place, *, wait: int, limit: int) -> Answer:
    found = service.read(house(), caller, place, limit=limit)
    headers: dict[str, str] = {}
    if not found and wait:
        with furniture().waiting_room.seat() as seated:
            if seated:
                found = _awaited(caller, place, wait=wait, limit=limit)
            else:
                headers["Retry-After"] = "2"
    last = found[-1].place if found else place
    return Answer({"items": [_shown(event) for event in found], "next_cursor": str(last)}, headers=headers)


def _awaited(caller: Caller, place: Place, *, wait: int, limit: int) -> tuple[Event, ...]:
    """Look again and again; no connection is held between two looks."""
    until = time.monotonic() + wait
    found: tuple[Event, ...] = ()
    while not found and (left := until - time.monotonic()) > 0:
        time.sleep(min(_LOOK_EVERY, left))
        found = service.read(house(), caller, place, limit=limit)
    return found


def _stream(caller: Caller, place: Place) -> Response:
    room = furniture().waiting_room
    if not room.sit_down():
        detail = "Every seat for streams in this process is taken; use `wait` or come back."
        return problem_response(UNAVAILABLE, detail, headers={"Retry-After": "2"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = Response(_told(house(), caller, place), content_type=_SSE, headers=headers)
    response.call_on_close(room.stand_up)
    return response


def _told(house: House, caller: Caller, place: Place) -> Iterator[str]:
    started = spoken = time.monotonic()
    yield "retry: 2000\n\n"
    while time.monotonic() - started < _STREAM_FOR:
        for event in service.read(house, caller, place):
            place, spoken = event.place, time.monotonic()
            yield f"id: {place}\nevent: {event.type}\ndata: {json.dumps(_shown(event))}\n\n"
        if time.monotonic() - spoken >= _PING_EVERY:
            spoken = time.monotonic()
            yield ": ping\n\n"
        time.sleep(_LOOK_EVERY)


def _shown(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.place),
        "type": event.type,
        "subject_id": event.subject_id,
        "data": event.data,
        "at": rfc3339(event.at),
    }
