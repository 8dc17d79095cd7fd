"""Runs a Procfile as platforms do: each line in a shell, with PORT; SIGTERM to all, SIGKILL 30 s later."""

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
import psutil

from plugin_backend.embedded.process import GuardedProcess
from tests.fakes.serving import free_port
from tests.house.repository import ROOT

_READY_SECONDS: Final = 120.0
_KILL_AFTER_SECONDS: Final = 30.0


def lines_of(tree: Path = ROOT) -> dict[str, str]:
    """What each process type runs."""
    lines = (tree / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def release(environ: Mapping[str, str], *, tree: Path = ROOT) -> None:
    """The release phase, beside whatever runs; CalledProcessError when it fails."""
    subprocess.run(["/bin/sh", "-c", lines_of(tree)["release"]], env=dict(environ), cwd=tree, check=True)


def on_path(environ: Mapping[str, str], *, tree: Path = ROOT) -> dict[str, str]:
    """An environment in which the commands of a Procfile are found, and the code of one tree."""
    programs = Path(sys.executable).parent
    return {**environ, "PATH": f"{programs}:/usr/bin:/bin", "PYTHONPATH": str(tree)}


@dataclass(slots=True)
class Formation:
    """One of every process but the release; all of them, or those that are named."""

    environ: Mapping[str, str]
    folder: Path
    tree: Path = ROOT
    names: tuple[str, ...] = ("web", "worker", "media", "clock")
    port: int = field(default_factory=free_port)
    _processes: dict[str, GuardedProcess] = field(default_factory=dict)

    def __enter__(self) -> Self:
        environ, lines = {**self.environ, "PORT": str(self.port)}, lines_of(self.tree)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.names:
            # A Procfile's `exec` makes the shell the process itself, so that it hears the signal.
            command = ["/bin/sh", "-c", f"cd {shlex.quote(str(self.tree))} && {lines[name]}"]
            with self.log(name).open("ab") as log:
                self._processes[name] = GuardedProcess(command, env=environ, output=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def log(self, name: str) -> Path:
        """What one process writes."""
        return self.folder / f"{name}.log"

    def process(self, name: str) -> psutil.Process:
        """One of them, with whatever it starts below it."""
        return psutil.Process(self._processes[name].pid)

    def until_answering(self, path: str = "/readyz") -> None:
        """Returns once the web process answers well."""
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(self.url + path, timeout=5, trust_env=False).is_success:
                    return
            except httpx.HTTPError:
                pass  # not listening yet
            time.sleep(0.1)
        raise AssertionError(self.log("web").read_text()[-3000:])

    def stop(self, *names: str) -> float:
        """SIGTERM to all at once, or to some; the seconds until the last has left, 30 when one was killed."""
        began, gone = time.monotonic(), [name for name in self._processes if not names or name in names]
        processes = [self._processes.pop(name) for name in gone]
        for process in processes:
            process.send(signal.SIGTERM)
        for process in processes:
            process.stop(timeout=max(0.1, began + _KILL_AFTER_SECONDS - time.monotonic()))
        return time.monotonic() - began
