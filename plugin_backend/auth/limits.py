"""How often one caller may knock. Guards against abuse, not money: when Redis is away it fails open.

A process takes tickets from the shared window a few at a time and spends them itself, so most requests cost
no round trip and the limit is never exceeded; a process that stops early wastes the rest of its few.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError

from plugin_backend.domain.errors import RateLimitedError

_log = structlog.get_logger(__name__)
_SHARE = 20  # a process takes a twentieth of the limit at a time
_KEPT_CALLERS = 10_000
_RETRY_REDIS_AFTER = 5.0


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a window of so many seconds."""

    count: int
    seconds: int

    def window(self, moment: float) -> int:
        """The number of the window a moment lies in."""
        return int(moment // self.seconds)

    def resets_in(self, moment: float) -> int:
        """Seconds until the next window, at least one."""
        return max(1, int(self.seconds - moment % self.seconds))


class Tickets(Protocol):
    """Hands out the tickets of a window."""

    def take(self, key: str, wanted: int, limit: Limit, *, moment: float) -> int:
        """How many of the wanted tickets are left to take."""


class LocalTickets:
    """The windows of this process alone: what holds while Redis is away."""

    def __init__(self) -> None:
        self._taken: OrderedDict[tuple[str, int], int] = OrderedDict()

    def take(self, key: str, wanted: int, limit: Limit, *, moment: float) -> int:
        """Count in memory; the least recently seen callers are forgotten."""
        window = (key, limit.window(moment))
        taken = self._taken.pop(window, 0)
        given = min(wanted, max(0, limit.count - taken))
        self._taken[window] = taken + given
        if len(self._taken) > _KEPT_CALLERS:
            self._taken.popitem(last=False)
        return given


class SharedTickets:
    """One window for all processes, in Redis; its own while Redis is away."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._alone = LocalTickets()
        self._away_until = 0.0

    def take(self, key: str, wanted: int, limit: Limit, *, moment: float) -> int:
        """Count in Redis, one round trip."""
        if moment < self._away_until:
            return self._alone.take(key, wanted, limit, moment=moment)
        try:
            taken = self._count(f"pb:rate:{key}:{limit.window(moment)}", wanted, limit)
        except RedisError as error:
            _log.warning("rate limits are counted per process", error=str(error))
            self._away_until = moment + _RETRY_REDIS_AFTER
            return self._alone.take(key, wanted, limit, moment=moment)
        return max(0, min(wanted, limit.count - (taken - wanted)))

    def _count(self, name: str, wanted: int, limit: Limit) -> int:
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.incrby(name, wanted)
            pipeline.expire(name, limit.seconds * 2)
            taken, _ = pipeline.execute()
        return int(taken)


class Limiter:
    """Admits a caller, or raises with the seconds to wait."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets
        self._in_hand: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, key: str, limit: Limit) -> None:
        """Spend one ticket; RateLimitedError when the window has none left."""
        moment = time.time()
        window = (key, limit.window(moment))
        with self._lock:
            left = self._in_hand.pop(window, 0)
            if left == 0:
                share = max(1, limit.count // _SHARE)
                left = self._tickets.take(key, share, limit, moment=moment)
            if left > 1:
                self._in_hand[window] = left - 1
            if len(self._in_hand) > _KEPT_CALLERS:
                self._in_hand.popitem(last=False)
        if left == 0:
            raise RateLimitedError(limit.resets_in(moment))
