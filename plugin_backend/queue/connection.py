"""One Redis connection pool per process, small and impatient: a hint is not worth waiting for.

Small plans allow twenty connections, and during a release the old processes keep theirs: no pool grows, its
threads take turns of a fraction of a millisecond.
"""

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def open_redis(url: str, *, connections: int = 1, timeout_seconds: float = 1.0) -> Redis:
    """A client that gives up fast, on so many connections at most."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 1),
    )
    return Redis.from_pool(pool)
