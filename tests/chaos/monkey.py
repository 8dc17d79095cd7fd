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
        """One deed after the other; at the end, whatever of both servers is left to break."""
        chosen = random.Random(self.seed)
        left = self._deeds_to_come()
        while not self._stopped.wait(chosen.uniform(*self.every_seconds)) and (done := self.progress()) < 1:
            if left and done >= left[0][0]:
                left.pop(0)[1]()
            elif self.kill(role := chosen.choice(self.roles), chosen):
                self.deeds[f"{role} killed"] += 1
        for _, deed in left:
            if not self._stopped.is_set():
                deed()

    def stop(self) -> None:
        """No more deeds, not even those that are left."""
        self._stopped.set()

    def _deeds_to_come(self) -> list[tuple[float, Callable[[], None]]]:
        redis = [(at, self._take_redis_away) for at in _REDIS_AT]
        return sorted([*redis, (_POSTGRES_AT, self._crash_postgres)], key=lambda each: each[0])

    def _crash_postgres(self) -> None:
        self.postgres.restart(immediate=True)
        self.deeds["postgres restarted"] += 1

    def _take_redis_away(self) -> None:
        self.valkey.kill()
        time.sleep(_REDIS_AWAY_SECONDS)
        self.valkey.start()
        self.deeds["redis emptied"] += 1
