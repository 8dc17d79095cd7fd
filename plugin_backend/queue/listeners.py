"""Who listens to which queue, said again every few seconds: true again soon after a FLUSHALL or a crash."""

from collections.abc import Iterable
from typing import Final

from redis import Redis
from redis.client import Pipeline

from plugin_backend.queue.names import QueueName

_SILENT_AFTER_SECONDS: Final = 6


def announce(redis: Redis, name: QueueName, listener: str) -> None:
    """This process still takes hints from this queue."""
    seconds, _ = redis.time()
    with redis.pipeline() as pipe:
        pipe.zadd(_key(name), {listener: seconds})
        pipe.zremrangebyscore(_key(name), 0, seconds - _SILENT_AFTER_SECONDS)
        pipe.execute()


def leave(redis: Redis, name: QueueName, listener: str) -> None:
    """This process takes no more hints."""
    redis.zrem(_key(name), listener)


def forget_silent(redis: Redis, names: Iterable[QueueName]) -> None:
    """Drop those that have not been heard of; a killed process cannot say goodbye."""
    seconds, _ = redis.time()
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.zremrangebyscore(_key(name), 0, seconds - _SILENT_AFTER_SECONDS)
        pipe.execute()


def ask_count(pipe: Pipeline, name: QueueName) -> None:
    """Queue the question how many listen."""
    pipe.zcard(_key(name))


def _key(name: QueueName) -> str:
    return f"listeners:{name}"
