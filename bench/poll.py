"""What it takes to poll 200 unfinished generations, and to page a long history by its marks.

    python -m bench.poll [--rows 200000] [--times 20]

Two gunicorn web processes on embedded servers, nobody working behind them; one panel with one connection,
driven by `bench.load`. Beside what it waits stands what the servers worked for it. The floor of a poll is the
bare SELECT of the same rows and `json.dumps`. Histories are written as rows, every thousandth of them picked
and every thousandth applied; pages are 50 generations, the first and one far down.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, Final

import httpx
import psycopg

from bench.api import editors
from bench.flights import plain
from bench.load import Load, Passed, request, run
from bench.stack import processor_seconds, surroundings, verdict, web_door

BUDGET_MS: Final = 30.0
_POLL: Final = "/v1/generations?state=unfinished&limit=200"
_DRAFT: Final = {
    "kind": "draft",
    "brief": {"prompt": "a paper boat on a rainy street at night, slow push in", "duration_seconds": 5},
    "takes": 2,
}
_COPY: Final = """
    INSERT INTO generations (id, workspace_id, owner_id, account_id, kind, state, model, provider, request,
        takes_wanted, max_iterations, credits_per_take, credits_quoted, credits_held, credits_settled,
        draft_units, draft_units_used, created_at, updated_at, finished_at)
    SELECT 'gen_0' || lpad(n::text, 25, '0'), workspace_id, owner_id, account_id, kind, 'ready',
        CASE WHEN n %% 1000 = 7 THEN 'ray-3.2' ELSE model END, provider, request,
        takes_wanted, max_iterations, credits_per_take, credits_quoted, 0, 0, 0, 0, now(), now(), now()
    FROM (SELECT * FROM generations LIMIT 1) one, generate_series(1, %(rows)s) n
"""
_COPY_TAKES: Final = """
    INSERT INTO takes (id, workspace_id, owner_id, generation_id, number, state, source, created_at,
        updated_at, picked_at)
    SELECT 'take_0' || lpad(n::text, 25, '0'), workspace_id, owner_id, 'gen_0' || lpad(n::text, 25, '0'), 1,
        'stored', '{}', now(), now(), CASE WHEN n %% 1000 = 5 THEN now() END
    FROM (SELECT * FROM generations LIMIT 1) one, generate_series(1, %(rows)s) n
"""
_COPY_DELIVERIES: Final = """
    INSERT INTO deliveries (id, workspace_id, owner_id, take_id, host, state, request, created_at, updated_at,
        finished_at, applied_at)
    SELECT 'dlv_0' || lpad(n::text, 25, '0'), workspace_id, owner_id, 'take_0' || lpad(n::text, 25, '0'),
        'nuke', 'ready', '{}', now(), now(), now(), CASE WHEN n %% 1000 = 3 THEN now() END
    FROM (SELECT * FROM generations LIMIT 1) one, generate_series(1, %(rows)s) n
"""
_PAGES: Final = ("", "picked=true", "applied=true", "model=ray-3.2", "picked=true&state=ready&kind=draft")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    print(surroundings())
    with web_door() as door:
        token = editors(door)[0]
        base, headers = f"http://127.0.0.1:{door.settings.port}", {"Authorization": f"Bearer {token}"}
        with (
            httpx.Client(base_url=base, headers=headers, timeout=60, trust_env=False) as client,
            psycopg.connect(plain(door.settings), autocommit=True) as connection,
        ):
            for _ in range(4):
                client.post("/v1/batches", json={"generations": [_DRAFT] * 50}).raise_for_status()
            show_polls(client, connection, headers=headers)
            for statement in (_COPY, _COPY_TAKES, _COPY_DELIVERIES):
                connection.execute(statement, {"rows": options.rows})
            connection.execute("ANALYZE")
            show_polls(client, connection, headers=headers)
            show_pages(client, rows=options.rows, times=options.times)
    print(f"after: {surroundings()}")


def show_polls(
    client: httpx.Client, connection: psycopg.Connection[Any], *, headers: Mapping[str, str]
) -> None:
    """The whole answer, the answer that nothing moved, and the floor."""
    answer = client.get(_POLL).raise_for_status()
    ids = [item["id"] for item in answer.json()["items"]]
    whole = _polled(client, headers)
    unmoved = _polled(client, {**headers, "If-None-Match": client.get(_POLL).headers["ETag"]})
    floor = median(_ms(lambda: _floor(connection, ids)) for _ in range(100))
    print(f"{len(ids)} unfinished, 2 takes each ({len(answer.content) / 1000:.0f} kB)")
    print(f"  all of it      {whole} (< {BUDGET_MS:g} ms) {verdict(met=whole.passed.p50_ms < BUDGET_MS)}")
    print(f"  nothing moved  {unmoved}")
    print(f"  floor          p50 {floor:6.1f} ms, ratio {whole.passed.p50_ms / floor:.2f}", flush=True)


@dataclass(frozen=True, slots=True)
class Polled:
    """One pass, and the servers' processor time for a request: what a busy machine bends least."""

    passed: Passed
    worked_ms: float

    def __str__(self) -> str:
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.passed.statuses.items()))
        return f"p50 {self.passed.p50_ms:6.1f} ms, worked {self.worked_ms:5.1f} ms ({told})"


def _polled(client: httpx.Client, headers: Mapping[str, str]) -> Polled:
    """One connection, for less than the quarter of a minute that what is late is explained for."""
    port = client.base_url.port
    assert port is not None
    before = sum(processor_seconds().values())
    load = Load(port=port, requests=[request("GET", _POLL, headers=headers)], connections=1, seconds=4)
    passed = run(load)
    worked = sum(processor_seconds().values()) - before
    return Polled(passed, worked * 1000 / passed.answered)


def show_pages(client: httpx.Client, *, rows: int, times: int) -> None:
    """The first page of each way to look, and one nine tenths down."""
    print(f"a history of {rows:,}")
    for query in _PAGES:
        first = f"/v1/generations?state=ready&{query}" if "state" not in query else f"/v1/generations?{query}"
        took = median(_ms(partial(client.get, first), 200) for _ in range(times))
        cursor, pages = client.get(first).json()["next_cursor"], 1
        while cursor and pages < 20:
            further = f"{first}&cursor={cursor}"
            cursor, pages = client.get(further).json()["next_cursor"], pages + 1
        again = median(_ms(partial(client.get, further), 200) for _ in range(times))
        print(f"  {query or 'all':36} first {took:6.1f} ms, page {pages:2} {again:6.1f} ms", flush=True)


def _floor(connection: psycopg.Connection[Any], ids: list[str]) -> None:
    made = connection.execute("SELECT * FROM generations WHERE id = ANY(%s)", [ids]).fetchall()
    takes = connection.execute("SELECT * FROM takes WHERE generation_id = ANY(%s)", [ids]).fetchall()
    json.dumps([made, takes], default=str)


def _ms(act: Callable[[], Any], status: int | None = None) -> float:
    began = time.perf_counter()
    answer = act()
    took = (time.perf_counter() - began) * 1000
    if status is not None and answer.status_code != status:
        raise SystemExit(f"{answer.status_code} instead of {status}: {answer.text[:300]}")
    return took


if __name__ == "__main__":
    main()
