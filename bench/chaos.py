"""A thousand generations while everything breaks: killed processes, emptied Redis, upstreams at 20 % faults.

    python -m bench.chaos [--generations 1000] [--seed 1] [--pixels]

Movies are opened to their end but not measured, or two cores would be busy with pictures that nobody looks
at; with `--pixels` they are taken in as in production, which costs a second of a processor each. All else is
the service as it runs. The control is `bench.usual_design`: a blocking job for each generation, RQ's Retry, a
refund in on_failure, under the same storm. That loses and pays twice, or this rig would prove nothing.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from bench.stack import surroundings
from tests.chaos.platform import Formation
from tests.chaos.run import Outcome, Plan, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--asking", type=float, default=200.0, help="seconds to ask for all of them")
    parser.add_argument("--patience", type=float, default=420.0, help="seconds to wait after that")
    parser.add_argument("--storm", type=float, default=400.0, help="seconds in which things break")
    parser.add_argument("--pixels", action="store_true", help="take movies in as in production")
    options = parser.parse_args()
    plan = Plan(
        generations=options.generations,
        seed=options.seed,
        asking_seconds=options.asking,
        patience_seconds=options.patience,
        storm_seconds=options.storm,
        every=(4, 16),
        formation=Formation(steps=4, draws_pixels=options.pixels),
    )
    print(surroundings(), flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        outcome = run(plan, Path(folder), tell=lambda line: print(f"  {line}", flush=True))
    _print(plan, outcome)


def _print(plan: Plan, outcome: Outcome) -> None:
    kills = sum(count for what, count in outcome.deeds.items() if what.endswith("killed"))
    print(
        f"{plan.generations:,} generations in {outcome.seconds:.0f} s, {kills} processes killed,"
        f" {outcome.faults.total():,} upstream faults; {surroundings()}"
    )
    _list("done to it", outcome.deeds)
    _list("processes started", outcome.started)
    _list("clients", outcome.clients)
    _list("upstream faults", outcome.faults)
    _list("generations", outcome.states)
    findings = outcome.audit.findings()
    print("VIOLATIONS" if findings else "0 lost, 0 billed twice, 0 charged for nothing, the ledger balances")
    for name, found in findings.items():
        print(f"  {name}: {len(found)}, such as {found[:3]}")


def _list(title: str, counts: Counter[str]) -> None:
    print(f"  {title}:", ", ".join(f"{what} {count:,}" for what, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
