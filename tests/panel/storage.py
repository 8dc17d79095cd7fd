"""A real HTTP server that hands out files as a storage does, and breaks as networks do."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.house.repository import ROOT

PANEL = ROOT / "manifests" / "panel"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


@dataclass(slots=True)
class Storage:
    """What is stored, what was asked for, and what goes wrong next."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)
    """One is taken for each answer about a file: `cut`, or a status; "" is well."""
    no_ranges: bool = False
    forbids_ranges: bool = False
    """Answers to ranges carry no leave for other origins."""

    def keep(self, name: str, body: bytes) -> dict[str, Any]:
        """Stores a file; what a panel is told of it."""
        self.files[name] = body
        digest = hashlib.sha256(body).hexdigest()
        elsewhere = self.address.replace("127.0.0.1", "localhost")  # another origin, as a storage is
        return {"url": f"{elsewhere}/files/{name}", "name": name, "bytes": len(body), "sha256": digest}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, page: str, storage: Storage) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page = page.encode()
        self.storage = storage


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._answer(200, self.server.page, "text/html; charset=utf-8")
        elif path.startswith("/panel/"):
            file = PANEL / path.removeprefix("/panel/")
            self._answer(200, file.read_bytes(), _TYPES[file.suffix] + "; charset=utf-8")
        elif path.startswith("/files/"):
            self._file(path.removeprefix("/files/"))
        else:
            self._answer(404, b"", "text/plain")

    def do_OPTIONS(self) -> None:
        self._answer(204, b"", "text/plain")

    def _file(self, name: str) -> None:
        storage, asked = self.server.storage, self.headers.get("Range")
        storage.asked.append((name, asked))
        storage.headers.append({key.lower(): value for key, value in self.headers.items()})
        wrong = storage.breaks.pop(0) if storage.breaks else ""
        status, body = 200, storage.files[name]
        if wrong.isdigit():
            status, body = int(wrong), b""
        elif asked and not storage.no_ranges:
            first, last = (int(each) for each in re.findall(r"\d+", asked))
            status, body = 206, body[first : last + 1]
        self._answer(status, body, "application/octet-stream", cut=wrong == "cut")

    def _answer(self, status: int, body: bytes, media_type: str, *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if not (self.server.storage.forbids_ranges and self.headers.get("Range")):
            self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "range")
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut

    def log_message(self, *_: Any) -> None:
        """Nothing: what was asked is kept by the storage."""


@contextmanager
def serving(page: str) -> Iterator[Storage]:
    """The panel's own files under /panel/, `page` at /, stored files under /files/."""
    storage = Storage()
    server = _Server(page, storage)
    storage.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
