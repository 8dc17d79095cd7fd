"""A child process that cannot outlive us: however this process ends, the child is told to stop."""

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

# The guard blocks on a pipe only this process holds. Killed or crashed, the pipe closes and the guard acts.
_GUARD = 'read -r _; kill -s "$0" "$1" 2>/dev/null'


class EmbeddedServerError(Exception):
    """A server of ours did not start; says what its log says."""


class GuardedProcess:
    """A command in its own session: Ctrl-C in the terminal reaches us alone, and we stop things in order."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        output: IO[bytes] | int,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: int | None = None,
    ) -> None:
        self._stop_signal = stop_signal
        self._process = subprocess.Popen(  # noqa: S603 - the commands are our own
            [str(part) for part in command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        self._guard = subprocess.Popen(  # noqa: S603 - as above
            ["/bin/sh", "-c", _GUARD, stop_signal.name.removeprefix("SIG"), str(self.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id, also after its end."""
        return self._process.pid

    @property
    def output(self) -> IO[bytes] | None:
        """Our end of the pipe, when `output=subprocess.PIPE` was asked for."""
        return self._process.stdout

    def exit_status(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Signal the process alone."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def kill_group(self) -> None:
        """End it and everything it started, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()

    def stop(self, *, timeout: float, with_signal: signal.Signals | None = None) -> None:
        """Ask, wait, then insist; gives everything it held back to the system."""
        self.send(with_signal or self._stop_signal)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill_group()
            self._process.wait()
        self.release()

    def release(self) -> None:
        """Let go of an ended process: its pipe and its guard."""
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._guard.kill()  # before its pipe closes: that process id may be a stranger's by now
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self._guard.wait()


class EmbeddedServer(ABC):
    """A server that runs as such a child, from `start` to `stop` or for the length of a block."""

    _process: GuardedProcess | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.exit_status() is None

    @abstractmethod
    def start(self) -> None:
        """Run, unless it runs already, and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """End it in order."""
