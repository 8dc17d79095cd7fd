"""A language model behind chat completions: it reads a brief as it was told to, or misbehaves."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_MEGABYTE = 1 << 20
MODEL = "reader-1"


class Mood(StrEnum):
    """How it answers."""

    GOOD = "good"
    GARBAGE = "garbage"
    PROSE = "prose"
    SLOW = "slow"
    HUGE = "huge"
    DOWN = "down"


def instruction(about: str, term: str, quote: str, **more: Any) -> dict[str, Any]:
    """One instruction as the schema wants it."""
    empty = {"who": "", "kind": None, "heading": None, "strength": None, "from_seconds": None}
    return {"about": about, "term": term, "quote": quote, **empty, "to_seconds": None, **more}


@dataclass(slots=True)
class Behaviour:
    """What it says, and what it was asked."""

    instructions: list[dict[str, Any]] = field(default_factory=list)
    content: dict[str, Any] | None = None
    """Said instead of instructions, to other questions."""
    mood: Mood = Mood.GOOD
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)


class FakePlanner(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = Behaviour()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: FakePlanner

    def do_POST(self) -> None:
        does = self.server.behaviour
        does.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        does.keys.append(self.headers.get("Authorization", ""))
        assert self.path == "/v1/chat/completions"
        if does.mood is Mood.SLOW:
            does.leaving.wait(30)
        self._send(500 if does.mood is Mood.DOWN else 200, _body(does))

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature is the library's
        """Says nothing."""


def _body(does: Behaviour) -> bytes:
    said = {
        Mood.GARBAGE: '{"instructions": [{"about": "everything"}]}',
        Mood.PROSE: "Certainly! Here is your plan:",
        Mood.HUGE: " " * (2 * _MEGABYTE),
    }.get(does.mood, json.dumps(does.content or {"instructions": does.instructions}))
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": said}}]}).encode()


@contextmanager
def playing_planner() -> Iterator[FakePlanner]:
    """A planner that listens until the end of the block."""
    server = FakePlanner()
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.behaviour.leaving.set()
        server.shutdown()
        thread.join()
        server.server_close()
