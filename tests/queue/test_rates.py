"""The pace of a provider: in no minute more than it allows, one pace for all processes."""

import threading
import time

from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.rates import LocalRates, Pace, SharedRates

NOWHERE = "redis://127.0.0.1:1/0"


def _granted(per_minute: int, gaps: list[float]) -> list[float]:
    """When requests that come after these gaps may go, by the rule both keep."""
    pace, due, now, granted = Pace.of(per_minute), 0.0, 0.0, []
    for gap in gaps:
        now += gap
        if max(now, due) - pace.ahead <= now:
            due = max(now, due) + pace.interval
            granted.append(now)
    return granted


@given(st.integers(1, 500), st.lists(st.floats(0, 20), max_size=300))
def test_in_no_minute_are_there_more_than_allowed(per_minute: int, gaps: list[float]) -> None:
    granted = _granted(per_minute, gaps)

    for first in granted:
        assert sum(first <= at < first + 59.999 for at in granted) <= per_minute


@given(st.integers(1, 500))
def test_whoever_comes_every_minute_over_the_limit_is_never_kept_waiting(per_minute: int) -> None:
    gaps = [60 / per_minute * 1.4] * 50 if per_minute > 1 else [60.1] * 50

    assert len(_granted(per_minute, gaps)) == 50


def test_two_processes_keep_one_pace(redis: Redis) -> None:
    one, other = SharedRates(redis), SharedRates(redis)

    waits = [rates.take("luma", 4) for rates in (one, other, one, other)]

    assert waits[0] == 0.0
    assert all(0 < wait <= 15 for wait in waits[1:])
    assert other.take("atlas", 4) == 0.0


def test_many_threads_together_are_given_the_burst_and_no_more(redis: Redis) -> None:
    rates, waits = SharedRates(redis), []

    def take() -> None:
        waits.append(rates.take("luma", 40))

    threads = [threading.Thread(target=take) for _ in range(30)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    burst, took = 10, time.monotonic() - began
    assert burst <= waits.count(0.0) <= burst + 1 + took / Pace.of(40).interval


def test_without_redis_each_process_keeps_the_pace_by_itself() -> None:
    rates = SharedRates(open_redis(NOWHERE, timeout_seconds=0.2))

    assert rates.take("luma", 1) == 0.0
    assert 0 < rates.take("luma", 1) <= 60


def test_a_process_alone_lets_a_burst_through_and_spreads_the_rest() -> None:
    rates = LocalRates()

    waits = [rates.take("luma", 40) for _ in range(15)]

    assert waits[:10] == [0.0] * 10
    assert 0 < waits[-1] <= 60
