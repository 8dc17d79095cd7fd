"""Answers: compact JSON, an ETag on every GET, 304 where the caller has it already."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from flask import Response, g, request

from plugin_backend.services.idempotency import Idempotency

LOOK_AGAIN_SECONDS: Final = "1"

Json = Mapping[str, Any]
_HEX: Final = re.compile("[0-9a-f]{1,12}")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with what goes around it; an `etag` is given where it is cheaper than the body."""

    body: Json | None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    etag: str | None = None


def respond(answer: Answer, *, status: int) -> Response:
    """The response for an answer."""
    status = answer.status or status
    if answer.body is None:
        return Response(status=status, headers=dict(answer.headers))
    content = _encoded(answer.body)
    headers = {"Content-Type": "application/json", **answer.headers}
    response = Response(content, status=status, headers=headers)
    asked: Idempotency | None = g.get("idempotency")
    if asked is not None and asked.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    if request.method in ("GET", "HEAD") and status == 200:
        return tagged(response, answer.etag or _digest(content))
    return response


def tagged(response: Response, etag: str) -> Response:
    """The response with its ETag, or a 304 in its place."""
    if has(etag):
        return unchanged(etag, headers=dict(response.headers))
    response.set_etag(etag)
    return response


def unchanged(etag: str, *, unfinished: bool = False, headers: Mapping[str, str] | None = None) -> Response:
    """304: the caller's copy still stands; while it is unfinished, with when to look again."""
    kept = {name: value for name, value in (headers or {}).items() if name in ("Retry-After", "Vary")}
    if unfinished:
        kept["Retry-After"] = LOOK_AGAIN_SECONDS
    response = Response(status=304, headers=kept)
    response.set_etag(etag)
    return response


def versioned(*versions: object, now: datetime) -> str:
    """An ETag of row versions and the clock hour, for signed URLs are stable within the hour."""
    return _digest(repr((versions, int(now.timestamp()) // 3600)).encode())


def has(etag: str) -> bool:
    """Whether the caller already has this version."""
    return request.if_none_match.contains_weak(etag)


def good_until(etag: str, moment: datetime | None) -> str:
    """The ETag of an answer that time alone will change: it carries when, so that a look need not ask."""
    return etag if moment is None else f"{etag}-{int(moment.timestamp()):x}"


def held(etag: str, *, now: datetime) -> str | None:
    """The ETag by which the caller already has this version, unless its time is over."""
    if has(etag):
        return etag
    for found in request.if_none_match.as_set(include_weak=True):
        version, _, moment = found.removeprefix("W/").strip('"').rpartition("-")
        if version == etag and now.timestamp() < _seconds(moment):
            return f"{version}-{moment}"
    return None


def _encoded(body: Json) -> bytes:
    """Compact JSON; whole numbers beyond 64 bits, which the fast writer refuses, are the slow one's."""
    try:
        return orjson.dumps(body, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)
    except orjson.JSONEncodeError:
        return _ENCODER.encode(body).encode()


def _seconds(moment: str) -> int:
    return int(moment, 16) if _HEX.fullmatch(moment) else 0


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
