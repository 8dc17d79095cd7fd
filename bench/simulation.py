"""The simulation at length: 20,000 generations in storms of faults, and every guard taken out once.

    python -m bench.simulation [--generations 20000] [--first-seed 10000] [--processes 2]

Each process has a database of its own. There is no floor to stand beside: the figures are the violations,
which must be none, and the mutants, which must all be caught.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

from bench.stack import surroundings
from plugin_backend.db import migrate
from plugin_backend.embedded.postgres import EmbeddedPostgres
from tests.databases import Broom
from tests.simulation.launch import Mutant, found_in, simulate
from tests.simulation.mutants import MUTANTS, SEEDS, WANTED

_PER_SEED: Final = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=20_000)
    parser.add_argument("--first-seed", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    print(surroundings(), flush=True)
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="simulation-")))
        # One after the other: Alembic's context is one for the whole process.
        urls = [_database(kept, folder / str(number)) for number in range(options.processes)]
        _storms(urls, generations=options.generations, first_seed=options.first_seed)
        _mutants(urls[0])
    print(surroundings(), flush=True)


def _database(kept: ExitStack, folder: Path) -> str:
    url = kept.enter_context(EmbeddedPostgres(folder, durable=False)).url
    migrate.upgrade(url)
    return url


def _storms(urls: Sequence[str], *, generations: int, first_seed: int) -> None:
    seeds = -(-generations // (_PER_SEED * len(urls)))
    started = time.monotonic()
    with ThreadPoolExecutor(len(urls)) as pool:
        runs = [
            pool.submit(_run, url, range(first_seed + part * seeds, first_seed + (part + 1) * seeds))
            for part, url in enumerate(urls)
        ]
        results = [result for run in runs for result in run.result()]
    _report(results, seconds=time.monotonic() - started)


def _run(url: str, seeds: range) -> list[dict[str, Any]]:
    results = []
    for result in simulate(url, seeds=seeds, generations=_PER_SEED):
        results.append(result)
        said = f"seed {result['seed']}: {result['generations']} generations, {result['steps']} steps"
        print(f"{said}, {sum(result['faults'].values())} faults, {len(result['violations'])} violations")
        for violation in result["violations"]:
            print(f"  {violation}")
        sys.stdout.flush()
    return results


def _report(results: Sequence[dict[str, Any]], *, seconds: float) -> None:
    made, steps = (sum(result[name] for result in results) for name in ("generations", "steps"))
    faults: Counter[str] = Counter()
    for result in results:
        faults.update(result["faults"])
    violations = sum(len(result["violations"]) for result in results)
    hours = sum(result["virtual_seconds"] for result in results) / 3600
    print(f"{made:,} generations in {len(results)} seeds, {steps:,} steps, {hours:,.0f} simulated hours")
    print(f"{faults.total():,} faults, {violations} violations, {seconds:,.0f} s", flush=True)
    for name, count in faults.most_common():
        print(f"  {name:<28} {count:>8,}")


def _mutants(url: str) -> None:
    caught = sum(_is_caught(url, mutant) for mutant in MUTANTS)
    print(f"{caught} of {len(MUTANTS)} mutants caught", flush=True)


def _is_caught(url: str, mutant: Mutant) -> bool:
    started = time.monotonic()
    with closing(Broom(url)) as broom:
        found = found_in(mutant, url, seeds=SEEDS, generations=WANTED)
        broom.sweep()  # it was stopped in the middle of something
    is_caught = any(re.search(mutant.shows, violation) for violation in found)
    what = "caught" if is_caught else "LIVES"
    print(f"  {what} in {time.monotonic() - started:.0f} s: {mutant.name}", flush=True)
    return is_caught


if __name__ == "__main__":
    main()
