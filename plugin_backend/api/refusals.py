"""Turns whatever was raised into a problem document; a 500 says nothing and logs everything."""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from plugin_backend.api.edges import REQUEST_ID
from plugin_backend.api.problems import (
    BY_STATUS,
    GENERAL,
    INTERNAL,
    MALFORMED,
    UNAVAILABLE,
    Problem,
    problem_of,
)
from plugin_backend.api.times import rfc3339
from plugin_backend.domain import errors

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)
_DRAIN_UP_TO = 32 << 20  # a body we refuse is read away, so that the caller hears the answer
_LITTLE = 1 << 16  # a rest of this size the server reads away by itself
_RETRY_AFTER_SECONDS = 2
_MEMBERS = (
    "model",
    "limit",
    "plan",
    "remaining",
    "resets_at",
    "required",
    "available",
    "credits",
    "max_credits",
    "state",
    "asset_id",
    "asset_ids",
    "resource_id",
)


def register_refusals(app: Flask) -> None:
    """Answer every error of the app with a problem document."""
    app.register_error_handler(errors.BackendError, _refused)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeoutError, _database_away)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unforeseen)


def problem_response(
    problem: Problem,
    detail: str,
    *,
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The document and its headers."""
    body = {
        "type": f"{current_app.config['PUBLIC_URL']}/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": request.path,
        "request_id": request.environ.get(REQUEST_ID),
        **(members or {}),
    }
    answer = Response(json.dumps(body, ensure_ascii=False), status=problem.status, content_type=MEDIA_TYPE)
    answer.headers.update(dict(headers or {}))
    if _is_still_sending():
        answer.headers["Connection"] = "close"
    return answer


def _refused(error: errors.BackendError) -> Response:
    if isinstance(error, errors.PayloadTooLargeError):
        _drain()
    problem = problem_of(error)
    return problem_response(problem, error.detail, members=_members(error), headers=_headers(error))


def _members(error: errors.BackendError) -> dict[str, Any]:
    """What the document says beyond the sentence, by the error's own attributes."""
    members = {name: _plain(getattr(error, name)) for name in _MEMBERS if hasattr(error, name)}
    if isinstance(error, errors.ValidationFailedError | errors.UnsupportedByModelError):
        members["errors"] = [{"pointer": each.pointer, "detail": each.detail} for each in error.problems]
    return {name: value for name, value in members.items() if value is not None}


def _plain(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value


def _headers(error: errors.BackendError) -> dict[str, str]:
    match error:
        case errors.UnauthenticatedError():
            return {"WWW-Authenticate": 'Bearer realm="plugin-backend"'}
        case errors.DraftQuotaExhaustedError():
            return {"Retry-After": str(max(1, round(error.resets_at.timestamp() - time.time())))}
        case errors.RateLimitedError():
            return {"Retry-After": str(error.retry_after_seconds)}
        case errors.IdempotencyInProgressError() | errors.ConcurrencyLimitError():
            return {"Retry-After": str(_RETRY_AFTER_SECONDS)}
        case errors.ProviderUnavailableError():
            return {"Retry-After": "30"}
        case _:
            return {}


def _of_http(error: HTTPException) -> Any:
    """What Flask and Werkzeug refuse by themselves: unknown addresses, methods, sizes."""
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, RequestEntityTooLarge):
        _drain()
    problem = BY_STATUS.get(error.code)
    if problem is None:
        problem = Problem(error.code, GENERAL.slug, error.name, GENERAL.about)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Content-Range")}
    return problem_response(problem, error.description or problem.about, headers=kept)


def _database_away(error: Exception) -> Response:
    _log.error("database unavailable", path=request.path, exc_info=error)
    detail = "The database did not answer in time; nothing was changed."
    return problem_response(UNAVAILABLE, detail, headers={"Retry-After": str(_RETRY_AFTER_SECONDS)})


def _too_deep(_: RecursionError) -> Response:
    return problem_response(MALFORMED, "The body is nested too deeply.")


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen error", path=request.path, method=request.method, exc_info=error)
    return problem_response(INTERNAL, "Something went wrong on our side; it is in our log.")


def _drain() -> None:
    """Read away what is on its way: a client that is still sending would miss the answer otherwise."""
    length, stream = request.content_length, request.environ["wsgi.input"]
    left = _DRAIN_UP_TO if length is None else length
    while 0 < left <= _DRAIN_UP_TO:
        read = stream.read(min(left, 1 << 16))
        if not read:
            break
        left -= len(read)
    g.is_drained = left == 0 if length is not None else left > 0


def _is_still_sending() -> bool:
    """Whether much of the body was not read: the next request would be looked for in the midst of it."""
    if "json_body" in g or g.get("is_drained"):
        return False
    length = request.content_length
    return "HTTP_TRANSFER_ENCODING" in request.environ if length is None else length > _LITTLE
