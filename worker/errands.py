"""Steps that wait for a provider, run beside the process's own work: each kind in a few places of its own.

A provider that hangs holds its places and nothing else.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

import structlog

_log = structlog.get_logger()


class Errands(Protocol):
    """Where such steps run."""

    def start(self, kind: str, errand: Callable[[], None], *, places: int) -> bool:
        """Run it; False when all places of its kind are taken, or the process is about to end."""

    def rest(self, seconds: float) -> bool:
        """Wait inside an errand; False when it should end instead."""


class InlineErrands:
    """At once, where they are asked for: for a simulation, whose time nobody waits for."""

    def start(self, kind: str, errand: Callable[[], None], *, places: int) -> bool:
        del kind, places
        errand()
        return True

    def rest(self, seconds: float) -> bool:
        del seconds
        return False


class ThreadedErrands:
    """Each on a thread that lives as long as it; threads that hang do not keep the process from ending."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._stopped = threading.Event()

    def start(self, kind: str, errand: Callable[[], None], *, places: int) -> bool:
        with self._changed:
            if self._stopped.is_set() or self._running[kind] >= places:
                return False
            self._running[kind] += 1
        threading.Thread(target=self._run, args=(kind, errand), daemon=True, name=kind).start()
        return True

    def rest(self, seconds: float) -> bool:
        return not self._stopped.wait(seconds)

    def stop(self) -> None:
        """Begin no more; those that rest wake up. Called from a signal handler, so it takes no lock."""
        self._stopped.set()

    def finish(self, *, within: float) -> bool:
        """Wait so many seconds for those that run; what is left is found again by its lease's end."""
        self.stop()
        until = time.monotonic() + within
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout=max(0.0, until - time.monotonic()))

    def _is_idle(self) -> bool:
        return not self._running.total()

    def _run(self, kind: str, errand: Callable[[], None]) -> None:
        try:
            errand()
        except Exception:  # noqa: BLE001 - nobody else hears of it
            _log.exception("errand.broke", kind=kind)
        finally:
            with self._changed:
                self._running[kind] -= 1
                self._changed.notify_all()
