"""The simulation at length: 20,000 generations in storms of faults, and not one violation.

    python -m bench.simulation [--generations 20000] [--first-seed 10000]

Two databases, two processes at a time. There is no floor to stand beside: the figure is the count of
violations.
"""

import argparse
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.stack import surroundings
from plugin_backend.db import migrate
from plugin_backend.embedded.postgres import EmbeddedPostgres
from tests.simulation.launch import simulate

_AT_ONCE = 2
_PER_SEED = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=20_000)
    parser.add_argument("--first-seed", type=int, default=10_000)
    options = parser.parse_args()
    print(surroundings())
    seeds = -(-options.generations // (_PER_SEED * _AT_ONCE))
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="simulation-") as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        runs = [
            pool.submit(_run, Path(folder) / str(part), options.first_seed + part * seeds, seeds)
            for part in range(_AT_ONCE)
        ]
        results = [result for run in runs for result in run.result()]
    _report(results, seconds=time.monotonic() - started)


def _run(folder: Path, first: int, seeds: int) -> list[dict[str, Any]]:
    with EmbeddedPostgres(folder, durable=False) as server:
        migrate.upgrade(server.url)
        results = []
        for result in simulate(server.url, seeds=range(first, first + seeds), generations=_PER_SEED):
            results.append(result)
            for violation in result["violations"]:
                print(f"seed {result['seed']}: {violation}", flush=True)
        return results


def _report(results: list[dict[str, Any]], *, seconds: float) -> None:
    made = sum(result["generations"] for result in results)
    faults: Counter[str] = Counter()
    for result in results:
        faults.update(result["faults"])
    violations = sum(len(result["violations"]) for result in results)
    print(f"{made:,} generations, {sum(faults.values()):,} faults, {violations} violations")
    print(f"{made / seconds:.1f} generations/s, {sum(result['steps'] for result in results):,} steps")
    for name, count in faults.most_common():
        print(f"  {name:<28} {count:>8,}")


if __name__ == "__main__":
    main()
