"""A process as the supervisor sees one: answers /readyz, writes lines, and dies as its argument says."""

# ruff: noqa: T201 - writing lines is what it is for

import http.server
import json
import os
import signal
import sys
import time
from pathlib import Path

from plugin_backend.config import inherited_environ


class _Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = 200 if self.path == "/readyz" else 404
        body = json.dumps({"pid": os.getpid()}).encode()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        print("request", format % args, flush=True)


def _web(port: int) -> None:
    http.server.ThreadingHTTPServer(("127.0.0.1", port), _Ready).serve_forever()


def _leave(*_: object) -> None:
    print("leaving in good order", flush=True)
    sys.exit(0)


def main() -> None:
    """`web PORT`, `steady`, `stubborn` (ignores SIGTERM) or `broken` (dies at once)."""
    role, where = sys.argv[1], Path(sys.argv[2])
    signal.signal(signal.SIGTERM, signal.SIG_IGN if role == "stubborn" else _leave)
    (where / f"{role}.pid").write_text(str(os.getpid()))
    print(f"{role} started", flush=True)
    if role == "broken":
        print("no such model: ray-99", flush=True)
        sys.exit(3)
    if role == "web":
        _web(int(inherited_environ()["PORT"]))
    while True:
        time.sleep(60)


main()
