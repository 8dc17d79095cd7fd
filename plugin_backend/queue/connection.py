"""One Redis connection pool per process, small and impatient: a hint is not worth waiting for."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def open_redis(url: str, *, timeout_seconds: float = 1.0) -> Redis:
    """A client that gives up fast, for the web door and the dispatcher."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 1),
        max_connections=8,
    )
