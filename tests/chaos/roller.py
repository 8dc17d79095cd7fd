"""Restarts every process in turn, as a platform does at each release: SIGTERM, SIGKILL 30 s later."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

from tests.chaos.platform import Platform

_KILL_AFTER_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.05


@dataclass(slots=True, kw_only=True)
class Roller:
    """One restart each so many seconds, until the time is over."""

    platform: Platform
    every_seconds: float
    seconds: float
    deeds: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    """Seconds that the slowest took to leave."""
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Each process in turn."""
        until = time.monotonic() + self.seconds
        for number in cycle(range(self.platform.size)):
            if self._stopped.wait(self.every_seconds) or time.monotonic() > until:
                return
            self._restart(number)

    def stop(self) -> None:
        """No more restarts."""
        self._stopped.set()

    def _restart(self, number: int) -> None:
        asked = time.monotonic()
        role, process = self.platform.ask_to_leave(number)
        if process is None:
            return  # it has just died by itself, and is being started
        while process.exit_status() is None and time.monotonic() < asked + _KILL_AFTER_SECONDS:
            time.sleep(_LOOK_SECONDS)
        took = time.monotonic() - asked
        was_killed = process.exit_status() is None
        if was_killed:
            process.kill_group()
        self.deeds[f"{role} {'killed after 30 s' if was_killed else 'restarted'}"] += 1
        self.longest = max(self.longest, took)
