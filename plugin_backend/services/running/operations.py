"""Running the service: is it ready, what is due, do the books agree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from plugin_backend.db import books, revisions, walks
from plugin_backend.db.generations import (
    GenerationFilter,
    GenerationView,
    list_generations,
    views_of,
)
from plugin_backend.db.rows import read_row
from plugin_backend.db.storage_use import totals_of
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.work import Lane
from plugin_backend.services.house import House
from plugin_backend.services.keeping.storage_walk import WALK
from plugin_backend.services.reach import reach
from plugin_backend.services.running.provider_standings import ProviderStanding, degraded, standings
from plugin_backend.services.running.troubles import Troubles, troubles_of

_LANES: Final = text(
    """
    SELECT lane, count(*) AS rows,
        count(*) FILTER (WHERE next_at <= :now AND (lease IS NULL OR lease_until < :now)) AS due,
        count(*) FILTER (WHERE lease IS NOT NULL AND lease_until >= :now) AS leased,
        min(next_at) FILTER (WHERE next_at <= :now AND (lease IS NULL OR lease_until < :now)) AS oldest
    FROM work WHERE CAST(:within AS text) IS NULL OR workspace_id = :within GROUP BY lane
    """
)
_RECENT: Final = text(
    """
    SELECT kind, state, count(*) AS count,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS slow
    FROM (SELECT kind, state, extract(epoch FROM finished_at - created_at)::float AS seconds
          FROM generations WHERE created_at > :since) recent
    GROUP BY kind, state
    """
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is wrong, and what is merely degraded; ready when nothing is wrong."""

    problems: Mapping[str, str]
    degraded: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLoad:
    """The open work of a lane; `waiting_seconds` is how long the oldest due row has waited."""

    lane: Lane
    rows: int
    due: int
    leased: int
    waiting_seconds: float


@dataclass(frozen=True, slots=True)
class Queues:
    """What is to be done, by lane, and for operators how the providers stand that some of it is about."""

    lanes: tuple[LaneLoad, ...]
    providers: tuple[ProviderStanding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The last hour's generations of a kind in a state, with their seconds from request to end."""

    kind: str
    state: str
    count: int
    median: float | None
    slow: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the metrics show of the whole service."""

    lanes: tuple[LaneLoad, ...]
    providers: tuple[ProviderStanding, ...]
    recent: tuple[Recent, ...]
    unbalanced_accounts: int
    stored: Mapping[Kept, int]
    walked: Mapping[str, int]
    """The last whole walk through storage; nothing before the first."""
    troubles: Troubles


def readiness(house: House, redis: Redis) -> Readiness:
    """Ask everything a request stands on; Redis holds hints only, so without it we are slower, not down."""
    looks: dict[str, Callable[[House], None]] = {"sql": _check_sql, "storage": _check_storage}
    problems: dict[str, str] = {}
    for subject, look in looks.items():
        try:
            look(house)
        except (SQLAlchemyError, OSError) as error:
            problems[subject] = type(error).__name__
        except _PendingMigrationError as error:
            problems["migrations"] = str(error)
    unwell = () if "sql" in problems or "migrations" in problems else degraded(house)
    return Readiness(problems, (*(("redis",) if _is_away(redis) else ()), *unwell))


def queues(house: House, actor: Caller) -> Queues:
    """The open work of every lane within the administrator's reach."""
    within = reach(actor)
    with house.begin() as work:
        return Queues(_lanes(work, within), standings(house, work) if within is None else ())


def figures(house: House) -> Figures:
    """For the metrics: work, the last hour, the books."""
    with house.begin() as work:
        since = {"since": work.now - timedelta(hours=1)}
        recent = work.connection.execute(_RECENT, since).all()
        return Figures(
            lanes=_lanes(work, None),
            providers=standings(house, work),
            recent=tuple(read_row(Recent, row) for row in recent),
            unbalanced_accounts=books.unbalanced_accounts(work.connection),
            stored=totals_of(work.connection),
            walked=walks.last_round(work.connection, WALK),
            troubles=troubles_of(work),
        )


def find_generations(house: House, actor: Caller, chosen: GenerationFilter) -> tuple[GenerationView, ...]:
    """Everybody's generations within the administrator's reach, newest first."""
    with house.begin() as work:
        rows = list_generations(work.connection, chosen, workspace_id=reach(actor))
        return views_of(work.connection, rows)


class _PendingMigrationError(Exception):
    """The database is not at the revision this code needs."""


def _check_sql(house: House) -> None:
    with house.engine.connect() as connection:
        found = revisions.revision_of(connection)
    if revisions.lacks(found):
        raise _PendingMigrationError(f"at {found or 'nothing'}, {revisions.head()} is needed")


def _check_storage(house: House) -> None:
    house.storage.check()


def _is_away(redis: Redis) -> bool:
    try:
        return not redis.ping()
    except RedisError:
        return True


def _lanes(work: UnitOfWork, within: str | None) -> tuple[LaneLoad, ...]:
    rows = work.connection.execute(_LANES, {"now": work.now, "within": within})
    found = {row.lane: row for row in rows}
    return tuple(_lane(lane, found.get(lane), now=work.now) for lane in Lane)


def _lane(lane: Lane, row: Any, *, now: datetime) -> LaneLoad:
    if row is None:
        return LaneLoad(lane=lane, rows=0, due=0, leased=0, waiting_seconds=0.0)
    waited = 0.0 if row.oldest is None else (now - row.oldest).total_seconds()
    return LaneLoad(lane=lane, rows=row.rows, due=row.due, leased=row.leased, waiting_seconds=waited)
