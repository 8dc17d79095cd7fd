"""Kills processes at random, takes Redis away three times with all it knew, and PostgreSQL once."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey

_ROLES = ("worker", "worker", "worker", "media", "clock", "web")
_REDIS_AT = (0.2, 0.5, 0.8)
_POSTGRES_AT = 0.65
_REDIS_AWAY_SECONDS = 1.5


@dataclass(slots=True)
class Monkey:
    """Runs in a thread of its own until it is told to stop; `progress` is the share of the work done."""

    kill: Callable[[str, signal.Signals], object]
    valkey: EmbeddedValkey
    postgres: EmbeddedPostgres
    progress: Callable[[], float]
    seed: int
    every_seconds: tuple[float, float] = (4.0, 8.0)
    deeds: Counter[str] = field(default_factory=Counter)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """One deed after the other."""
        chosen = random.Random(self.seed)
        redis_left, postgres_left = list(_REDIS_AT), [_POSTGRES_AT]
        while not self._stopped.wait(chosen.uniform(*self.every_seconds)):
            done = self.progress()
            if redis_left and done >= redis_left[0]:
                redis_left.pop(0)
                self._take_redis_away()
            elif postgres_left and done >= postgres_left[0]:
                postgres_left.pop()
                self.postgres.restart(immediate=True)
                self.deeds["postgres restarted"] += 1
            else:
                self._kill(chosen.choice(_ROLES))

    def stop(self) -> None:
        """No more deeds."""
        self._stopped.set()

    def _kill(self, role: str) -> None:
        try:
            self.kill(role, signal.SIGKILL)
        except (psutil.Error, ValueError):
            return  # it was about to be started again
        self.deeds[f"{role} killed"] += 1

    def _take_redis_away(self) -> None:
        self.valkey.kill()
        time.sleep(_REDIS_AWAY_SECONDS)
        self.valkey.start()
        self.deeds["redis emptied"] += 1
