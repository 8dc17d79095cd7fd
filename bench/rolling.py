"""Restarts in turn under load: every ten seconds a process gets SIGTERM, and SIGKILL 30 s later.

    python -m bench.rolling [--minutes 0.5] [--every 10] [--a-minute 60]

Clients send each request again, with its key, until it is answered. Nothing may fail after that, nothing may
be lost, and the ledger must be exact. Movies are opened to their end but not measured, as in `bench.chaos`.
"""

import argparse
import tempfile
from pathlib import Path

from bench.stack import surroundings, verdict
from tests.chaos.breaking import Breaker, Ground
from tests.chaos.platform import Formation
from tests.chaos.roller import Roller
from tests.chaos.run import Outcome, Plan, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--every", type=float, default=10.0, help="seconds from one restart to the next")
    parser.add_argument("--a-minute", type=int, default=60, help="generations that are asked for")
    options = parser.parse_args()
    rollers: list[Roller] = []

    def rolling(plan: Plan, ground: Ground) -> Breaker:
        rollers.append(
            Roller(platform=ground.platform, every_seconds=options.every, seconds=plan.storm_seconds)
        )
        return rollers[-1]

    seconds = options.minutes * 60
    plan = Plan(
        generations=round(options.minutes * options.a_minute),
        seed=1,
        asking_seconds=seconds,
        patience_seconds=300,
        storm_seconds=seconds,
        every=(1, 1),
        formation=Formation(steps=2, media=2, draws_pixels=False),
        faults=0,
        breaker=rolling,
    )
    print(surroundings(), flush=True)
    with tempfile.TemporaryDirectory(prefix="rolling-") as folder:
        outcome = run(plan, Path(folder), tell=lambda line: print(f"  {line}", flush=True))
    _print(plan, outcome, longest=rollers[0].longest)


def _print(plan: Plan, outcome: Outcome, *, longest: float) -> None:
    findings = outcome.audit.findings()
    print(
        f"{plan.generations:,} generations in {outcome.seconds:.0f} s, {outcome.deeds.total()} restarts, the"
        f" slowest in {longest:.1f} s; {surroundings()}"
    )
    for title, counts in (
        ("restarts", outcome.deeds),
        ("clients", outcome.clients),
        ("ended", outcome.states),
    ):
        print(f"  {title}:", ", ".join(f"{what} {count:,}" for what, count in sorted(counts.items())))
    print(verdict(met=not findings), "0 failed after the client's retry, 0 lost, the ledger exact")
    for name, found in findings.items():
        print(f"  {name}: {len(found)}, such as {found[:3]}")


if __name__ == "__main__":
    main()
