"""Rate limits: never exceeded together, kept alone when Redis is away."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from plugin_backend.auth.limits import Limit, Limiter, LocalTickets, SharedTickets, Tickets
from plugin_backend.domain.errors import RateLimitedError

_AGE = 10**9  # seconds: a window that does not end while a test runs


@dataclass
class Door:
    """A process that lets people in until it is told not to."""

    limiter: Limiter
    limit: Limit
    admitted: int = field(default=0)

    def knock(self, key: str = "one") -> bool:
        try:
            self.limiter.admit(key, self.limit)
        except RateLimitedError:
            return False
        self.admitted += 1
        return True


@dataclass
class Counted:
    """Tickets that know how often they were asked for: the server counts what others ask of it, too."""

    tickets: Tickets
    asked: int = field(default=0)

    def take(self, key: str, wanted: int, limit: Limit, *, moment: float) -> int:
        self.asked += 1
        return self.tickets.take(key, wanted, limit, moment=moment)


def test_one_process_admits_exactly_its_limit() -> None:
    door = Door(Limiter(LocalTickets()), Limit(50, _AGE))
    assert [door.knock() for _ in range(60)] == [True] * 50 + [False] * 10
    assert door.knock("another")
    with pytest.raises(RateLimitedError) as refused:
        door.limiter.admit("one", door.limit)
    assert 0 < refused.value.retry_after_seconds <= _AGE


def test_processes_together_never_exceed_the_limit(redis: Redis) -> None:
    limit = Limit(50, _AGE)
    doors = [Door(Limiter(SharedTickets(redis)), limit) for _ in range(4)]
    for _ in range(30):
        for door in doors:
            door.knock()
    assert sum(door.admitted for door in doors) == 50


def test_most_requests_cost_no_round_trip(redis: Redis) -> None:
    tickets = Counted(SharedTickets(redis))
    door = Door(Limiter(tickets), Limit(2_000, _AGE))
    for _ in range(1_000):
        assert door.knock()
    assert tickets.asked == 10


def test_a_window_leaves_nothing_in_redis_for_long(redis: Redis) -> None:
    Door(Limiter(SharedTickets(redis)), Limit(5, 60)).knock()
    (key,) = redis.keys("pb:rate:*")
    assert 0 < redis.ttl(key) <= 120


def test_without_redis_each_process_counts_alone() -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0")
    door = Door(Limiter(SharedTickets(away)), Limit(5, _AGE))
    assert [door.knock() for _ in range(7)] == [True] * 5 + [False] * 2


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 7)), max_size=40))
def test_tickets_add_up_to_the_limit(takings: list[tuple[str, int]]) -> None:
    tickets, limit = LocalTickets(), Limit(20, _AGE)
    given_out = {"a": 0, "b": 0}
    wanted = {"a": 0, "b": 0}
    for key, count in takings:
        given_out[key] += tickets.take(key, count, limit, moment=1_000.0)
        wanted[key] += count
    assert given_out == {key: min(20, wanted[key]) for key in wanted}


@pytest.mark.parametrize("moment", [0.0, 59.999, 60.0, 1e9])
def test_a_window_ends_within_its_length(moment: float) -> None:
    assert 1 <= Limit(1, 60).resets_in(moment) <= 60
