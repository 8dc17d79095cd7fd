"""The servers and the house behind the worker's door, for scripts that start its processes themselves."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.stack import free_port
from plugin_backend.config import Settings, inherited_environ
from plugin_backend.db.migrate import upgrade
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.servers import EmbeddedServers
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house


@dataclass(frozen=True, slots=True)
class Backstage:
    """Migrated, durable, embedded servers and a house on them; nobody works yet."""

    settings: Settings
    env: Mapping[str, str]
    house: House
    folder: Path


@contextmanager
def backstage(given: Mapping[str, str]) -> Iterator[Backstage]:
    """With these settings beside what a folder of its own needs."""
    with ExitStack() as kept:
        folder = DataFolder(Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))))
        kept.enter_context(folder.claimed())
        servers = kept.enter_context(EmbeddedServers(folder, inherited_environ()))
        wanted = {**inherited_environ(), "LOG_LEVEL": "warning", **given, **servers.environ()}
        env = folder.environ(wanted, port=free_port())
        settings = Settings.from_environ(env)
        upgrade(settings.database_url)
        house = open_house(settings, pool_size=2, application="bench")
        kept.callback(house.engine.dispose)
        yield Backstage(settings, env, house, folder.logs)


@contextmanager
def running(stage: Backstage, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python module as a process of the stage, ended with the block."""
    log = (stage.folder / f"{command[0]}.log").open("ab")
    with log, subprocess.Popen([sys.executable, "-m", *command], env=dict(stage.env), stderr=log) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def upstream(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """An upstream of a process of its own; the first line it says is its port."""
    command = [sys.executable, "-m", "bench.upstream", "--serve", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def address_of(process: "subprocess.Popen[str]") -> str:
    """Where an upstream that has just been started is asked."""
    assert process.stdout is not None
    return f"http://127.0.0.1:{int(process.stdout.readline())}"


if __name__ == "__main__":
    print("(the servers of the other scripts; nothing to measure here)")
