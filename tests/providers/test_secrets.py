"""Our keys: planted, and then looked for in everything that is written down or said."""

import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from plugin_backend.config import LogFormat, LogLevel
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.brief import Kind as BriefKind
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.logs import configure
from plugin_backend.services import generations
from tests.fakes.faults import Fault, Kind
from tests.providers.contract import KEY, SUBJECTS, Rig, Subject, account, playing, provider_for
from tests.providers.scripted import Talk, saying, scripted
from tests.services.remote import turn_to_next, work_off
from tests.services.studio import Studio, studio_on
from worker.providers.http import Call, HttpError, Key, ProviderHttp

pytestmark = pytest.mark.slow

PIECE = KEY[8:20]
"""Enough of the key to be a leak."""

SOLD = [subject for subject in SUBJECTS if Catalogue.load().model(subject.brief.model).prices]


@pytest.fixture
def studio(database: str, tmp_path: Path) -> Iterator[Studio]:
    with studio_on(database, tmp_path / "studio") as found:
        yield found


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything our logging writes at its most talkative, libraries included."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure(LogLevel.DEBUG, LogFormat.JSON)

    def read() -> str:
        written = capsys.readouterr()
        return written.out + written.err

    yield read
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _repeats(status: str) -> Talk:
    """A talkative API: it repeats what it was asked, our key and all, wherever an API says anything."""

    def talk(connection: socket.socket, head: bytes) -> None:
        words = f"{head.decode()} {KEY}".replace("\r\n", " ").replace('"', "'")
        fields = ("detail", "message", "msg", "error", "error_code", "failure_reason", "title")
        body = "{" + ", ".join(f'"{name}": "{words}"' for name in fields) + "}"
        saying(body.encode(), status=status, headers=f"X-Request-Id: {KEY}\r\n")(connection, head)

    return talk


@pytest.mark.parametrize(
    "status", ["200 OK", "400 Bad", "401 No", "402 Pay", "422 Odd", "429 Slow", "500 Bad"]
)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_a_provider_that_repeats_what_it_is_asked_is_not_quoted(
    subject: Subject, status: str, tmp_path: Path, said: Callable[[], str]
) -> None:
    with playing(subject, tmp_path) as rig, scripted(_repeats(status)) as server:
        theirs = replace(account(rig.simulator), base_url=server.url, token_url=server.url)
        provider = provider_for(rig.simulator, rig.storage, instead=theirs)
        answers = [
            provider.submit(rig.shot()),
            provider.poll(["a"]),
            provider.cancel("a"),
            provider.find("t"),
        ]
        provider.close()

        assert server.heads
    assert PIECE not in repr(answers)
    assert PIECE not in said()


@pytest.mark.parametrize(
    "talk",
    [
        saying(f"<html>{KEY}</html>".encode()),
        saying(KEY.encode()),
        saying(b"{}", headers=f"Content-Encoding: {KEY}\r\n"),
        saying(b"x" * 2_000_000, headers=f"X-Request-Id: {KEY}\r\n"),
        lambda connection, _head: connection.sendall(f"nonsense {KEY}\r\n\r\n".encode()),
    ],
    ids=["a page", "words", "an encoding", "too much", "nonsense"],
)
def test_no_exception_shows_the_key(talk: Talk, said: Callable[[], str]) -> None:
    with scripted(talk) as server:
        http = ProviderHttp(server.url, Key(KEY))
        with pytest.raises(HttpError) as caught:
            http.send(Call(method="POST", url="generations", json={"key": KEY}), seconds=5)
        http.close()

    assert PIECE not in "".join(traceback.format_exception(caught.value))
    assert PIECE not in said()


@pytest.mark.parametrize("rig", SOLD, ids=lambda subject: subject.name, indirect=True)
def test_nothing_in_the_database_or_the_logs_shows_the_key(
    rig: Rig, studio: Studio, said: Callable[[], str]
) -> None:
    """Too many, refused, failed in words that quote the key: every row of every table is looked through."""
    name = rig.subject.name
    house = replace(studio.house, configured_providers=frozenset({name}))
    runtime = replace(studio.runtime, house=house, providers={name: rig.provider})
    place = replace(studio, house=house, runtime=runtime)
    rig.simulator.faults.add(Fault(kind=Kind.TOO_MANY, most=1), Fault(kind=Kind.REFUSE, nth=(3,), status=401))
    asked = GenerationRequest(kind=BriefKind.DRAFT, brief=rig.subject.brief, takes=3)
    (view,) = generations.request(house, place.person(credits_granted=100_000), [asked]).views

    for _ in range(60):
        work_off(place)
        for job in rig.simulator.jobs.everything():
            words = f"It was asked with {KEY} and {KEY[:14]}***."
            job.failure = replace(rig.simulator.failure(moderated=False), words=words)
        rig.simulator.clock.advance(60)
        found = place.see(view.generation.id)
        if found.generation.state is GenerationState.FAILED:
            break
        turn_to_next(place)

    assert found.generation.state is GenerationState.FAILED
    assert "[redacted]" in str([take.failure for take in found.takes])
    dump = "".join(
        str(row)
        for (table,) in place.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for row in place.rows(f"SELECT t::text FROM {table} t")
    )
    assert found.generation.id in dump
    assert PIECE not in dump
    assert PIECE not in said()
