"""What each model has really taken here: seconds, tries and credits of the last month's finished takes."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from plugin_backend.services.house import House

SINCE: Final = timedelta(days=30)
FEWEST: Final = 5
"""Fewer finished generations than these say nothing about the next one."""

_KEPT_SECONDS: Final = 60.0
_QUERY: Final = text(
    """
    SELECT g.model, g.kind, count(*) AS sample,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM g.finished_at - g.created_at)) AS p50,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM g.finished_at - g.created_at)) AS p95,
        sum(t.attempts)::float / nullif(sum(t.takes), 0) - 1 AS retries,
        sum(g.credits_settled)::float / count(*) AS credits
    FROM generations g
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT t.id) AS takes, count(a.id) FILTER (WHERE a.part = 0) AS attempts
        FROM takes t LEFT JOIN attempts a ON a.take_id = t.id
        WHERE t.generation_id = g.id AND t.state = 'stored'
    ) t
    WHERE g.state = 'ready' AND g.finished_at > :since AND g.recovered_from IS NULL
    GROUP BY g.model, g.kind
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One model's tier; seconds are from the request to the end, retries are POSTs beyond the first."""

    sample: int
    p50_seconds: float
    p95_seconds: float
    retries_per_take: float
    credits_per_accepted_take: float

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "sample": self.sample,
            "p50_seconds": round(self.p50_seconds, 1),
            "p95_seconds": round(self.p95_seconds, 1),
            "retries_per_take": round(self.retries_per_take, 2),
            "credits_per_accepted_take": round(self.credits_per_accepted_take, 1),
        }


Measures = Mapping[tuple[str, str], Measured]
"""By model and kind; what was made too seldom is left out."""


def measure(house: House) -> Measures:
    """Ask the database."""
    with house.begin() as work:
        found = work.connection.execute(_QUERY, {"since": work.now - SINCE})
        return {
            (row.model, row.kind): Measured(
                sample=row.sample,
                p50_seconds=row.p50,
                p95_seconds=row.p95,
                retries_per_take=max(0.0, row.retries or 0.0),
                credits_per_accepted_take=row.credits,
            )
            for row in found
            if row.sample >= FEWEST
        }


@dataclass(slots=True)
class MeasuredLately:
    """The same, asked of the database at most once a minute by each process."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: Measures = field(default_factory=dict)
    _until: float = 0.0

    def of(self, house: House) -> Measures:
        """What was measured, at most a minute ago."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = measure(house)
                self._until = time.monotonic() + _KEPT_SECONDS
            return self._known
