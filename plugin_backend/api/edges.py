"""What every request meets on its way in and out: an id, CORS, security headers."""

import random
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from structlog.contextvars import bind_contextvars, clear_contextvars

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

_GUARDS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
_OF_ANSWERS: Final = (("Cache-Control", "private, no-cache"), *_GUARDS)
_OF_REFUSALS: Final = (("Cache-Control", "no-store"), *_GUARDS)
_HSTS: Final = "max-age=31536000; includeSubDomains"

# Bearer tokens only, no cookies: any page may ask, for it can only show a token it was given.
_CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After, X-Request-Id, Idempotency-Replayed, "
    "Content-Range, Content-Length, Accept-Ranges, Content-Disposition",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, "
    "Last-Event-ID, Range, X-Request-Id",
    "Access-Control-Max-Age": "600",
}


REQUEST_ID: Final = "plugin_backend.request_id"
"""Where in the WSGI environment this request's id stands."""

Headers = list[tuple[str, str]]
_LAST: Final = ("Connection", "close")


class Edges:
    """Around the whole app, below Flask: no answer escapes them, and their many headers cost little."""

    def __init__(self, app: "WSGIApplication", *, secure: bool) -> None:
        self._app = app
        self._always = [*_CORS.items(), *([("Strict-Transport-Security", _HSTS)] if secure else [])]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id = environ[REQUEST_ID] = _id_of(environ)
        clear_contextvars()
        bind_contextvars(request_id=request_id)

        def go_out(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            if _LAST in headers:
                _hang_up(start_response)
            return start_response(status, self._guarded(status, headers, request_id), exc_info)

        if environ["REQUEST_METHOD"] == "OPTIONS":
            go_out("204 NO CONTENT", list(_PREFLIGHT.items()))
            return ()
        return self._app(environ, go_out)

    def _guarded(self, status: str, headers: Headers, request_id: str) -> Headers:
        """The headers with ours; of the guards, what the view has set already stands."""
        named = {name for name, _ in headers}
        guards = _OF_ANSWERS if status < "400" else _OF_REFUSALS
        ours = [pair for pair in guards if pair[0] not in named]
        return [*headers, ("X-Request-Id", request_id), *ours, *self._always]


def _hang_up(start_response: "StartResponse") -> None:
    """Say so, and do so: gunicorn passes a `Connection` of ours over, and is told at its own response."""
    told = getattr(getattr(start_response, "__self__", None), "force_close", None)
    if told is not None:
        told()


def _id_of(environ: "WSGIEnvironment") -> str:
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    if _REQUEST_ID.fullmatch(given):
        return given
    return f"{random.getrandbits(64):016x}"  # no secret, and the system's randomness costs a wait
