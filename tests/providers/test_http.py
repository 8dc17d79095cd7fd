"""Asking a provider: a total time, a bounded answer, and a sharp line between unsent and unanswered."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.outbound import Guard
from tests.fakes.serving import free_port
from tests.providers.scripted import dripping, saying, scripted
from worker.providers.http import Call, Key, NoAnswerError, NotSentError, ProviderHttp
from worker.providers.messages import Answer, Attachment, Stream, redactor, worded

POST = Call(method="POST", url="generations", json={"prompt": "a"})
GET = Call(method="GET", url="generations/1")
JSON = "Content-Type: application/json\r\n"
KEY = "luma-api-0123456789abcdef"


@contextmanager
def opened(url: str, *, guard: Guard | None = None) -> Iterator[ProviderHttp]:
    http = ProviderHttp(url, Key(KEY), guard=guard)
    try:
        yield http
    finally:
        http.close()


@pytest.mark.parametrize("call", [POST, GET])
def test_an_answer_is_its_status_its_json_and_the_providers_request_id(call: Call) -> None:
    with (
        scripted(saying(b'{"id": "1"}', headers=JSON + "X-Request-Id: req_7\r\n")) as server,
        opened(f"{server.url}/v1/") as http,
    ):
        answer = http.send(call, seconds=5)

        assert (answer.status, answer.body, answer.request_id) == (200, {"id": "1"}, "req_7")
        assert server.heads[0].startswith(f"{call.method} /v1/{call.url} ".encode())
        assert f"Authorization: Bearer {KEY}".encode() in server.heads[0]


def test_nobody_listening_is_not_sent() -> None:
    with opened(f"http://127.0.0.1:{free_port()}") as http, pytest.raises(NotSentError):
        http.send(POST, seconds=5)


def test_a_name_nobody_knows_is_not_sent() -> None:
    with opened("https://provider.invalid") as http, pytest.raises(NotSentError):
        http.send(POST, seconds=5)


def test_a_server_without_tls_is_not_sent() -> None:
    with (
        scripted(saying(b"{}")) as server,
        opened(server.url.replace("http://", "https://")) as http,
        pytest.raises(NotSentError),
    ):
        http.send(POST, seconds=5)


def test_a_name_server_that_hangs_is_not_sent_and_takes_no_longer_than_it_may() -> None:
    done = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        done.wait(10)
        raise OSError(f"{host}:{port}")

    with opened("https://provider.example", guard=Guard(resolve=hang)) as http:
        begun = time.monotonic()
        with pytest.raises(NotSentError):
            http.send(Call(method="POST", url="https://elsewhere.example/job"), seconds=0.3)
        assert time.monotonic() - begun < 5
        done.set()


@pytest.mark.parametrize(
    "bytes_of_it",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nX-Padding: " + b"p" * 1000],
    ids=["whole", "headers"],
)
def test_an_answer_that_drips_is_cut_off_after_the_total_time(bytes_of_it: bytes) -> None:
    with scripted(dripping(bytes_of_it, seconds=0.1)) as server, opened(server.url) as http:
        begun = time.monotonic()
        with pytest.raises(NoAnswerError, match="did not answer within"):
            http.send(POST, seconds=0.5)

        assert time.monotonic() - begun < 5
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>Just a moment</html>", "Content-Type: text/html\r\n"),
        (b"<html>Just a moment</html>", JSON),
        (b"plain words", JSON),
        (b"[" * 200_000, JSON),
        (b'{"id": 1', JSON),
        (b"\xff\xfe{}", JSON),
        (b'{"a": "' + b"x" * (1 << 20) + b'"}', JSON),
        (gzip.compress(b" " * (64 << 20)), JSON + "Content-Encoding: gzip\r\n"),
        (b"{}", JSON + "Content-Encoding: br\r\n"),
    ],
    ids=["html", "html as json", "words", "deep", "cut", "not utf-8", "large", "bomb", "brotli"],
)
def test_a_success_that_cannot_be_read_is_no_answer(body: bytes, headers: str) -> None:
    with (
        scripted(saying(body, headers=headers)) as server,
        opened(server.url) as http,
        pytest.raises(NoAnswerError),
    ):
        http.send(POST, seconds=10)


def test_compressed_json_that_nobody_asked_for_is_read_all_the_same() -> None:
    talk = saying(gzip.compress(b'{"id": "1"}'), headers=JSON + "Content-Encoding: gzip\r\n")
    with scripted(talk) as server, opened(server.url) as http:
        assert http.send(POST, seconds=5).body == {"id": "1"}
        assert b"Accept-Encoding: identity" in server.heads[0]


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"words", b"[1]"])
def test_an_error_is_an_answer_whatever_its_body(body: bytes) -> None:
    with scripted(saying(body, status="502 Bad Gateway")) as server, opened(server.url) as http:
        answer = http.send(POST, seconds=5)

    assert (answer.status, answer.is_ok, answer.body) == (502, False, {})


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent"])
def test_no_redirect_is_followed(status: str) -> None:
    with scripted(saying(b"")) as other:
        talk = saying(b"", status=status, headers=f"Location: {other.url}/\r\n")
        with scripted(talk) as server, opened(server.url) as http:
            assert http.send(POST, seconds=5).status == int(status[:3])

        assert other.heads == []


def test_our_key_goes_to_the_providers_own_address_only() -> None:
    with scripted(saying(b"{}")) as theirs, scripted(saying(b"{}")) as other:
        http = ProviderHttp(theirs.url, Key(KEY), trusted=(other.url,))
        http.send(GET, seconds=5)
        http.send(Call(method="GET", url=f"{other.url}/job"), seconds=5)
        http.send(Call(method="GET", url=f"{other.url}/job", signed=True), seconds=5)
        http.close()

    assert b"Authorization" in theirs.heads[0]
    assert [b"Authorization" in head for head in other.heads] == [False, True]


def test_an_address_it_names_in_our_network_is_not_asked() -> None:
    with scripted(saying(b"{}")) as theirs, scripted(saying(b"{}")) as ours, opened(theirs.url) as http:
        with pytest.raises(NotSentError):
            http.send(Call(method="GET", url=f"{ours.url}/status"), seconds=5)

        assert ours.heads == []


def test_a_form_with_a_file_and_a_streamed_body_arrive() -> None:
    form = Call(
        method="POST",
        url="files",
        form={"purpose": "input"},
        files={"file": Attachment(filename="a.jpg", media_type="image/jpeg", content=b"JPEG")},
    )
    chunks: Callable[[], Iterator[bytes]] = lambda: iter([b"one ", b"two"])  # noqa: E731 - read anew each time
    put = Call(method="PUT", url="store", body=Stream(length=7, media_type="video/mp4", chunks=chunks))
    with scripted(saying(b"")) as server, opened(server.url) as http:
        assert http.send(form, seconds=5).is_ok
        assert http.send(put, seconds=5).is_ok

    assert b"multipart/form-data" in server.heads[0]
    assert b"JPEG" in server.bodies[0]
    assert server.bodies[1] == b"one two"
    assert b"Content-Type: video/mp4" in server.heads[1]


def test_calls_asked_together_do_not_wait_for_the_one_that_hangs() -> None:
    def talk(connection: object, head: bytes) -> None:
        if b"/hang " in head:
            server.is_leaving(10)
        else:
            saying(b"{}")(connection, head)  # type: ignore[arg-type]  # the same connection

    with scripted(talk) as server, opened(server.url) as http:
        calls = {name: Call(method="GET", url=name) for name in ("a", "hang", "b")}
        found = http.gather(calls, seconds=1)

    assert {name: type(answer) for name, answer in found.items()} == {
        "a": Answer,
        "hang": NoAnswerError,
        "b": Answer,
    }


def test_however_many_are_asked_they_take_no_longer_than_they_may() -> None:
    def hang(_connection: object, _head: bytes) -> None:
        server.is_leaving(10)

    with scripted(hang) as server, opened(server.url) as http:
        begun = time.monotonic()
        found = http.gather(dict.fromkeys(range(200), GET), seconds=1)

        assert time.monotonic() - begun < 8
        assert len(found) == 200
        assert not any(isinstance(answer, Answer) for answer in found.values())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "999999"}, 3600),
        ({"retry-after": "Fri, 20 Nov 2026 10:00:30 GMT", "date": "Fri, 20 Nov 2026 10:00:00 GMT"}, 30),
        ({"retry-after": "Fri, 20 Nov 2026 09:00:00 GMT", "date": "Fri, 20 Nov 2026 10:00:00 GMT"}, 0),
        ({"retry-after": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_without_trusting_clocks(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert Answer(status=429, headers=headers).retry_after_seconds == seconds


@given(
    st.text(), st.text(min_size=8, max_size=40, alphabet=st.characters(min_codepoint=33, max_codepoint=126))
)
def test_whatever_a_provider_says_is_one_short_line_the_database_takes(said: str, secret: str) -> None:
    line = worded(f"{said} {secret}", hide=redactor([secret]))

    assert len(line) <= 300
    assert secret not in line or secret in "[redacted]"
    assert not any(ord(letter) < 32 for letter in line)
    assert line.encode("utf-8").decode("utf-8") == line


@pytest.mark.parametrize("said", [f"bad key {KEY}", f"bad key {KEY[:14]}****", f"Bearer {KEY}", {"key": KEY}])
def test_our_key_is_cut_out_of_a_providers_words_even_half_masked(said: object) -> None:
    line = worded(said, hide=redactor([KEY]))

    assert KEY[9:14] not in line
    assert "[redacted]" in line


def test_no_text_of_ours_shows_the_key() -> None:
    with scripted(saying(b"", status="401 Unauthorized")) as server, opened(server.url) as http:
        call = Call(method="POST", url="x", headers={"Authorization": f"Bearer {KEY}"}, json={"key": KEY})

        assert KEY not in repr(call)
        assert KEY not in repr(http)
        assert KEY not in repr(Key(KEY))
        assert KEY not in repr(http.send(GET, seconds=5))
