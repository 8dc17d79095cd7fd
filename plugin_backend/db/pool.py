"""A connection pool that serves in order of arrival.

SQLAlchemy's wakes a waiting thread, which then races those that come later and may lose again and again: with
few connections and many threads the slowest answers take ten times the usual. Here a connection that comes
back is handed to whoever has waited longest.
"""

import select
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from sqlalchemy import QueuePool
from sqlalchemy.util.queue import Empty, Queue

_RETURNED: Final = "returned"
_FRESH_SECONDS: Final = 0.1


class _Turn:
    """One waiting thread, and what it is given."""

    def __init__(self) -> None:
        self.given: Any = None
        self.come = threading.Lock()
        self.come.acquire()


class _FairQueue(Queue[Any]):
    """First come, first served: something waits in the queue only while nobody waits for it."""

    def _init(self, maxsize: int) -> None:
        super()._init(maxsize)
        self._turns: deque[_Turn] = deque()

    def waiting(self) -> int:
        """How many threads wait here."""
        with self.mutex:
            return len(self._turns)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002 - the queue's own signature
        with self.mutex:
            if not self._turns:
                super().put(item, block, timeout)
                return
            turn = self._turns.popleft()
            turn.given = item
        turn.come.release()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001, FBT002 - the queue's own signature
        with self.mutex:
            if not block or not self._empty():
                return super().get(block=False)
            turn = _Turn()
            self._turns.append(turn)
        if turn.come.acquire(timeout=-1 if timeout is None else timeout):
            return turn.given
        with self.mutex:
            if turn.given is None:
                self._turns.remove(turn)
                raise Empty
        return turn.given


class FairPool(QueuePool):
    """The usual pool with that queue."""

    _queue_class = _FairQueue
    _pool: _FairQueue

    def waiting(self) -> int:
        """How many threads wait for a connection."""
        return self._pool.waiting()

    def _do_return_conn(self, record: Any) -> None:
        record.info[_RETURNED] = time.monotonic()
        super()._do_return_conn(record)

    @contextmanager
    def lend(self) -> "Iterator[psycopg.Connection[Any]]":
        """A driver's connection that opens no transactions, bare: the usual wrapping costs like a query."""
        record: Any = self._do_get()
        try:
            driver: psycopg.Connection[Any] = record.get_connection()
            if is_dead(driver, record):
                record.invalidate()
                driver = record.get_connection()
            driver.autocommit = True
            try:
                yield driver
            finally:
                if driver.closed:
                    record.invalidate()
                else:
                    driver.autocommit = False
        finally:
            self._do_return_conn(record)


def is_dead(driver: "psycopg.Connection[Any]", record: Any) -> bool:
    """An idle connection has nothing to say: one that can be read was hung up by the server.

    Asking the socket costs microseconds, where the pool's own ping is a round trip for every use of a
    connection. Even that lets another thread run first: one that was in use a moment ago is not asked.
    """
    if time.monotonic() - record.info.get(_RETURNED, 0.0) < _FRESH_SECONDS:
        return False
    heard = select.poll()
    heard.register(driver.fileno(), select.POLLIN)
    return bool(heard.poll(0))
