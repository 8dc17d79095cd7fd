"""Traces, when somebody collects them: spans to an OpenTelemetry collector, as OTLP over HTTP in JSON.

Off unless an address is set, and then nothing is made: `span` looks at one context variable. Spans leave in a
thread of their own, a second at a time; a collector that is away loses them and holds up nobody. Attributes
hold ids, lanes and names of ours: never a prompt, an address or an error's words.
"""

import atexit
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final, Self

import httpx
import structlog

_EVERY_SECONDS: Final = 1.0
_SEND_SECONDS: Final = 5.0
_KEPT: Final = 4096
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

Attributes = Mapping[str, str | int]
_NONE: Final[Attributes] = {}

_log = structlog.get_logger()


class SpanKind(IntEnum):
    """As OTLP numbers them."""

    INTERNAL = 1
    SERVER = 2
    CLIENT = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which trace: what W3C's `traceparent` carries."""

    trace_id: str
    span_id: str

    @classmethod
    def parse(cls, traceparent: str | None) -> Self | None:
        """Read a header; None for anything that is none, or all zeros."""
        match = _TRACEPARENT.fullmatch(traceparent or "")
        if match is None or not int(match[1], 16) or not int(match[2], 16):
            return None
        return cls(match[1], match[2])

    @property
    def traceparent(self) -> str:
        """The header."""
        return f"00-{self.trace_id}-{self.span_id}-01"


@dataclass(slots=True)
class Span:
    """Something that takes time; attributes may be added until it ends."""

    name: str
    place: Place
    parent_id: str
    kind: SpanKind
    link: Place | None = None
    attributes: dict[str, str | int] = field(default_factory=dict)
    began: int = field(default_factory=time.time_ns)
    ended: int = 0
    failed: bool = False

    def to_json(self) -> dict[str, Any]:
        """As OTLP spells it."""
        linked = [] if self.link is None else [{"traceId": self.link.trace_id, "spanId": self.link.span_id}]
        return {
            "traceId": self.place.trace_id,
            "spanId": self.place.span_id,
            "parentSpanId": self.parent_id,
            "name": self.name,
            "kind": int(self.kind),
            "startTimeUnixNano": str(self.began),
            "endTimeUnixNano": str(self.ended),
            "attributes": _attributes(self.attributes),
            "links": linked,
            "status": {"code": 2} if self.failed else {},
        }


class Tracer:
    """Makes spans and sends what has ended; one per process, started with its first span."""

    def __init__(self, endpoint: str, *, service: str, headers: Mapping[str, str]) -> None:
        self._url = f"{endpoint}/v1/traces"
        self._service = service
        self._headers = dict(headers)
        self._ended: deque[Span] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._sending: threading.Thread | None = None

    @contextmanager
    def span(
        self,
        name: str,
        *,
        under: Place | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        link: Place | None = None,
        attributes: Attributes = _NONE,
    ) -> Iterator[Span]:
        """A span under a place, or the root of a new trace; what begins inside goes below it."""
        trace_id = secrets.token_hex(16) if under is None else under.trace_id
        parent_id = "" if under is None else under.span_id
        place = Place(trace_id, secrets.token_hex(8))
        span = Span(name, place, parent_id, kind, link, dict(attributes))
        token = _HERE.set((self, place))
        try:
            yield span
        except BaseException as error:
            span.failed = True
            span.attributes["error.type"] = type(error).__name__
            raise
        finally:
            _HERE.reset(token)
            span.ended = time.time_ns()
            self._ended.append(span)
            self._start()

    def flush(self) -> None:
        """Send everything that has ended; what the collector does not take is gone."""
        ended = [self._ended.popleft() for _ in range(len(self._ended))]
        if not ended:
            return
        try:
            httpx.post(
                self._url, json=self._message(ended), headers=self._headers, timeout=_SEND_SECONDS
            ).raise_for_status()
        except httpx.HTTPError as error:
            _log.debug("traces.unsent", count=len(ended), reason=type(error).__name__)

    def _start(self) -> None:
        if self._sending is not None:
            return
        with self._lock:
            if self._sending is None:
                self._sending = threading.Thread(target=self._send, daemon=True, name="traces")
                self._sending.start()
                atexit.register(self.flush)

    def _send(self) -> None:
        while True:
            time.sleep(_EVERY_SECONDS)
            self.flush()

    def _message(self, ended: list[Span]) -> dict[str, Any]:
        spans = {"scope": {"name": "plugin_backend"}, "spans": [span.to_json() for span in ended]}
        resource = {"attributes": _attributes({"service.name": self._service})}
        return {"resourceSpans": [{"resource": resource, "scopeSpans": [spans]}]}


_HERE: ContextVar[tuple[Tracer, Place] | None] = ContextVar("here", default=None)


def here() -> Place | None:
    """Where this thread is; None outside every span."""
    found = _HERE.get()
    return None if found is None else found[1]


@contextmanager
def span(
    name: str, *, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes = _NONE
) -> Iterator[Span | None]:
    """A span below the present one; nothing outside every span."""
    found = _HERE.get()
    if found is None:
        yield None
        return
    tracer, place = found
    with tracer.span(name, under=place, kind=kind, attributes=attributes) as made:
        yield made


def _attributes(values: Attributes) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]
