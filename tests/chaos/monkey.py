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


_LOOK_SECONDS = 0.5
_SHORTEST, _LONGEST = 3.0, 12.0
"""Seconds from one deed to the next, however fast or slow the work goes."""


@dataclass(slots=True, kw_only=True)
class Monkey:
    """Runs in a thread of its own until the work is done or the storm is over.

    It strikes whenever so much more of the work is done, chosen at random between two shares: a slow machine
    is not killed faster than it starts.
    """

    kill: Callable[[str, random.Random], bool]
    valkey: EmbeddedValkey
    postgres: EmbeddedPostgres
    done: Callable[[], float]
    """The share of the work that is done."""
    seed: int
    storm_seconds: float
    every: tuple[float, float]
    roles: tuple[str, ...] = ROLES
    deeds: Counter[str] = field(default_factory=Counter)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _began: float = 0.0

    def run(self) -> None:
        """One deed after the other; at the end, whatever of both servers is left to break."""
        self._began = time.monotonic()
        chosen = random.Random(self.seed)
        left = self._deeds_to_come()
        while (progress := self._next(chosen)) < 1:
            if left and progress >= left[0][0]:
                left.pop(0)[1]()
            elif self.kill(role := chosen.choice(self.roles), chosen):
                self.deeds[f"{role} killed"] += 1
        for _, deed in left:
            if not self._stopped.is_set():
                deed()

    def _next(self, chosen: random.Random) -> float:
        """Wait for the next deed's time; returns how much of the storm is over, from 0 to 1."""
        due, began = self.done() + chosen.uniform(*self.every), time.monotonic()
        while not self._stopped.wait(_LOOK_SECONDS):
            waited, progress = time.monotonic() - began, self._progress()
            if progress >= 1 or waited >= _LONGEST or (waited >= _SHORTEST and self.done() >= due):
                return progress
        return 1

    def _progress(self) -> float:
        return max(self.done(), (time.monotonic() - self._began) / self.storm_seconds)

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
