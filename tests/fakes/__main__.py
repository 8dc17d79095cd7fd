"""`python -m tests.fakes NAME`: one simulator as a process; a line of JSON says where it listens."""

# ruff: noqa: T201 - that line is what a parent reads

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Final

from tests.fakes.atlas import AtlasCloud
from tests.fakes.comet import CometApi
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Fault
from tests.fakes.firefly import Firefly
from tests.fakes.luma import LumaAgents
from tests.fakes.luma_dream_machine import LumaDreamMachine
from tests.fakes.simulator import Simulator

SIMULATORS: Final[Mapping[str, type[Simulator]]] = {
    each.name: each for each in (LumaAgents, LumaDreamMachine, AtlasCloud, CometApi, Firefly)
}


def main() -> None:
    """Serve until SIGTERM."""
    asked = _parser().parse_args()
    conduct = Conduct(
        port=asked.port,
        key=asked.key,
        seconds=asked.seconds,
        speed=asked.speed,
        seed=asked.seed,
        requests_per_minute=asked.rate,
        concurrency=asked.concurrency,
        picture_scale=asked.picture_scale,
        control_token=asked.control_token,
    )
    simulator = SIMULATORS[asked.name](conduct)
    simulator.faults.add(*map(_fault, asked.fault))
    asyncio.run(simulator.serve(lambda: _announce(simulator)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes", description=__doc__)
    parser.add_argument("name", choices=sorted(SIMULATORS), type=lambda name: name.replace("_", "-"))
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--key", default="", help="the client's key; its own default otherwise")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long a job takes")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, help="submissions a minute")
    parser.add_argument("--concurrency", type=int, help="jobs at once")
    parser.add_argument("--picture-scale", type=float, default=1.0)
    parser.add_argument("--control-token", default="control")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND[:PROBABILITY][,NAME=VALUE...]",
        help="such as too-many:0.1,retry_after=2; once for each",
    )
    return parser


def _fault(text: str) -> Fault:
    """A rule in one word: `error:0.2,status=503,accepts=true`."""
    kind, *pairs = text.split(",")
    name, _, probability = kind.partition(":")
    named = dict(pair.split("=", 1) for pair in pairs)
    values = {key: _value(value) for key, value in named.items()}
    return Fault.from_json({"kind": name, "probability": float(probability or 1), **values})


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _announce(simulator: Simulator) -> None:
    said = {"name": simulator.name, "url": simulator.url, "key": simulator.key}
    print(json.dumps({**said, "settings": simulator.settings()}), flush=True)


if __name__ == "__main__":
    main()
