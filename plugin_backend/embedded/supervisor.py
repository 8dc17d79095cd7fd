"""Runs every process of the service on one machine and keeps them running until it is told to stop.

It is not a production process manager: a platform's own one runs the Procfile there.
"""

import selectors
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from plugin_backend.embedded.children import Child, ChildLog
from plugin_backend.embedded.servers import EmbeddedServers

_READY_SECONDS = 60.0
_STOP_SECONDS = 9.0  # with the servers' own bounds, all is gone within 15 s of the signal
_TICK_SECONDS = 0.1


class SupervisorError(Exception):
    """The service did not come up; says which process and what it said."""


class Stopped(Exception):  # noqa: N818 - a wish, not an error
    """A signal asked us to stop before we were ready."""


@dataclass(slots=True)
class StopSignal:
    """Set by SIGINT, SIGTERM or SIGHUP; a second one is impatient."""

    times: int = 0

    @contextmanager
    def listening(self) -> Iterator["StopSignal"]:
        """Count the signals for the length of the block."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._count) for number in numbers}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Raise once asked."""
        if self.times:
            raise Stopped

    def _count(self, _number: int, _frame: object) -> None:
        self.times += 1


class Supervisor:
    """The children of one `plugin-backend up`, over servers that already run."""

    def __init__(
        self,
        commands: Mapping[str, tuple[str, ...]],
        *,
        env: Mapping[str, str],
        logs: Path,
        servers: EmbeddedServers,
        stop: StopSignal,
        say: Callable[[str], None],
        echo: Callable[[str, str], None],
    ) -> None:
        self._children = [
            Child(name, command, env=env, log=ChildLog(logs / f"{name}.log"))
            for name, command in commands.items()
        ]
        self._servers = servers
        self._stop = stop
        self._say = say
        self._echo = echo

    def run_until_ready(self, address: str) -> None:
        """Start everything; returns when the web door says it is ready."""
        deadline = time.monotonic() + _READY_SECONDS
        answer = "nothing yet"
        with httpx.Client(base_url=address, timeout=2, trust_env=False) as web:
            while time.monotonic() < deadline:
                self._stop.check()
                self._tick()
                self._refuse_a_crash_loop()
                try:
                    response = web.get("/readyz")
                except httpx.HTTPError as error:
                    answer = str(error)
                    continue
                if response.is_success:
                    return
                answer = response.text
        raise SupervisorError(
            f"{address}/readyz was not ready after {_READY_SECONDS:.0f} s; it answered: {answer}"
        )

    def run_until_stopped(self) -> None:
        """Attend to children and servers until a signal arrives."""
        while not self._stop.times:
            self._tick()

    def shut_down(self) -> None:
        """Ask all at once, wait within bounds, end the rest."""
        for child in self._children:
            child.ask_to_stop()
        asked, deadline = self._stop.times, time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline and self._stop.times == asked:
            self._forward(_TICK_SECONDS)
            if all(child.has_ended for child in self._children):
                break
        for child in self._children:
            if not child.has_ended:
                self._say(f"{child.name} did not stop in time; killing it")
            self._forward_one(child)
            child.end()

    def _tick(self) -> None:
        for name in self._servers.revive():
            self._say(f"{name} had died; it runs again")
        for child in self._children:
            child.attend(time.monotonic(), say=self._say)
        self._forward(_TICK_SECONDS)

    def _forward(self, seconds: float) -> None:
        """Pass on what children write, for at most this long."""
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                if (pipe := child.pipe) is not None and not child.has_ended:
                    selector.register(pipe, selectors.EVENT_READ, child)
            for key, _ in selector.select(seconds):
                self._forward_one(key.data)

    def _forward_one(self, child: Child) -> None:
        for line in child.drain():
            self._echo(child.name, line)

    def _refuse_a_crash_loop(self) -> None:
        for child in self._children:
            if child.restarts.is_looping:
                ending = "\n".join(f"    {line}" for line in child.log.tail)
                raise SupervisorError(f"{child.name} does not start. {child.log.path} ends:\n{ending}")
