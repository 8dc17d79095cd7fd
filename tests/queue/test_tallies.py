"""What workers count is read by the web door, added up over all of them."""

from redis import Redis

from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.tallies import SharedTallies, read_tallies


def test_the_counts_of_all_processes_add_up(redis: Redis) -> None:
    for _ in range(2):
        SharedTallies(redis).add("luma", "sending", "accepted")  # the first of a process goes at once
    SharedTallies(redis).add("atlas", "watching", "trouble", 7)

    assert read_tallies(redis) == {
        ("luma", "sending", "accepted"): 2,
        ("atlas", "watching", "trouble"): 7,
    }


def test_counting_never_fails_and_nothing_is_read_while_redis_is_away() -> None:
    nowhere = open_redis("redis://127.0.0.1:1/0", timeout_seconds=0.2)

    SharedTallies(nowhere).add("luma", "sending", "accepted")

    assert read_tallies(nowhere) == {}
