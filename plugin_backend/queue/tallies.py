"""What the workers count for the metrics: kept in Redis, because only the web door is asked for them.

Best effort, like everything there: after a FLUSHALL they begin at nought again, as after a restart.
"""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Final, Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError

_KEY: Final = "pb:provider-requests"
_EVERY_SECONDS: Final = 1.0

_log = structlog.get_logger()

LATENESS: Final = "lateness"
"""The call under which looks are counted by how late they were, in steps of seconds."""

Request = tuple[str, str, str]
"""A provider, what it was asked, and what came of it."""


class Tallies(Protocol):
    """Counts the requests to providers."""

    def add(self, provider: str, call: str, outcome: str, count: int = 1) -> None:
        """So many more; never raises."""


class NoTallies:
    """Where nobody reads them."""

    def add(self, provider: str, call: str, outcome: str, count: int = 1) -> None:
        del provider, call, outcome, count


class SharedTallies:
    """Counts in this process, and passes on what came together once a second."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._lock = threading.Lock()
        self._kept: Counter[Request] = Counter()
        self._passed_on = 0.0

    def add(self, provider: str, call: str, outcome: str, count: int = 1) -> None:
        with self._lock:
            self._kept[provider, call, outcome] += count
            now = time.monotonic()
            if now - self._passed_on < _EVERY_SECONDS:
                return
            self._passed_on, kept, self._kept = now, self._kept, Counter()
        self._pass_on(kept)

    def _pass_on(self, kept: Counter[Request]) -> None:
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for request, count in kept.items():
                    pipe.hincrby(_KEY, "\t".join(request), count)
                pipe.execute()
        except RedisError as error:
            _log.debug("tallies.kept", reason=type(error).__name__)
            with self._lock:
                self._kept.update(kept)


def read_tallies(redis: Redis) -> Mapping[Request, int]:
    """Everything counted so far; nothing while Redis is away."""
    try:
        found = redis.hgetall(_KEY)
    except RedisError:
        return {}
    counts: dict[Request, int] = {}
    for field, count in found.items():
        named = field.decode() if isinstance(field, bytes) else field
        provider, call, outcome = named.split("\t")
        counts[provider, call, outcome] = int(count)
    return counts
