"""Runs seeds one after the other in a process of its own: `python -m tests.simulation URL SEEDS GENERATIONS`.

Prints one line of JSON for each seed. The database, fresh at first, is emptied after each.
"""

import json
import sys
from contextlib import closing
from random import Random

from tests.databases import Broom
from tests.simulation.processes import live_virtually


def main() -> None:
    live_virtually()
    from tests.simulation.simulation import Simulation, seed_ids  # noqa: PLC0415 - it binds `time.sleep`

    url, seeds, generations, *options = sys.argv[1:]
    first, _, last = seeds.partition("-")
    with closing(Broom(url)) as broom:
        for seed in range(int(first), int(last or first) + 1):
            seed_ids(Random(f"{seed}/ids"))
            result = Simulation(url, seed=seed, generations=int(generations), options=options).run()
            print(json.dumps(result.to_json()), flush=True)  # noqa: T201 - its answer to the launcher
            broom.sweep()
            if result.violations and "--until-caught" in options:
                return


main()
