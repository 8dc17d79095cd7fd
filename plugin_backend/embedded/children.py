"""One child process of the supervisor: its log, its deaths, and when it is started again."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plugin_backend.embedded.process import GuardedProcess

_FIRST_DELAY, _LONGEST_DELAY = 0.2, 30.0
_HEALTHY_SECONDS = 30.0
_LOOP_DEATHS = 5
_LOG_BYTES = 20 << 20


@dataclass(slots=True)
class Restarts:
    """Deaths in a row, and the growing pause they earn; a healthy life forgives them."""

    in_a_row: int = 0

    def delay_after(self, lived_seconds: float) -> float:
        """How long to wait after a death."""
        self.in_a_row = 1 if lived_seconds >= _HEALTHY_SECONDS else self.in_a_row + 1
        return min(_FIRST_DELAY * 2.0 ** (self.in_a_row - 1), _LONGEST_DELAY)

    @property
    def is_looping(self) -> bool:
        """Whether starting it once more is hope rather than repair."""
        return self.in_a_row >= _LOOP_DEATHS


@dataclass(slots=True)
class ChildLog:
    """A file that cannot fill the disk, and the last lines for a report."""

    path: Path
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=15))
    _rest: bytes = b""

    def write(self, block: bytes) -> list[str]:
        """Append; answers with the lines this block completed."""
        if self.path.exists() and self.path.stat().st_size > _LOG_BYTES:
            self.path.replace(self.path.with_suffix(".log.1"))
        with self.path.open("ab") as file:
            file.write(block)
        *whole, self._rest = (self._rest + block).split(b"\n")
        lines = [line.decode(errors="replace") for line in whole]
        self.tail.extend(lines)
        return lines


class Child:
    """A named command that is kept running."""

    def __init__(self, name: str, command: tuple[str, ...], *, env: Mapping[str, str], log: ChildLog) -> None:
        self.name = name
        self.log = log
        self.restarts = Restarts()
        self._command = command
        self._env = env
        self._process: GuardedProcess | None = None
        self._started_at = 0.0
        self._due_at = 0.0

    @property
    def pipe(self) -> int | None:
        """The descriptor its output comes out of, while it runs."""
        output = self._process.output if self._process else None
        return None if output is None else output.fileno()

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs."""
        return self._process is None or self._process.exit_status() is not None

    def attend(self, now: float, *, say: Callable[[str], None]) -> None:
        """Notice a death, and start it when it is due."""
        if self._process is not None and (status := self._process.exit_status()) is not None:
            self.drain()
            self._bury()
            self._due_at = now + self.restarts.delay_after(now - self._started_at)
            say(self._obituary(status, pause=self._due_at - now))
        if self._process is None and now >= self._due_at:
            self._start(now)

    def drain(self) -> list[str]:
        """Take what its pipe holds now."""
        if (pipe := self.pipe) is None:
            return []
        lines: list[str] = []
        try:
            while block := os.read(pipe, 1 << 16):
                lines += self.log.write(block)
        except BlockingIOError:
            pass  # empty for now
        return lines

    def ask_to_stop(self) -> None:
        """SIGTERM; it hands its work back and leaves."""
        if self._process is not None:
            self._process.send(signal.SIGTERM)

    def end(self) -> None:
        """Kill what is left of it, and let go."""
        if self._process is not None:
            self._process.stop(timeout=0 if not self.has_ended else 1)
            self._process = None

    def _start(self, now: float) -> None:
        self._process = GuardedProcess(self._command, env=self._env, output=subprocess.PIPE)
        if self.pipe is not None:
            os.set_blocking(self.pipe, False)
        self._started_at = now

    def _bury(self) -> None:
        assert self._process is not None
        self._process.kill_group()  # what it started must not outlive it
        self._process.release()
        self._process = None

    def _obituary(self, status: int, *, pause: float) -> str:
        ended = (
            f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        )
        if not self.restarts.is_looping:
            return f"{self.name} {ended}; starting it again"
        return (
            f"{self.name} {ended}, {self.restarts.in_a_row} times in a row; next try in {pause:.0f} s. "
            f"Its log is {self.log.path} and ends:\n" + "\n".join(f"    {line}" for line in self.log.tail)
        )


def commands() -> dict[str, tuple[str, ...]]:
    """The Procfile's processes on one machine: media twice, so that a master never delays a draft."""
    python = sys.executable
    return {
        "web": (python, "-m", "gunicorn", "-c", "python:plugin_backend.gunicorn", "plugin_backend.wsgi:app"),
        "worker": (python, "-m", "worker", "steps"),
        "media": (python, "-m", "worker", "media"),
        "media-drafts": (python, "-m", "worker", "media", "--drafts-only"),
        "clock": (python, "-m", "worker", "clock"),
    }
