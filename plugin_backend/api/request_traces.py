"""A span around each request that changes something: the root of what follows from it.

A client's own `traceparent` is linked, not continued: a stranger does not choose where our spans belong.
"""

from contextlib import ExitStack
from typing import Final

from flask import Flask, Response, g, request

from plugin_backend.tracing import Place, SpanKind, Tracer

_READS: Final = ("GET", "HEAD", "OPTIONS")


def trace_requests(app: Flask, tracer: Tracer) -> None:
    """Attach to this app."""

    def begin() -> None:
        if request.method in _READS:
            return
        route = str(request.url_rule) if request.url_rule else "-"
        g.tracing = ExitStack()
        g.span = g.tracing.enter_context(
            tracer.span(
                f"{request.method} {route}",
                kind=SpanKind.SERVER,
                link=Place.parse(request.headers.get("traceparent")),
                attributes={"http.request.method": request.method, "http.route": route},
            )
        )

    def note(response: Response) -> Response:
        if "span" in g:
            g.span.attributes["http.response.status_code"] = response.status_code
            g.span.failed = response.status_code >= 500
        return response

    def end(_error: BaseException | None) -> None:
        if "tracing" in g:
            g.tracing.close()

    app.before_request(begin)
    app.after_request(note)
    app.teardown_request(end)
