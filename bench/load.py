"""A load generator lean enough to leave the processors to the servers: one thread, epoll, requests as bytes.

It runs in a process of its own (`run` starts it), so that its garbage and its lock are nobody else's. A floor
and the service beside it are always driven by the same generator, and its cost is part of what it reports.
"""

import json
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

UNIQUE = "0" * 24
"""Stands in a request where every sending needs a value of its own, such as an Idempotency-Key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Connection n sends request n, over and over, each as soon as the last was answered."""

    port: int
    requests: Sequence[str]
    connections: int = 16
    seconds: float = 4.0
    salt: str = ""
    """Differs between passes, so that no unique value comes twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What came back."""

    answered: int
    seconds: float
    statuses: Mapping[str, int]
    p50_ms: float
    p99_ms: float
    cost_us: float = field(metadata={"unit": "the generator's own processor time per request"})

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.answered / self.seconds


def request(method: str, path: str, *, headers: Mapping[str, str], body: object = None) -> str:
    """One HTTP/1.1 request, ready to send."""
    content = "" if body is None else json.dumps(body, separators=(",", ":"))
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {headers[name]}" for name in headers),
    ]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines) + "\r\n\r\n" + content


def run(load: Load) -> Passed:
    """One pass, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", "-"],
        input=json.dumps(asdict(load)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Passed(**json.loads(done.stdout))


class _Connection:
    """A socket, the request it repeats, and the answer it is reading."""

    def __init__(self, load: Load, number: int) -> None:
        head, self._marked, tail = load.requests[number % len(load.requests)].partition(UNIQUE)
        self._head, self._tail = head.encode(), tail.encode()
        self._unique = f"{load.salt}{number:04d}".zfill(len(UNIQUE) - 8)
        self._sent = 0
        self._buffer = b""
        self.began = 0.0
        self.socket = socket.create_connection(("127.0.0.1", load.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        self._sent += 1
        marked = f"{self._unique}{self._sent:08d}".encode() if self._marked else b""
        self.began = time.perf_counter()
        self.socket.sendall(self._head + marked + self._tail)

    def receive(self) -> str | None:
        """The status once the whole answer is here."""
        arrived = self.socket.recv(1 << 16)
        if not arrived:
            raise ConnectionError(f"The server hung up after {self._buffer[:200]!r}")
        self._buffer += arrived
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or len(self._buffer) < end + 4 + _content_length(self._buffer[:end]):
            return None
        status = self._buffer[9:12].decode()
        self._buffer = b""
        return status


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _drive(load: Load) -> Passed:
    waits: list[float] = []
    statuses: Counter[str] = Counter()
    with selectors.DefaultSelector() as selector:
        for number in range(load.connections):
            connection = _Connection(load, number)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        cpu, began = time.process_time(), time.perf_counter()
        for key in selector.get_map().values():
            key.data.send()
        while time.perf_counter() < began + load.seconds:
            for key, _ in selector.select(1):
                if (status := key.data.receive()) is not None:
                    waits.append(time.perf_counter() - key.data.began)
                    statuses[status] += 1
                    key.data.send()
        took = time.perf_counter() - began
        cost = time.process_time() - cpu
    waits.sort()
    return Passed(
        answered=len(waits),
        seconds=took,
        statuses=dict(statuses),
        p50_ms=waits[len(waits) // 2] * 1000,
        p99_ms=waits[len(waits) * 99 // 100] * 1000,
        cost_us=cost * 1e6 / len(waits),
    )


def main() -> None:
    if sys.argv[1:] != ["-"]:
        print("(the load generator of the other scripts; nothing to measure here)")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    print(json.dumps(asdict(_drive(Load(**json.loads(sys.stdin.read()))))))


if __name__ == "__main__":
    main()
