"""Looking after accepted takes, many of one provider at a time: claimed together, written together.

A row whose lease went to somebody else is not written. Nothing here waits for a provider.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from plugin_backend.db.health import read_health
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.watching import (
    Again,
    DueClaim,
    claim_watched,
    hold_watched,
    next_watched,
    release_watched,
)
from plugin_backend.domain.lifecycle import TAKE, TakeState
from plugin_backend.domain.making.health import Health
from plugin_backend.domain.making.providers import next_look
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House

_SHOWN_EVERY: Final = timedelta(seconds=1)

_DETAILS: Final = text(
    """
    SELECT t.id, t.state, t.provider_ref, t.progress, t.parts, t.deadline, t.generation_id,
        g.kind = 'draft' AS is_draft, g.cancel_requested, g.expected_seconds,
        a.part, coalesce(a.sent_at, t.updated_at) AS sent_at
    FROM takes t JOIN generations g ON g.id = t.generation_id
    LEFT JOIN attempts a ON a.take_id = t.id AND a.state = 'accepted'
    WHERE t.id = ANY(:ids)
    """
)
_LOCK_SHOWN: Final = text(
    """
    SELECT id FROM generations
    WHERE id = ANY(:ids) AND abs(extract(epoch FROM CAST(:now AS timestamptz) - updated_at)) >= :every
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    """
)
_SHOW: Final = text(
    """
    UPDATE takes SET progress = seen.progress, updated_at = :now
    FROM unnest(CAST(:ids AS text[]), CAST(:reached AS float[])) AS seen(id, progress)
    WHERE takes.id = seen.id AND takes.state = 'submitted'
    """
)
_TELL: Final = text("UPDATE generations SET version = version + 1, updated_at = :now WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An accepted take that is due for a look."""

    claim: Claim
    due_at: datetime
    take_id: str
    generation_id: str
    provider_ref: str
    progress: float | None
    part: int
    parts: int
    sent_at: datetime
    expected_seconds: float | None
    deadline: datetime | None
    is_draft: bool
    cancel_requested: bool

    def is_overdue(self, *, now: datetime) -> bool:
        """Whether it has had its time."""
        return self.deadline is not None and now >= self.deadline

    def reached(self, progress: float | None) -> float | None:
        """How far the whole take is when this part is so far; it never goes back."""
        if progress is None:
            return self.progress
        reached = (self.part + min(1.0, max(0.0, progress))) / self.parts
        return max(reached, self.progress or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Takes of one provider in hand, and how the provider is."""

    rows: tuple[Watched, ...]
    health: Health
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look at a running take showed, and what the provider wishes for the next."""

    row: Watched
    progress: float | None = None
    at_least: float = 0.0
    is_trouble: bool = False


def claim(house: House, provider: str, *, most: int, most_when_unwell: int) -> Batch:
    """Take due rows of a provider, the longest due first: fewer while it does not answer."""
    with house.begin() as work:
        health = read_health(work.connection, provider)
        limit = most_when_unwell if health.failures else most
        rows = _details(work, claim_watched(work.connection, provider, now=work.now, limit=limit))
        return Batch(rows=tuple(rows), health=health, now=work.now)


def next_due(house: House, provider: str) -> float | None:
    """Seconds until another row is due; None when none will be."""
    with house.begin() as work:
        moment = next_watched(work.connection, provider)
        return None if moment is None else max(0.0, (moment - work.now).total_seconds())


def look_again(house: House, seen: Sequence[Seen]) -> int:
    """Give running takes of a batch back, each due at its own time; returns how many were still ours."""
    if not seen:
        return 0
    lease = seen[0].row.claim.token
    with house.begin() as work:
        shown = _lock_shown(work, seen)
        ours = hold_watched(work.connection, [each.row.take_id for each in seen], lease=lease)
        mine = [each for each in seen if each.row.take_id in ours]
        _show(work, [each for each in mine if each.row.generation_id in shown])
        again = {each.row.take_id: _again(each, now=work.now) for each in mine}
        release_watched(work.connection, again, lease=lease, now=work.now)
        return len(mine)


def pass_to_step(house: House, row: Watched) -> None:
    """Something is to be done with it that waits for the provider: its own step does that."""
    lane = Lane.of_take(is_draft=row.is_draft, is_remote=True)
    with house.begin() as work:
        stepping.again(work, row.claim, after=timedelta(0), lane=lane)


def _details(work: UnitOfWork, claims: Sequence[DueClaim]) -> list[Watched]:
    if not claims:
        return []
    found = work.connection.execute(_DETAILS, {"ids": [each.claim.subject_id for each in claims]})
    rows = {row.id: row for row in found}
    watched = []
    for each in claims:
        row = rows.get(each.claim.subject_id)
        if row is not None and row.state == TakeState.SUBMITTED and row.provider_ref is not None:
            watched.append(_watched(row, each))
        else:
            _send_away(work, each.claim, row)
    return watched


def _send_away(work: UnitOfWork, claim: Claim, row: Any) -> None:
    """It is not watched any longer: its take has ended, or has a step to do."""
    if row is None or row.state in TAKE.terminal:
        stepping.done(work, claim)
        return
    lane = Lane.of_take(is_draft=row.is_draft, is_remote=True)
    stepping.again(work, claim, after=timedelta(0), lane=lane)


def _watched(row: Any, due: DueClaim) -> Watched:
    parts, usual = max(1, row.parts), row.expected_seconds
    return Watched(
        claim=due.claim,
        due_at=due.due_at,
        take_id=row.id,
        generation_id=row.generation_id,
        provider_ref=row.provider_ref,
        progress=row.progress,
        part=row.part or 0,
        parts=parts,
        sent_at=row.sent_at,
        expected_seconds=None if usual is None else usual / parts,
        deadline=row.deadline,
        is_draft=row.is_draft,
        cancel_requested=row.cancel_requested,
    )


def _again(seen: Seen, *, now: datetime) -> Again:
    row, tries = seen.row, seen.row.claim.tries if seen.is_trouble else 0
    after = next_look(
        row.take_id,
        elapsed=max(0.0, (now - row.sent_at).total_seconds()),
        expected=row.expected_seconds,
        at_least=seen.at_least,
        troubles=tries,
    )
    next_at = now + after
    return Again(next_at if row.deadline is None else max(now, min(next_at, row.deadline)), tries)


def _lock_shown(work: UnitOfWork, seen: Sequence[Seen]) -> Collection[str]:
    """The generations whose readers may be told how far they are: not more than once a second."""
    changed = {
        each.row.generation_id for each in seen if each.row.reached(each.progress) != each.row.progress
    }
    if not changed:
        return ()
    values = {"ids": sorted(changed), "now": work.now, "every": _SHOWN_EVERY.total_seconds()}
    return frozenset(work.connection.scalars(_LOCK_SHOWN, values))


def _show(work: UnitOfWork, seen: Sequence[Seen]) -> None:
    reached = {each.row.take_id: each.row.reached(each.progress) for each in seen}
    if reached:
        values = {"ids": list(reached), "reached": list(reached.values()), "now": work.now}
        work.connection.execute(_SHOW, values)
        generation_ids = sorted({each.row.generation_id for each in seen})
        work.connection.execute(_TELL, {"ids": generation_ids, "now": work.now})
