"""What a simulator is asked and what it answers, down to the bytes where an upstream misbehaves."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def origin(self) -> str:
        """The address the client used, so that links lead it back to us."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"

    def json(self) -> dict[str, Any]:
        """The body's object; ValueError when it is none."""
        match json.loads(self.body):
            case dict() as found:
                return found
            case _:
                raise ValueError("The body is not an object.")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in good order: a body, or a stream of `length` bytes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    stream: AsyncIterator[bytes] | None = None
    length: int = 0

    def __post_init__(self) -> None:
        if self.stream is None:
            object.__setattr__(self, "length", len(self.body))

    def with_headers(self, **more: str) -> "Answer":
        """The same answer with more headers; underscores stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return replace(self, headers={**self.headers, **named})


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are: written, maybe dripped, and then the line is left open, closed or reset."""

    head: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    ending: str = "close"
    """`close` (in order), `reset` (TCP RST) or `hang` (nothing more, until the client gives up)."""


Reply = Answer | Raw


def as_json(content: Any, *, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; header names as keywords, underscores for hyphens."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def head_of(status: int, headers: Mapping[str, str]) -> bytes:
    """A status line and headers, with whatever lengths they claim."""
    lines = [f"HTTP/1.1 {status} Simulated", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
