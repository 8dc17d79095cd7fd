"""What runs the service's processes where it lives: starts each again as soon as it has died, and counts."""

import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil

from plugin_backend.embedded.children import commands
from plugin_backend.embedded.process import GuardedProcess

_LOOK_SECONDS: Final = 0.1
_STOP_SECONDS: Final = 15.0
LIGHT_MEDIA: Final = (sys.executable, "-m", "tests.chaos.light_media")


@dataclass(frozen=True, slots=True)
class Formation:
    """How many processes of each kind there are; one web door, one clock."""

    steps: int = 2
    media: int = 2
    draws_pixels: bool = True
    """Whether movies are taken in as in production, or only opened, which costs a fifth of it."""

    def commands(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each process: what it is called, and how it is started."""
        usual = commands()
        media = usual["media"] if self.draws_pixels else LIGHT_MEDIA
        return [
            ("web", usual["web"]),
            ("clock", usual["clock"]),
            *[("steps", usual["worker"])] * self.steps,
            *[("media", media)] * self.media,
        ]


@dataclass(slots=True)
class _Place:
    """One process after the other."""

    role: str
    command: tuple[str, ...]
    process: GuardedProcess | None = None


@dataclass(slots=True)
class Platform:
    """Runs a formation for the length of a block, whoever kills what of it."""

    formation: Formation
    environ: Mapping[str, str]
    folder: Path
    started: Counter[str] = field(default_factory=Counter)
    """How many processes of each kind were started in all."""
    _places: list[_Place] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _attending: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._places = [_Place(*each) for each in self.formation.commands()]
        self._attending = threading.Thread(target=self._attend)
        self._attending.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        assert self._attending is not None
        self._attending.join()
        running = [each.process for each in self._places if each.process is not None]
        for process in running:
            process.send(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for process in running:
            process.stop(timeout=max(0.1, deadline - time.monotonic()))

    def kill(self, role: str, chosen: random.Random) -> bool:
        """SIGKILL one process of a kind; False when none runs just now.

        A `web` dies with all that it forked, as a container does; a `web worker` is one of those, and a
        `child` is what a media process decodes in.
        """
        with self._lock:
            match role:
                case "web":
                    return self._kill_web()
                case "web worker":
                    return _kill_one(self._below("web"), chosen)
                case "child":
                    return _kill_one(self._below("media"), chosen)
                case _:
                    return _kill_one([psutil.Process(each.pid) for each in self._running(role)], chosen)

    @property
    def size(self) -> int:
        """How many processes there are."""
        return len(self._places)

    def ask_to_leave(self, number: int) -> tuple[str, GuardedProcess | None]:
        """SIGTERM to one process; its kind, and the process, unless none runs just now."""
        with self._lock:
            place = self._places[number]
            if place.process is not None:
                place.process.send(signal.SIGTERM)
            return place.role, place.process

    def log(self, role: str) -> Path:
        """What the processes of a kind wrote, all in one file."""
        return self.folder / f"{role}.log"

    def _running(self, role: str) -> list[GuardedProcess]:
        places = [each.process for each in self._places if each.role == role]
        return [each for each in places if each is not None and each.exit_status() is None]

    def _below(self, role: str) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for each in self._running(role):
            with suppress(psutil.Error):
                found += psutil.Process(each.pid).children()
        return found

    def _kill_web(self) -> bool:
        running = self._running("web")
        for each in running:
            each.kill_group()
        return bool(running)

    def _attend(self) -> None:
        while not self._stopped.wait(_LOOK_SECONDS):
            with self._lock:
                for each in self._places:
                    self._keep_running(each)

    def _keep_running(self, place: _Place) -> None:
        if place.process is not None:
            if place.process.exit_status() is None:
                return
            place.process.kill_group()  # what it started must not outlive it
            place.process.release()
        with self.log(place.role).open("ab") as log:
            place.process = GuardedProcess(place.command, env=self.environ, output=log)
        self.started[place.role] += 1


def _kill_one(running: list[psutil.Process], chosen: random.Random) -> bool:
    if not running:
        return False
    try:
        chosen.choice(running).kill()
    except psutil.Error:
        return False
    return True
