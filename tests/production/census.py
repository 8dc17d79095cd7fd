"""Counts what a platform would: connections as the servers see them, memory as the kernel shares it out."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import psutil
from redis import Redis

from tests.databases import connect

_EVERY_SECONDS: Final = 0.05
_WEIGH_EVERY_SECONDS: Final = 1.0
_MB: Final = 1 << 20
_SESSIONS: Final = (
    "SELECT application_name FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(slots=True)
class Census:
    """Looks twenty times a second for the length of a block, and keeps the highest of everything."""

    database_url: str
    redis_url: str
    weighed: Callable[[], Mapping[str, psutil.Process]] = dict
    """Processes to weigh with all below them, by name."""
    postgres: Counter[str] = field(default_factory=Counter)
    """The most sessions at one moment, by application."""
    redis: int = 0
    memory_mb: dict[str, float] = field(default_factory=dict)
    """The most of each: what is shared is shared out (PSS)."""
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        assert self._thread is not None
        self._thread.join()

    def _look(self) -> None:
        weighed_at = 0.0
        with connect(self.database_url) as sessions, Redis.from_url(self.redis_url) as redis:
            while not self._stopped.wait(_EVERY_SECONDS):
                found = Counter(str(name) for (name,) in sessions.execute(_SESSIONS).fetchall())
                self.postgres = max(self.postgres, found, key=Counter.total)
                self.redis = max(self.redis, len(redis.client_list()) - 1)
                if time.monotonic() - weighed_at >= _WEIGH_EVERY_SECONDS:
                    weighed_at = time.monotonic()
                    self._weigh()

    def _weigh(self) -> None:
        for name, process in self.weighed().items():
            with suppress(psutil.Error):
                family = [process, *process.children(recursive=True)]
                weight = sum(each.memory_full_info().pss for each in family) / _MB
                self.memory_mb[name] = max(self.memory_mb.get(name, 0.0), weight)
