"""The audit's chain: how fast it seals what stood there, verifies, and how much it adds to an entry.

    python -m bench.audit [--entries 200000]

Beside the verification stands its floor: the same rows read and nothing done with them.
"""

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psycopg

from plugin_backend.db import audit, migrate
from plugin_backend.db.engine import open_engine
from plugin_backend.db.journal import Owned, record_event
from plugin_backend.db.journal import audit as record
from plugin_backend.db.unit_of_work import DatabaseClock
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.files.storage import open_storage
from plugin_backend.services.house import House
from plugin_backend.services.running import auditing
from plugin_backend.services.running.auditing import Verified
from tests.services.studio import Overheard

_BEFORE_THE_CHAIN = "0011"
_CHAINS = 50
_WRITERS, _EACH = 4, 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=200_000)
    entries: int = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        migrate.upgrade(server.url, _BEFORE_THE_CHAIN)
        _fill(server.url, entries)
        seconds = _timed(lambda: migrate.upgrade(server.url))
        rate = entries / seconds
        print(f"sealed by the migration   {entries:10,} entries in {seconds:6.1f} s, {rate:9,.0f} a second")
        house = _house(server.url, Path(folder))
        _verify(house, entries)
        _write(house)
        house.engine.dispose()


def _fill(url: str, entries: int) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO audit_entries"
            " (workspace_id, actor_id, action, subject_id, before, after, reason, at)"
            " SELECT 'wsp_' || n %% %(chains)s, 'usr_' || n %% 977, 'quota.changed', 'usr_' || n %% 9973,"
            " '{\"draft_limit_per_day\": null}', jsonb_build_object('draft_limit_per_day', n %% 100),"
            " CASE WHEN n %% 4 = 0 THEN 'More for the launch' END, now()"
            " FROM generate_series(1, %(entries)s) n",
            {"chains": _CHAINS, "entries": entries},
        )
        connection.execute("ANALYZE")


def _house(url: str, folder: Path) -> House:
    return House(
        engine=open_engine(url, pool_size=_WRITERS, application="bench"),
        clock=DatabaseClock(),
        hints=Overheard(),
        storage=open_storage((folder / "storage").as_uri(), account=None),
        catalogue=Catalogue.load(),
        token_pepper="p" * 32,
    )


def _verify(house: House, entries: int) -> None:
    floor = _timed(lambda: _read(house))
    before = _memory()
    found: list[Verified] = []
    seconds = _timed(lambda: found.extend(auditing.verify(house)))
    heads = {chain.workspace_id: chain.head for chain in found}
    onward = _timed(lambda: found.extend(auditing.verify(house, since=heads)))
    assert [chain.flaw for chain in found if chain.flaw] == []
    strays = _timed(lambda: auditing.unsealed(house))
    print(
        f"verified                  {entries:10,} entries in {seconds:6.1f} s, "
        f"{entries / seconds:9,.0f} a second; only read: {floor:.1f} s; looking for strays: {strays:.1f} s;"
        f" going on from there: {onward:.2f} s;"
        f" memory {before:.0f} MB before, {_memory():.0f} MB at most"
    )


def _read(house: House) -> None:
    chain: str | None = ""
    while chain is not None:
        with house.begin() as work:
            chain, place = audit.next_chain(work.connection, after=chain), 0
        while chain is not None:
            with house.begin() as work:
                found = audit.links(work.connection, chain, after=place, limit=2_000)
            if not found:
                break
            place = found[-1].number


def _write(house: House) -> None:
    """One entry a transaction: alone, and several at once on one chain and on chains of their own."""
    bare = _rate(house, lambda _: None)
    print(f"with an event, one writer {bare}")
    for name, writers in (("one writer", 1), (f"{_WRITERS} writers", _WRITERS)):
        own = _rate(house, lambda number: f"wsp_own_{number}", writers=writers)
        one = _rate(house, lambda _: "wsp_one", writers=writers)
        print(f"with an entry, {name:10} {own} on chains of their own; {one} on one chain")


def _rate(house: House, chain_of: Callable[[int], str | None], *, writers: int = 1) -> str:
    times: list[float] = []

    def write(number: int) -> None:
        chain = chain_of(number)
        times.extend(_timed(lambda: _entry(house, chain)) for _ in range(_EACH))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    whole = _timed(lambda: _together(threads))
    return f"{1_000 * median(times):5.2f} ms, {len(times) / whole:6,.0f} a second"


def _entry(house: House, chain: str | None) -> None:
    with house.begin() as work:
        if chain is None:
            record_event(work, "act", subject_id="usr_1", owned=Owned("wsp_1", "usr_1"))
        else:
            record(work, "act", subject_id="usr_1", actor_id="usr_2", workspace_id=chain, after={"limit": 5})


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


if __name__ == "__main__":
    main()
