"""Endpoints for webhooks: real HTTP servers that answer as told, and a reader of signatures of its own.

The reader is written from the specification (Standard Webhooks 1.0) and shares nothing with what signs.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Delivered:
    """One POST as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_signed_by(self, secret: str) -> bool:
        return is_signed(self.headers, self.body, secret)


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether one of the signatures is made with the secret."""
    assert secret.startswith("whsec_")
    key = base64.b64decode(secret.split("_", 1)[1], validate=True)
    content = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    pairs = [each.split(",", 1) for each in headers["webhook-signature"].split(" ")]
    return any(kind == "v1" and hmac.compare_digest(signature, expected) for kind, signature in pairs)


@dataclass(frozen=True)
class Told:
    """What an endpoint answers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    trickles: float = 0.0
    """A byte of the body in so many seconds, on and on."""
    stalls: threading.Event | None = None
    """No answer until this is set."""


class _Door(BaseHTTPRequestHandler):
    server: "Receiver"

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        headers = {name.lower(): value for name, value in self.headers.items()}
        come = Delivered(self.path, headers, self.rfile.read(length))
        self.server.came.append(come)
        told = self.server.answer(come)
        if told.stalls is not None:
            told.stalls.wait(60)
        try:
            self._answer(told)
        except OSError:
            self.close_connection = True  # they had heard enough

    def do_GET(self) -> None:
        self.server.redirected_to += 1
        self._answer(Told())

    def _answer(self, told: Told) -> None:
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        if not told.trickles:
            self.send_header("Content-Length", str(len(told.body)))
        self.end_headers()
        self.wfile.write(told.body)
        until = time.monotonic() + 30
        while told.trickles and time.monotonic() < until:
            time.sleep(told.trickles)
            self.wfile.write(b".")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Door)
        self.came: list[Delivered] = []
        self.redirected_to = 0
        self.answer: Callable[[Delivered], Told] = lambda _: Told()

    @property
    def origin(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/hooks"


@contextmanager
def receiving(host: str = "127.0.0.1") -> Iterator[Receiver]:
    with Receiver(host) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
