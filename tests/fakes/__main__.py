"""`python -m tests.fakes NAME...`: simulators as a process; a line of JSON says where each listens."""

# ruff: noqa: T201 - that line is what a parent reads

import argparse
import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tests.fakes.atlas import AtlasCloud
from tests.fakes.comet import CometApi
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Fault, Kind
from tests.fakes.firefly import Firefly
from tests.fakes.luma import LumaAgents
from tests.fakes.luma_dream_machine import LumaDreamMachine
from tests.fakes.serving import until_signalled
from tests.fakes.simulator import Simulator

SIMULATORS: Final[Mapping[str, type[Simulator]]] = {
    each.name: each for each in (LumaAgents, LumaDreamMachine, AtlasCloud, CometApi, Firefly)
}


def main() -> None:
    """Serve until SIGTERM."""
    asked = _parser().parse_args()
    simulators = [_simulator(each, asked) for each in asked.names]
    if asked.settings:
        print(json.dumps(_settings(simulators)))
        return
    asyncio.run(_serve(simulators))


async def _serve(simulators: Sequence[Simulator]) -> None:
    async def start() -> None:
        for each in simulators:
            await each.start()
            _announce(each)

    async def stop() -> None:
        for each in simulators:
            await each.stop()

    await until_signalled(start, stop)


def _simulator(named: str, asked: argparse.Namespace) -> Simulator:
    name, _, port = named.partition("=")
    conduct = Conduct(
        port=int(port or asked.port),
        key=asked.key,
        seconds=asked.seconds,
        speed=asked.speed,
        seed=asked.seed,
        requests_per_minute=asked.rate,
        concurrency=asked.concurrency,
        picture_scale=asked.picture_scale,
        draws_prompts=asked.draws_prompts or asked.disobeys > 0,
        disobeys=asked.disobeys,
        control_token=asked.control_token,
    )
    simulator = SIMULATORS[name](conduct)
    simulator.faults.add(*map(_fault, asked.fault))
    return simulator


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plugin-backend simulate",
        description="Be one or more upstreams; a line of JSON says where each listens.",
        epilog=f"Faults: {', '.join(Kind)}. While it runs, POST /_control/faults sets more.",
    )
    parser.add_argument(
        "names",
        nargs="+",
        type=_named,
        metavar="NAME[=PORT]",
        help=", ".join(SIMULATORS),
    )
    parser.add_argument("--port", type=int, default=0, help="for one NAME; 0 is any free one")
    parser.add_argument("--key", default="", help="the client's key; its own default otherwise")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long a job takes")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, help="submissions a minute")
    parser.add_argument("--concurrency", type=int, help="jobs at once")
    parser.add_argument("--draws-prompts", action="store_true", help="films of what was asked for")
    parser.add_argument("--disobeys", type=float, default=0.0, help="how many are not, such as 0.5")
    parser.add_argument("--picture-scale", type=float, default=1.0, help="smaller pictures, such as 0.25")
    parser.add_argument("--control-token", default="control")
    parser.add_argument("--settings", action="store_true", help="print the settings that lead here, and end")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND[:PROBABILITY][,NAME=VALUE...]",
        help="such as too-many:0.1,retry_after=2; once for each",
    )
    return parser


def _named(text: str) -> str:
    name, _, port = text.replace("_", "-").partition("=")
    if name not in SIMULATORS or (port and not port.isdigit()):
        raise argparse.ArgumentTypeError(f"{text}: there are {', '.join(SIMULATORS)}")
    return f"{name}={port}" if port else name


def _settings(simulators: Iterable[Simulator]) -> dict[str, str]:
    return {name: value for each in simulators for name, value in each.settings().items()}


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
