"""Virtual time and the order of events: one thing happens at a time, and the seed says which."""

import heapq
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

_START: Final = datetime(2026, 3, 2, 22, 50, tzinfo=UTC)  # an hour before a quota's day ends
_TRANSACTION_SECONDS: Final = 0.001


class World:
    """A clock that only events move; the database's clock goes with it, and sometimes jumps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.events = 0
        self.fingerprint = 0  # of all that happened: equal seeds have equal ones
        self.holders: dict[str, object] = {}  # who claimed a row last
        self.accepted: set[tuple[str, int]] = set()  # takes and their parts, by whatever provider
        self.complaints: list[str] = []  # what must never happen, and was seen to
        self.when_one_stands_still: Callable[[str, float], None] = lambda _subject_id, _seconds: None
        self.when_one_calls_back: Callable[[str, str], None] = lambda _provider, _token: None
        self._jumped = timedelta()
        self._heap: list[tuple[float, int, Callable[[], object]]] = []

    def note(self, *words: str) -> None:
        """What happens now is part of the run's fingerprint."""
        self.fingerprint = zlib.crc32(f"{self.seconds:.6f} {words}".encode(), self.fingerprint)

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        """Let something happen so much later; what is due together happens in the order it was asked for."""
        self.events += 1
        heapq.heappush(self._heap, (self.seconds + seconds, self.events, act))

    def run(self, *, until: Callable[[], bool]) -> None:
        """One event after the other, until the end or until nothing more can happen."""
        while self._heap and not until():
            at, _, act = heapq.heappop(self._heap)
            self.seconds = max(self.seconds, at)
            act()

    def database_now(self) -> datetime:
        """The moment of one transaction; no two are the same."""
        moment = self.next_moment()
        self.seconds += _TRANSACTION_SECONDS
        return moment

    def next_moment(self) -> datetime:
        """The moment of the next transaction, if nothing happens before it."""
        return _START + self._jumped + timedelta(seconds=self.seconds + _TRANSACTION_SECONDS)

    def jump(self, seconds: float) -> None:
        """Set the database's clock forward or back; nothing else notices."""
        self._jumped += timedelta(seconds=seconds)
