"""The `work` rows that are watched: claimed together under one lease, released each to its own time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import Connection, text

from plugin_backend.domain.ids import new_token
from plugin_backend.domain.work import STEP_LEASE, Claim, Lane

_CLAIM = text(
    """
    WITH due AS MATERIALIZED (
        SELECT subject_id FROM work
        WHERE lane = 'watch' AND topic = :topic AND next_at <= :now
          AND (lease IS NULL OR lease_until < :now)
        ORDER BY next_at, subject_id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE work SET lease = :lease, lease_until = :until, tries = tries + 1, nudged = false
    FROM due WHERE work.subject_id = due.subject_id
    RETURNING work.subject_id, work.tries, work.next_at
    """
)
_NEXT = text(
    """
    SELECT next_at FROM work WHERE lane = 'watch' AND topic = :topic AND lease IS NULL
    ORDER BY next_at LIMIT 1
    """
)
_HOLD = text(
    """
    SELECT subject_id FROM work WHERE lease = :lease AND subject_id = ANY(:ids)
    ORDER BY subject_id FOR UPDATE
    """
)
_RELEASE = text(
    """
    UPDATE work SET lease = NULL, lease_until = NULL, nudged = false, tries = again.tries,
        next_at = CASE WHEN work.nudged THEN :now ELSE again.next_at END
    FROM unnest(CAST(:ids AS text[]), CAST(:next_at AS timestamptz[]), CAST(:tries AS int[]))
        AS again(subject_id, next_at, tries)
    WHERE work.subject_id = again.subject_id AND work.lease = :lease
    """
)


@dataclass(frozen=True, slots=True)
class DueClaim:
    """A watched row in hand, and when it was due."""

    claim: Claim
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Again:
    """When a row is due again, and after how many tries in vain."""

    next_at: datetime
    tries: int = 0


def claim_watched(
    connection: Connection, topic: str, *, now: datetime, limit: int, lease: timedelta = STEP_LEASE
) -> Sequence[DueClaim]:
    """Take up to so many due rows, the longest due first; those that others are just taking are left."""
    token, until = new_token(), now + lease
    values = {"topic": topic, "now": now, "limit": limit, "lease": token, "until": until}
    found = connection.execute(_CLAIM, values).all()
    return [
        DueClaim(Claim(row.subject_id, Lane.WATCH, token, row.tries, until, topic), row.next_at)
        for row in sorted(found, key=attrgetter("next_at", "subject_id"))  # an UPDATE returns them in any
    ]


def next_watched(connection: Connection, topic: str) -> datetime | None:
    """When the next row is due that nobody has in hand."""
    moment: datetime | None = connection.execute(_NEXT, {"topic": topic}).scalar_one_or_none()
    return moment


def hold_watched(connection: Connection, subject_ids: Sequence[str], *, lease: str) -> frozenset[str]:
    """Lock those rows that are still ours, to the end of the transaction."""
    values = {"lease": lease, "ids": sorted(subject_ids)}
    return frozenset(connection.scalars(_HOLD, values))


def release_watched(connection: Connection, again: Mapping[str, Again], *, lease: str, now: datetime) -> None:
    """Give rows back in one statement; what was nudged meanwhile is due at once."""
    values = {
        "ids": list(again),
        "next_at": [each.next_at for each in again.values()],
        "tries": [each.tries for each in again.values()],
        "lease": lease,
        "now": now,
    }
    connection.execute(_RELEASE, values)
