"""A collector of traces: takes what OTLP over HTTP sends, in JSON, and keeps it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Collected:
    """Every span that came, as it was sent."""

    url: str
    spans: list[dict[str, Any]] = field(default_factory=list)

    def of_trace_with(self, name: str, value: str) -> list[dict[str, Any]]:
        """The spans of the one trace in which something has this attribute."""
        traces = {each["traceId"] for each in self.spans if attributes_of(each).get(name) == value}
        return [each for each in self.spans if each["traceId"] in traces] if len(traces) == 1 else []


def attributes_of(span: dict[str, Any]) -> dict[str, str]:
    """By name, numbers as they are spelt."""
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


@contextmanager
def collector() -> Iterator[Collected]:
    """Listens for the length of a block."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_ours = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
            for resource in body["resourceSpans"] if is_ours else ():
                for scope in resource["scopeSpans"]:
                    collected.spans.extend(scope["spans"])
            self.send_response(200 if is_ours else 404)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        collected = Collected(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield collected
        server.shutdown()
        thread.join()
