"""Where callers wait for events: at most half of a process's threads, so that the other half answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WaitingRoom:
    """Counts who waits in this process."""

    def __init__(self, threads: int) -> None:
        self._seats = threading.BoundedSemaphore(max(1, threads // 2))

    def sit_down(self) -> bool:
        """Take a seat, if one is free; `stand_up` gives it back."""
        return self._seats.acquire(blocking=False)

    def stand_up(self) -> None:
        """Leave."""
        self._seats.release()

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """A seat for the length of the block; False when all are taken."""
        seated = self.sit_down()
        try:
            yield seated
        finally:
            if seated:
                self.stand_up()
