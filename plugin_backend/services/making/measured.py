"""What each model has really taken here: seconds, tries and credits of the last month's finished takes."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.making.measures import Measured, Measures
from plugin_backend.services.house import House

SINCE: Final = timedelta(days=30)
FEWEST: Final = 5
"""Fewer finished generations than these say nothing about the next one."""

_QUERY: Final = text(
    """
    SELECT g.model, g.kind, count(*) AS sample,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM g.finished_at - g.created_at)) AS p50,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM g.finished_at - g.created_at)) AS p95,
        sum(t.attempts)::float / nullif(sum(t.takes), 0) - 1 AS retries,
        sum(g.credits_settled)::float / count(*) AS credits,
        sum(g.credits_settled)::float / nullif(sum(g.credits_per_take), 0) AS paid
    FROM generations g
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT t.id) AS takes, count(a.id) FILTER (WHERE a.part = 0) AS attempts,
            coalesce(bool_or(t.choice > 0), false) AS is_others
        FROM takes t LEFT JOIN attempts a ON a.take_id = t.id
        WHERE t.generation_id = g.id AND t.state = 'stored'
    ) t
    WHERE g.state = 'ready' AND g.finished_at > :since AND g.recovered_from IS NULL AND NOT t.is_others
    GROUP BY g.model, g.kind
    """
)


def measure(house: House) -> Measures:
    """Ask the database."""
    with house.begin() as work:
        return _measure(work)


def lately(house: House, *, within: UnitOfWork | None = None) -> Measures:
    """The same, asked of the database at most once a minute by each process.

    Inside a transaction it is asked over that one's connection: threads that each hold one and wait for
    another wait for each other.
    """
    return house.measured.get(lambda: measure(house) if within is None else _measure(within))


def _measure(work: UnitOfWork) -> Measures:
    found = work.connection.execute(_QUERY, {"since": work.now - SINCE})
    return {
        (row.model, row.kind): Measured(
            sample=row.sample,
            p50_seconds=row.p50,
            p95_seconds=row.p95,
            retries_per_take=max(0.0, row.retries or 0.0),
            credits_per_accepted_take=row.credits,
            takes_per_accepted=1.0 if row.paid is None else row.paid,
        )
        for row in found
        if row.sample >= FEWEST
    }
