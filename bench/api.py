"""What the web door costs: accepting a generation, and answering a poll for which nothing has changed.

    python -m bench.api [--passes 5] [--seconds 4]

One run, passes of ours and of the floor in turn, the same load generator for both. PostgreSQL (durable) and
Valkey are the embedded ones; two gunicorn web processes each; no worker runs, so all of it is the web door.
Sixteen editors with a connection each. Hints go to RQ while its queue is short, as in production; with nobody
working, that is the first eight: the durable enqueue is the `work` row.
"""

import argparse
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import httpx
import psycopg

from bench.flights import plain
from bench.floor import prepare
from bench.load import UNIQUE, Load, Passed, request, run
from bench.stack import (
    WebDoor,
    floor_door,
    memory_mb,
    processor_seconds,
    resident_mb,
    surroundings,
    verdict,
    web_door,
)
from plugin_backend.db import money
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import Scope
from plugin_backend.services import accounts
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import api_keys
from plugin_backend.services.people.api_keys import NewKey

EDITORS = 16
DRAFT = {
    "kind": "draft",
    "brief": {"prompt": "a paper boat on a rainy street at night, slow push in", "duration_seconds": 5},
}
MASTER = {
    "kind": "master",
    "brief": {**DRAFT["brief"], "resolution": "1080p", "dynamic_range": "hdr"},  # type: ignore[dict-item]  # a literal
}
FLOOR_KEY = "floor-key"


@dataclass(frozen=True, slots=True)
class Contender:
    """Something to drive, and the status it answers with when all is well."""

    name: str
    port: int
    requests: Sequence[str]
    status: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One pass, and the servers' processor time for a request: what a busy machine bends least."""

    passed: Passed
    cpu_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    print(surroundings())
    with web_door() as door:
        tokens = editors(door)
        url = plain(door.settings)
        prepare(url, key=FLOOR_KEY)
        app = f'bench.floor:open_floor("{url}", "{door.settings.redis_url}")'
        with floor_door(app, threads=door.settings.web_threads) as port:
            measure = measuring(options.passes, options.seconds)
            show_reads(measure(reads(door, tokens, floor_port=port)))
            show_writes(measure(writes(door, tokens, floor_port=port)))
        show_memory(door)
    print(f"after: {surroundings()}")


def editors(door: WebDoor) -> list[str]:
    """Sixteen people with credits and drafts enough for any pass, and a key each."""
    house = open_house(door.settings, application="bench")
    with psycopg.connect(plain(door.settings)) as connection:
        connection.execute("UPDATE plans SET drafts_per_day = 9999999, max_unfinished = 9999999")
    tokens = []
    for number in range(EDITORS):
        user = NewUser(email=f"editor{number}@example.com", plan="pro")
        user_id = accounts.create_user(house, actor=None, user=user).id
        with house.begin() as work:
            account_id = money.account_of(work.connection, user_id)
            grant = ledger.grant(10_000_000)
            money.post(work.connection, grant, account_id=account_id, now=work.now, reason="A start")
        key = NewKey(name="bench", scopes=frozenset((Scope.READ, Scope.GENERATE)), user_id=user_id)
        tokens.append(api_keys.create(house, actor=None, key=key).token)
    house.engine.dispose()
    return tokens


def writes(door: WebDoor, tokens: Sequence[str], *, floor_port: int) -> list[Contender]:
    keyed = {"Idempotency-Key": UNIQUE}

    def asking(body: Mapping[str, object]) -> list[str]:
        return [request("POST", "/v1/generations", headers=_bearer(t) | keyed, body=body) for t in tokens]

    floor = request("POST", "/jobs", headers={}, body=DRAFT)
    return [
        Contender("floor", floor_port, [floor], "202"),
        Contender("draft", door.settings.port, asking(DRAFT), "202"),
        Contender("master", door.settings.port, asking(MASTER), "202"),
    ]


def reads(door: WebDoor, tokens: Sequence[str], *, floor_port: int) -> list[Contender]:
    waited = [_asked(door, token) for token in tokens]
    with psycopg.connect(plain(door.settings)) as connection:  # nobody works here: let none of them be late
        connection.execute("UPDATE generations SET expected_seconds = 3600")
    polls = [_poll(door, token, generation) for token, generation in zip(tokens, waited, strict=True)]
    floor = request("GET", "/me", headers=_bearer(FLOOR_KEY))
    return [
        Contender("floor", floor_port, [floor], "200"),
        Contender("unchanged", door.settings.port, polls, "304"),
    ]


