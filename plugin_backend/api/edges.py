"""What every request meets on its way in and out: an id, CORS, security headers."""

import re
import secrets
from typing import Final

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_HSTS: Final = "max-age=31536000; includeSubDomains"

# Bearer tokens only, no cookies: any page may ask, for it can only show a token it was given.
_CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, "
    "Content-Range, Content-Length, Accept-Ranges, Content-Disposition",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, "
    "Last-Event-ID, Range, X-Request-Id",
    "Access-Control-Max-Age": "600",
}


def attach_edges(app: Flask, *, secure: bool) -> None:
    """Put them around every request of this app."""

    def come_in() -> Response | None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)
        return Response(status=204) if request.method == "OPTIONS" else None

    def go_out(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-Id"] = g.get("request_id", "-")
        headers.setdefault("Cache-Control", "private, no-cache" if response.status_code < 400 else "no-store")
        for name, value in _SECURITY.items():
            headers.setdefault(name, value)
        headers.update(_CORS)
        if request.method == "OPTIONS":
            headers.update(_PREFLIGHT)
        if secure:
            headers["Strict-Transport-Security"] = _HSTS
        return response

    app.before_request(come_in)
    app.after_request(go_out)
