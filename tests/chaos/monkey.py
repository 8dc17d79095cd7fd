"""Kills processes at random, takes Redis away three times with all it knew, and PostgreSQL once."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey

ROLES = ("steps", "steps", "steps", "media", "media", "child", "clock", "web", "web worker")
"""What is killed; those named more often, more often."""

_REDIS_AT = (0.2, 0.5, 0.8)
_POSTGRES_AT = 0.65
_REDIS_AWAY_SECONDS = 1.5


@dataclass(slots=True)
class Monkey:
    """Runs in a thread of its own until the storm is over; `progress` is how much of it is, from 0 to 1."""

    kill: Callable[[str, random.Random], bool]
    valkey: EmbeddedValkey
    postgres: EmbeddedPostgres
    progress: Callable[[], float]
    seed: int
    roles: tuple[str, ...] = ROLES
    every_seconds: tuple[float, float] = (3.0, 7.0)
    deeds: Counter[str] = field(default_factory=Counter)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """One deed after the other."""
        chosen = random.Random(self.seed)
        redis_left, postgres_left = list(_REDIS_AT), [_POSTGRES_AT]
        while not self._stopped.wait(chosen.uniform(*self.every_seconds)) and (done := self.progress()) < 1:
            if redis_left and done >= redis_left[0]:
                redis_left.pop(0)
                self._take_redis_away()
            elif postgres_left and done >= postgres_left[0]:
                postgres_left.pop()
                self.postgres.restart(immediate=True)
                self.deeds["postgres restarted"] += 1
            elif self.kill(role := chosen.choice(self.roles), chosen):
                self.deeds[f"{role} killed"] += 1

    def stop(self) -> None:
        """No more deeds."""
        self._stopped.set()

    def _take_redis_away(self) -> None:
        self.valkey.kill()
        time.sleep(_REDIS_AWAY_SECONDS)
        self.valkey.start()
        self.deeds["redis emptied"] += 1
