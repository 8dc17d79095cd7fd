"""`/_control/...`: scripting a simulator over HTTP, with a token of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from tests.fakes.answers import Answer, Reply, Request, as_json
from tests.fakes.faults import Fault

if TYPE_CHECKING:
    from tests.fakes.simulator import Simulator

PREFIX = "/_control/"
_OUTAGES: set[asyncio.Task[None]] = set()


def answer(simulator: "Simulator", request: Request) -> Reply | Awaitable[Reply]:
    """Do what a test or an operator says; the token goes into `X-Control-Token`."""
    if request.headers.get("x-control-token") != simulator.conduct.control_token:
        return as_json({"error": "X-Control-Token is missing or wrong."}, status=401)
    try:
        return _answer(simulator, request, request.json() if request.body else {})
    except (ValueError, TypeError, KeyError) as error:
        return as_json({"error": str(error)}, status=400)


def _answer(simulator: "Simulator", request: Request, asked: dict[str, Any]) -> Answer:
    name = f"{request.method} {request.path.removeprefix(PREFIX)}"
    if name not in _CONTROLS:
        return as_json({"error": "There is no such control."}, status=404)
    return _CONTROLS[name](simulator, asked)


def _books(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    del asked
    return as_json(simulator.books().to_json())


def _faults(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    del asked
    standing = simulator.faults.standing()
    return as_json({"faults": [{**asdict(f), "seen": seen, "struck": n} for f, seen, n in standing]})


def _add_faults(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    simulator.faults.add(*map(Fault.from_json, asked.get("faults", [asked])))
    return _faults(simulator, asked)


def _clear_faults(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    simulator.faults.clear()
    return _faults(simulator, asked)


def _requests(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    del asked
    return as_json({"seen": dict(simulator.seen)})


def _clock(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    clock = simulator.clock
    if "speed" in asked:
        clock.run(speed=float(asked["speed"]))
    if "advance" in asked:
        clock.advance(float(asked["advance"]))
    if "skew" in asked:
        clock.skew = float(asked["skew"])
    return as_json({"now": clock.now(), "speed": clock.speed, "skew": clock.skew})


def _outage(simulator: "Simulator", asked: dict[str, Any]) -> Answer:
    """Answered first; the line goes dead a moment later."""
    seconds = float(asked["seconds"])

    async def soon() -> None:
        await asyncio.sleep(0.05)
        await simulator.outage(seconds)

    task = asyncio.get_running_loop().create_task(soon())
    _OUTAGES.add(task)
    task.add_done_callback(_OUTAGES.discard)
    return as_json({"seconds": seconds})


_CONTROLS: Final[Mapping[str, Callable[["Simulator", dict[str, Any]], Answer]]] = {
    "GET books": _books,
    "GET faults": _faults,
    "POST faults": _add_faults,
    "DELETE faults": _clear_faults,
    "GET requests": _requests,
    "POST clock": _clock,
    "POST outage": _outage,
}
