"""What the scripts here measure: the whole service as its user starts it, or its web door alone."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from plugin_backend.config import Settings, inherited_environ
from plugin_backend.db.migrate import upgrade
from plugin_backend.embedded.children import commands
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.servers import EmbeddedServers

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Stack:
    """A running service."""

    url: str
    user_key: str
    admin_key: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class WebDoor:
    """gunicorn as the Procfile runs it, on embedded servers, with nobody working behind it."""

    settings: Settings
    folder: DataFolder
    process: psutil.Process


@contextmanager
def whole_stack() -> Iterator[Stack]:
    """PostgreSQL, Valkey, web, worker, media, media-drafts and clock, in a folder of their own."""
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        log = kept.enter_context((folder / "stack.log").open("wb"))
        command = [sys.executable, "-m", "plugin_backend.cli", "up", "--json", "--port", "0"]
        process = kept.enter_context(_run([*command, "--data", str(folder / "data")], log=log.fileno()))
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit((folder / "stack.log").read_text()[-2000:])
        said = json.loads(line)
        yield Stack(said["url"], said["user_key"], said["admin_key"], psutil.Process(process.pid))


@contextmanager
def web_door() -> Iterator[WebDoor]:
    """Two web processes on migrated, embedded servers; no worker and no clock."""
    with ExitStack() as kept:
        folder = DataFolder(Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))))
        kept.enter_context(folder.claimed())
        given = inherited_environ()
        servers = kept.enter_context(EmbeddedServers(folder, given))
        wide = {"READS_PER_MINUTE": "9999999", "WRITES_PER_MINUTE": "9999999", "LOG_FORMAT": "json"}
        env = folder.environ({**given, **wide, **servers.environ()}, port=free_port())
        settings = Settings.from_environ(env)
        upgrade(settings.database_url)
        log = kept.enter_context((folder.logs / "web.log").open("wb"))
        process = kept.enter_context(_run(commands()["web"], log=log.fileno(), env=env))
        _wait_for(f"http://127.0.0.1:{settings.port}/readyz")
        yield WebDoor(settings, folder, psutil.Process(process.pid))


@contextmanager
def floor_door(app: str, *, threads: int) -> Iterator[int]:
    """Another app in the same gunicorn shape; yields its port."""
    port = free_port()
    shape = ["--workers", "2", "--worker-class", "gthread", "--threads", str(threads), "--keep-alive", "75"]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *shape, app]
    with _run(command, log=subprocess.DEVNULL):
        _wait_for(f"http://127.0.0.1:{port}/")
        yield port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_mb(process: psutil.Process) -> float:
    """A process with its children: what they share is counted once (PSS)."""
    family = [process, *process.children(recursive=True)]
    return float(sum(each.memory_full_info().pss for each in family) / _MB)


def resident_mb(process: psutil.Process) -> float:
    """The same as `ps` counts it, shared pages in each (RSS)."""
    family = [process, *process.children(recursive=True)]
    return float(sum(each.memory_info().rss for each in family) / _MB)


def processor_seconds() -> dict[str, float]:
    """What this script's servers have used so far, by program: gunicorn, postgres, valkey."""
    used: dict[str, float] = {}
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times, name = each.cpu_times(), each.name().partition("-")[0]
            used[name] = used.get(name, 0.0) + times.user + times.system
    return used


def surroundings() -> str:
    """The machine and how busy it is, for the line above the figures."""
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores, load average {one:.1f} (1 min) {five:.1f} (5 min)"


def verdict(*, met: bool) -> str:
    return "PASS" if met else "MISS"


@contextmanager
def _run(
    command: tuple[str, ...] | list[str], *, log: int, env: dict[str, str] | None = None
) -> "Iterator[subprocess.Popen[bytes]]":
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=env) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, trust_env=False).status_code < 500:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer")


if __name__ == "__main__":
    print("(the running service of the other scripts; nothing to measure here)")
