"""How often a provider is asked to begin something: one pace for all processes, kept in Redis.

The generic cell rate algorithm: each request moves a moment ahead by its share of the minute, and waits
while that moment lies too far ahead. In no minute are there more than allowed, a small burst included. While
Redis is away each process keeps the pace by itself: rather too fast than not at all, the provider says no.
"""

import threading
import time
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError

_MINUTE: Final = 60.0
_RETRY_REDIS_AFTER: Final = 5.0

_TAKE: Final = """
local interval, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local wait = due - ahead - now
if wait > 0 then return string.format('%.6f', wait) end
redis.call('SET', KEYS[1], string.format('%.6f', due + interval), 'EX', math.ceil(due + interval - now) + 1)
return '0'
"""
"""KEYS: the provider's. ARGV: seconds between two requests, seconds that a burst may be ahead of that.

Returns the seconds to wait, `0` when the request may go.
"""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Requests in a minute as a distance between two, and how far a burst may run ahead."""

    interval: float
    ahead: float

    @classmethod
    def of(cls, per_minute: int) -> "Pace":
        """A quarter of them may go at once; then the others are spread over the minute."""
        burst = max(1, per_minute // 4)
        interval = _MINUTE / (per_minute - burst + 1)
        return cls(interval, (burst - 1) * interval)


class Rates(Protocol):
    """The pace of every provider."""

    def take(self, provider: str, per_minute: int) -> float:
        """Take one request's place in the minute: 0.0, or the seconds until there is one."""


class LocalRates:
    """The pace of this process alone."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, provider: str, per_minute: int) -> float:
        pace, now = Pace.of(per_minute), time.monotonic()
        with self._lock:
            due = max(now, self._due.get(provider, now))
            wait = due - pace.ahead - now
            if wait > 0:
                return wait
            self._due[provider] = due + pace.interval
            return 0.0


class SharedRates:
    """One pace for all processes; its own while Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._alone = LocalRates()
        self._away_until = 0.0

    def take(self, provider: str, per_minute: int) -> float:
        if time.monotonic() < self._away_until:
            return self._alone.take(provider, per_minute)
        pace = Pace.of(per_minute)
        try:
            return float(self._take([f"pb:pace:{provider}"], [pace.interval, pace.ahead]))
        except RedisError as error:
            _log.warning("rates.per-process", reason=type(error).__name__)
            self._away_until = time.monotonic() + _RETRY_REDIS_AFTER
            return self._alone.take(provider, per_minute)
