"""The upstreams as simulators: part of the source checkout, run as processes, never imported."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from plugin_backend.embedded.process import EmbeddedServerError

EVERY: Final = ("luma", "luma-dream-machine", "atlas", "comet", "adobe-firefly")
# Invented, so that every model can be tried.
_PRICES: Final = "firefly-video=50, kling-2.6=10/s, vidu-q3=12/s, ray-2:audio=10, ray-flash-2:audio=10"
_CHECKOUT: Final = Path(__file__).parents[2]
_PROGRAM: Final = (sys.executable, "-m", "tests.fakes")


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a service on simulators needs: one more process, and the settings that lead to it."""

    processes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


def simulation(names: Sequence[str], *, environ: Mapping[str, str]) -> Simulation:
    """These upstreams on ports that are free now; EmbeddedServerError where there is no source checkout."""
    if not names:
        return Simulation()
    checkout = _checkout()
    placed = [f"{name}={port}" for name, port in zip(names, _free_ports(len(names)), strict=True)]
    environ = {**environ, "PYTHONPATH": os.pathsep.join(filter(None, (checkout, environ.get("PYTHONPATH"))))}
    asked = subprocess.run(  # noqa: S603 - the program is our own
        [*_PROGRAM, "--settings", *placed], env=dict(environ), capture_output=True, text=True, check=False
    )
    if asked.returncode:
        raise EmbeddedServerError(f"the simulators do not start: {asked.stderr.strip()}")
    settings: dict[str, str] = json.loads(asked.stdout)
    seed = str(secrets.randbits(32))  # with the same one, jobs would have the ids of those before a restart
    return Simulation(
        {"simulators": (*_PROGRAM, "--seed", seed, *placed)},
        {"PYTHONPATH": environ["PYTHONPATH"], "MODEL_PRICES": _PRICES, **settings},
    )


def become_simulator(arguments: Sequence[str]) -> NoReturn:
    """Let this process be a simulator from now on; EmbeddedServerError where there is no source checkout."""
    os.chdir(_checkout())
    os.execv(sys.executable, [*_PROGRAM, *arguments])  # noqa: S606 - no shell is wanted


def _checkout() -> str:
    if not (_CHECKOUT / "tests" / "fakes" / "__main__.py").is_file():
        raise EmbeddedServerError(
            "the simulators are part of the source: run this from a checkout of the repository"
        )
    return str(_CHECKOUT)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
