"""One POST to an endpoint: its time is bounded whatever the receiver does, and little is read."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import httpx
import pytest

from plugin_backend.outbound import Guard, Origin
from plugin_backend.services.webhooks.webhook_sending import Reply
from tests.receivers import Told, receiving
from worker.webhooks import MOST_READ, post

TOTAL = 1.0
SECRET_PATH = "/canary-path"


def posted(origin: str, *, guard: Guard | None = None) -> Reply:
    trusted = guard or Guard(trusted=frozenset({Origin.of(origin)}))
    request = httpx.Request("POST", origin + SECRET_PATH, content=b"{}")
    return post(trusted, request, monotonic=time.monotonic, total=TOTAL)


@contextmanager
def saying(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The origin of a server that speaks to whoever connects, byte by byte if it wants to."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with suppress(OSError):
                line, _ = door.accept()
                with line:
                    line.recv(65536)
                    answer(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    thread.join(10)


def _slowly(text: bytes) -> Callable[[socket.socket], None]:
    def speak(line: socket.socket) -> None:
        for byte in text:
            line.sendall(bytes([byte]))
            time.sleep(0.05)

    return speak


def test_a_receiver_that_drips_its_headers_is_left_after_the_total_time() -> None:
    began = time.monotonic()
    with saying(_slowly(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 400)) as origin:
        reply = posted(origin)
        took = time.monotonic() - began

    assert (reply.status, reply.error) == (None, "It did not answer within 1 seconds.")
    assert took < 10
    assert reply.took_ms >= 900


def test_a_status_stands_however_long_the_body_goes_on() -> None:
    with receiving() as receiver:
        receiver.answer = lambda _: Told(202, trickles=0.05)
        reply = posted(receiver.origin)

    assert (reply.status, reply.error) == (202, None)
    assert reply.answer is not None
    assert reply.answer.startswith("ok")


def test_an_endless_body_is_cut_short() -> None:
    def pour(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 500 Oh\r\n\r\n")
        for _ in range(20_000):
            line.sendall(b"x" * 65536)

    with saying(pour) as origin:
        reply = posted(origin)

    assert (reply.status, reply.answer) == (500, "x" * 512)
    assert MOST_READ == 4096


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", None),
        (b"220 mail.example.com ESMTP\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 200),
    ],
)
def test_whatever_it_says_there_is_a_reply_without_an_address(said: bytes, status: int | None) -> None:
    with saying(lambda line: line.sendall(said)) as origin:
        reply = posted(origin)

    assert reply.status == status
    assert "canary" not in repr(reply)
    assert (reply.error is None) == (status is not None)


def test_nobody_there_and_no_such_name_are_replies_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

    closed = posted(f"http://127.0.0.1:{port}")
    nameless = posted("https://hooks.invalid", guard=Guard(resolve=lambda *_: ()))
    ours = posted("https://hooks.example", guard=Guard(resolve=lambda *_: ["10.0.0.7"]))

    assert closed.error == "It took no connection, or its certificate is not valid."
    assert nameless.error == "Its host has no address."
    assert ours.error == "hooks.example is not a public host."


@pytest.mark.parametrize(
    ("status", "headers", "asked"),
    [
        (429, {"Retry-After": "120"}, timedelta(minutes=2)),
        (503, {"Retry-After": "soon"}, None),
        (500, {"Retry-After": "120"}, None),
        (429, {}, None),
    ],
)
def test_who_asks_for_time_is_heard(status: int, headers: dict[str, str], asked: timedelta | None) -> None:
    with receiving() as receiver:
        receiver.answer = lambda _: Told(status, headers)
        reply = posted(receiver.origin)

    assert reply.retry_after == asked


def test_a_date_is_read_against_the_answers_own() -> None:
    said = b"HTTP/1.1 503 Busy\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\nContent-Length: 0\r\n"
    until = b"Retry-After: Sun, 01 Mar 2026 12:05:00 GMT\r\n\r\n"
    with saying(lambda line: line.sendall(said + until)) as origin:
        reply = posted(origin)

    assert reply.retry_after == timedelta(minutes=5)
