"""The connection pool serves in order of arrival, and loses no connection."""

import threading
import time
from typing import Any, cast

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from plugin_backend.db.pool import FairPool


class Line:
    """Stands in for a driver's connection: the pool only opens, resets and closes it."""

    def rollback(self) -> None:
        """Nothing was begun."""

    def close(self) -> None:
        """Nothing was opened."""


def _pool(*, timeout: float = 30) -> FairPool:
    return FairPool(cast("Any", Line), pool_size=1, max_overflow=0, timeout=timeout)


def test_whoever_waits_longest_is_served_first() -> None:
    pool, served = _pool(), list[int]()
    held = pool.connect()

    def wait(number: int) -> None:
        mine = pool.connect()
        served.append(number)
        mine.close()

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(8)]
    for count, thread in enumerate(threads, 1):
        thread.start()
        _until_waiting(pool, count)
    held.close()
    for thread in threads:
        thread.join()

    assert served == list(range(8))


def test_a_connection_is_still_there_after_somebody_gave_up_waiting() -> None:
    pool = _pool(timeout=0.02)
    held = pool.connect()
    with pytest.raises(PoolTimeoutError):
        pool.connect()

    held.close()

    again = pool.connect()
    assert pool.checkedout() == 1
    again.close()
    assert pool.checkedin() == 1


def _until_waiting(pool: FairPool, count: int) -> None:
    until = time.monotonic() + 10
    while pool.waiting() < count:
        assert time.monotonic() < until
