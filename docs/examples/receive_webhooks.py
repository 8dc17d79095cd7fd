"""Receive webhooks: verify each before it is read, answer at once, work on it afterwards, each only once.

WEBHOOK_SECRET=whsec_... python receive_webhooks.py 9000
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_AGE_SECONDS = 300
MAX_BODY_BYTES = 64 * 1024


def is_genuine(headers: Mapping[str, str], body: bytes, secrets: list[str], *, now: float) -> bool:
    """Whether the message was signed with one of our secrets, and lately."""
    try:
        identifier, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        given = headers["webhook-signature"].split(" ")
        if abs(now - int(timestamp)) > MAX_AGE_SECONDS:
            return False
    except (KeyError, ValueError):
        return False
    signed = f"{identifier}.{timestamp}.".encode() + body
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        if any(hmac.compare_digest(each.encode(), expected.encode()) for each in given):
            return True
    return False


class Inbox(ThreadingHTTPServer):
    """Keeps the ids it has seen; a real one keeps them in its database, together with what it did."""

    daemon_threads = True

    def __init__(self, port: int, secrets: list[str]) -> None:
        super().__init__(("127.0.0.1", port), Door)
        self.secrets = secrets
        self.messages: queue.Queue[dict[str, object]] = queue.Queue()
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def is_new(self, identifier: str) -> bool:
        """Whether this message comes for the first time."""
        with self._lock:
            is_new = identifier not in self._seen
            self._seen.add(identifier)
            return is_new


class Door(BaseHTTPRequestHandler):
    """Answers before anything is done with a message."""

    server: Inbox

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(min(length, MAX_BODY_BYTES))
        if not is_genuine(self.headers, body, self.server.secrets, now=time.time()):
            self.send_error(401)
            return
        if self.server.is_new(self.headers["webhook-id"]):
            self.server.messages.put(json.loads(body))
        self.send_response(204)
        self.end_headers()


def main() -> None:
    """Print what comes."""
    secrets = os.environ["WEBHOOK_SECRET"].split()  # two of them while you rotate
    with Inbox(int(sys.argv[1]), secrets) as inbox:
        threading.Thread(target=inbox.serve_forever, daemon=True).start()
        print(f"listening on port {inbox.server_port}", flush=True)
        while True:
            message = inbox.messages.get()
            print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
