"""How much an upstream takes from one client: requests in a sliding minute, and jobs at once."""

from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class RateWindow:
    """So many requests in any sixty seconds of the upstream's time."""

    most: int | None
    _times: deque[float]

    @classmethod
    def of(cls, most: int | None) -> "RateWindow":
        """A window with nothing in it; None takes everything."""
        return cls(most, deque())

    def admit(self, now: float) -> float | None:
        """None: counted and let in. Else: for how many seconds of the upstream's time it is shut."""
        if self.most is None:
            return None
        while self._times and self._times[0] <= now - WINDOW_SECONDS:
            self._times.popleft()
        if len(self._times) >= self.most:
            return self._times[0] + WINDOW_SECONDS - now
        self._times.append(now)
        return None

    @property
    def left(self) -> int:
        """How many more this moment would take."""
        return max(0, (self.most or 0) - len(self._times))
