"""An upstream's time: real, faster, moved by hand, or wrong."""

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970 as jobs, rate windows and links count them."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self._lock = threading.Lock()
        self._speed = speed
        self._at = time.time()
        self._since = time.monotonic()
        self.skew = 0.0
        """How wrong the clock is that clients see: the Date header, times in bodies, expiries."""

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> float:
        """The time jobs run by."""
        return self._at + (time.monotonic() - self._since) * self._speed

    def shown(self) -> datetime:
        """The time as bodies tell it."""
        return datetime.fromtimestamp(self.now() + self.skew, tz=UTC)

    def advance(self, seconds: float) -> None:
        """Move on at once."""
        with self._lock:
            self._at += seconds

    def run(self, *, speed: float) -> None:
        """Go on from here at another speed; 0 stands still."""
        with self._lock:
            self._at, self._since, self._speed = self.now(), time.monotonic(), speed

    def real(self, seconds: float) -> float:
        """How long that takes outside; of a clock that stands still, as if it ran."""
        return seconds / (self._speed or 1.0)


def stamp(at: float) -> str:
    """A time as APIs write it."""
    return datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
