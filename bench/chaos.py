"""A thousand generations while everything breaks: killed processes, emptied Redis, upstreams at 20 % faults.

    python -m bench.chaos [--generations 1000] [--seed 1]

Its control is `bench.usual_design`: a blocking job for each generation, RQ's Retry, a refund in on_failure,
under the same storm. That loses and pays twice, or this rig would prove nothing.
"""

import argparse
import tempfile
from pathlib import Path

from bench.stack import surroundings
from tests.chaos.run import Plan, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=300.0)
    options = parser.parse_args()
    print(surroundings())
    plan = Plan(generations=options.generations, seed=options.seed, patience_seconds=options.patience)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        outcome = run(plan, Path(folder), tell=lambda line: print(f"  {line}", flush=True))
    print(f"{plan.generations:,} generations in {outcome.seconds:.0f} s, {outcome.faults:,} upstream faults")
    for what, times in sorted((outcome.deeds + outcome.states).items()):
        print(f"  {what:<22} {times:>6,}")
    findings = outcome.audit.findings()
    print("VIOLATIONS" if findings else "0 lost, 0 billed twice, 0 charged for nothing, the ledger balances")
    for name, found in findings.items():
        print(f"  {name}: {len(found)}, such as {found[:3]}")


if __name__ == "__main__":
    main()
