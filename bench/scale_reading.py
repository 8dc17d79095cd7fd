"""Asking one web process again and again, and explaining every statement that it sends."""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx
import psycopg
from sqlalchemy import event

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.embedded.children import commands
from plugin_backend.services.opening import open_house

PASSWORD = "a password for the bench"  # noqa: S105 - of people who are made here
_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


@dataclass(frozen=True, slots=True)
class Asked:
    """One address, as one of three people; in their browser where `is_page`."""

    who: str
    path: str
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """How long it took, in milliseconds, and what came."""

    p50: float
    p95: float
    status: int
    size: int


@dataclass(frozen=True, slots=True)
class People:
    """Tokens and addresses by who holds them."""

    tokens: Mapping[str, str]
    emails: Mapping[str, str]


@contextmanager
def web(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """One gunicorn process on the servers that run; yields its address."""
    base = f"http://127.0.0.1:{settings.port}"
    with subprocess.Popen(
        commands()["web"], env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with suppress(httpx.HTTPError):
                    if httpx.get(f"{base}/readyz", trust_env=False).status_code < 500:
                        break
                time.sleep(0.2)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def browsers(base: str, people: People) -> Iterator[Mapping[tuple[str, bool], httpx.Client]]:
    """A client for each person with their token, and one that is signed in."""
    clients = {}
    for who, token in people.tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        clients[who, False] = httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60)
        clients[who, True] = httpx.Client(base_url=base, trust_env=False, timeout=60)
        found = _TOKEN.search(clients[who, True].get("/login").text)
        assert found is not None
        form = {"email": people.emails[who], "password": PASSWORD, "form_token": found[1]}
        answer = clients[who, True].post("/login", data=form)
        assert answer.status_code == 303, answer.text[:300]
    yield clients
    for client in clients.values():
        client.close()


def timed(client: httpx.Client, path: str, *, times: int) -> Took:
    """So many answers, after three that warm up."""
    seconds = []
    for number in range(times + 3):
        began = time.perf_counter()
        answer = client.get(path)
        if number >= 3:
            seconds.append((time.perf_counter() - began) * 1000)
    ordered = sorted(seconds)
    return Took(median(ordered), ordered[int(0.95 * (times - 1))], answer.status_code, len(answer.content))


def floor(url: str, statement: str, *, times: int) -> float:
    """The median of a bare statement and its rows, in milliseconds."""
    seconds = []
    with psycopg.connect(url) as connection:
        for _ in range(times + 3):
            began = time.perf_counter()
            connection.execute(statement.encode()).fetchall()
            seconds.append((time.perf_counter() - began) * 1000)
    return median(seconds[3:])


def statements_of(
    settings: Settings, people: People, asked: Sequence[Asked]
) -> dict[str, tuple[Any, set[str]]]:
    """Every statement that is sent on the way, with values it was sent with, and for what."""
    found: dict[str, tuple[Any, set[str]]] = {}
    house = open_house(settings, pool_size=3, overflow=0, application="bench")
    app = create_app(settings, house)
    current = [""]

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found.setdefault(statement, (values, set()))[1].add(current[0])

    event.listen(house.engine, "before_cursor_execute", keep)
    clients = {who: app.test_client() for who in people.tokens}
    for who, client in clients.items():
        page = _TOKEN.search(client.get("/login").text)
        assert page is not None
        client.post("/login", data={"email": people.emails[who], "password": PASSWORD, "form_token": page[1]})
    for each in asked:
        current[0] = f"{each.who} {each.path}"
        headers = {} if each.is_page else {"Authorization": f"Bearer {people.tokens[each.who]}"}
        clients[each.who].get(each.path, headers=headers)
    house.engine.dispose()
    return found


def scans(url: str, found: Mapping[str, tuple[Any, set[str]]], large: frozenset[str]) -> list[str]:
    """The statements whose plan reads a large table from one end to the other, and what they were for."""
    lines = []
    with psycopg.connect(url, autocommit=True) as connection:
        for statement, (values, reasons) in found.items():
            if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            text = psycopg.ClientCursor(connection).mogrify(statement.encode(), values)
            (plan,) = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode()).fetchone() or ([],)
            read = {table for table in _read_whole(plan[0]["Plan"]) if table in large}
            if read:
                flat = " ".join(statement.split())
                lines.append(f"{sorted(read)} for {min(reasons)}: {flat[:300]}")
    return lines


def _read_whole(node: Mapping[str, Any]) -> Iterator[str]:
    if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan"):
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _read_whole(below)
