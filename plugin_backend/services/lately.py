"""What a process has found out a moment ago, so that it need not be asked for again at once."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Lately(Generic[T]):
    """One answer, kept for so many seconds and shared by all threads."""

    seconds: float
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: T | None = None
    _until: float = 0.0

    def get(self, find: Callable[[], T]) -> T:
        """The answer; while one thread finds it out anew, the others go on with the one before."""
        known = self._known
        if known is not None and time.monotonic() < self._until:
            return known
        if not self._lock.acquire(blocking=known is None):
            assert known is not None
            return known
        try:
            if self._known is None or time.monotonic() >= self._until:
                self._known = find()
                self._until = time.monotonic() + self.seconds
            return self._known
        finally:
            self._lock.release()