def _asked(door: WebDoor, token: str) -> str:
    base = f"http://127.0.0.1:{door.settings.port}/v1/generations"
    made = httpx.post(base, json=DRAFT, headers=_bearer(token), trust_env=False)
    return str(made.raise_for_status().json()["id"])


def _poll(door: WebDoor, token: str, generation_id: str) -> str:
    """A GET of a generation of this editor's, with the ETag of the answer they have."""
    path = f"/v1/generations/{generation_id}"
    base = f"http://127.0.0.1:{door.settings.port}"
    seen = httpx.get(f"{base}{path}", headers=_bearer(token), trust_env=False)
    return request("GET", path, headers=_bearer(token) | {"If-None-Match": seen.headers["ETag"]})


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def measuring(passes: int, seconds: float) -> Callable[[Sequence[Contender]], dict[str, list[Turn]]]:
    """Rounds in which each contender has its turn; one short round first that nobody counts."""

    def drive(contender: Contender, *, seconds: float) -> Turn:
        salt, before = secrets.token_hex(4), processor_seconds()
        passed = run(Load(port=contender.port, requests=contender.requests, seconds=seconds, salt=salt))
        if set(passed.statuses) != {contender.status}:
            raise SystemExit(f"{contender.name} answered {json.dumps(dict(passed.statuses))}")
        used = sum(processor_seconds().values()) - sum(before.values())
        return Turn(passed, used * 1000 / passed.answered)

    def measure(contenders: Sequence[Contender]) -> dict[str, list[Turn]]:
        for each in contenders:
            drive(each, seconds=1)
        rounds = [{each.name: drive(each, seconds=seconds) for each in contenders} for _ in range(passes)]
        return {each.name: [found[each.name] for found in rounds] for each in contenders}

    return measure


def show_writes(found: Mapping[str, Sequence[Turn]]) -> None:
    print("POST /v1/generations, 16 connections (auth, idempotency, quota, hold, durable enqueue)")
    _show_floor("bare Flask + INSERT + RQ enqueue", found["floor"])
    for name in ("draft", "master"):
        ratio, slowest = _ratio(found, name), median(each.passed.p99_ms for each in found[name])
        answer = verdict(met=ratio >= 0.5 and slowest < 60)
        wanted = f"{ratio:.2f} of the floor (>= 0.5, p99 < 60 ms) {answer}"
        print(f"  {name:9} {_line(found[name])}  {wanted}; {_by_cpu(found, name)}")


def show_reads(found: Mapping[str, Sequence[Turn]]) -> None:
    print("GET /v1/generations/{id} with a matching ETag, 16 connections")
    _show_floor("bare Flask + one SELECT by key hash", found["floor"])
    ratio = _ratio(found, "unchanged")
    answer = verdict(met=ratio >= 0.6)
    by_cpu = _by_cpu(found, "unchanged")
    print(f"  304       {_line(found['unchanged'])}  {ratio:.2f} of the floor (>= 0.6) {answer}; {by_cpu}")


def show_memory(door: WebDoor) -> None:
    used, counted = memory_mb(door.process), resident_mb(door.process)
    print(
        f"web memory after it all: {used:.0f} MB, shared pages once ({counted:.0f} MB as ps counts); "
        f"gunicorn and two workers (< 200 MB) {verdict(met=used < 200)}"
    )


def _show_floor(what: str, turns: Sequence[Turn]) -> None:
    cost = median(each.passed.cost_us for each in turns)
    print(f"  floor     {_line(turns)}  {what}; the generator spends {cost:.0f} us a request")


def _line(turns: Sequence[Turn]) -> str:
    rates = [each.passed.rate for each in turns]
    p50, p99 = (median(getattr(each.passed, name) for each in turns) for name in ("p50_ms", "p99_ms"))
    cpu = median(each.cpu_ms for each in turns)
    spread = f"{median(rates):6.0f}/s ({min(rates):.0f}-{max(rates):.0f})"
    return f"{spread}  p50 {p50:5.1f} ms  p99 {p99:5.1f} ms  cpu {cpu:.2f} ms"


def _ratio(found: Mapping[str, Sequence[Turn]], name: str) -> float:
    """The median of the rounds' own ratios: what loads the machine for a while loads both."""
    pairs = zip(found[name], found["floor"], strict=True)
    return median(ours.passed.rate / floor.passed.rate for ours, floor in pairs)


def _by_cpu(found: Mapping[str, Sequence[Turn]], name: str) -> str:
    """The same ratio by processor time: about what it is where nobody else works on the machine."""
    pairs = zip(found[name], found["floor"], strict=True)
    return f"{median(floor.cpu_ms / ours.cpu_ms for ours, floor in pairs):.2f} by processor time"


if __name__ == "__main__":
    main()
