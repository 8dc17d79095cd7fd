"""The `work` rows: claim, fence, renew, release, nudge. Conditional UPDATEs, never read-then-write."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.journal import Owned, whose
from plugin_backend.db.tables import users
from plugin_backend.db.tables import work as rows
from plugin_backend.domain.ids import new_token
from plugin_backend.domain.work import STEP_LEASE, Claim, Hint, Lane, LeaseLostError, hint_of


@dataclass(frozen=True, slots=True)
class Due:
    """A row to be opened: where its next step runs, whose it is, what about; due now, or at `next_at`."""

    subject_id: str
    lane: Lane
    owned: Owned | None
    topic: str | None = None
    next_at: datetime | None = None


def open_work(connection: Connection, due: Sequence[Due], *, now: datetime) -> None:
    """Make rows due; one that there is already stays as it is."""
    if due:
        connection.execute(insert(rows).on_conflict_do_nothing(), [_values(each, now=now) for each in due])


def _values(due: Due, *, now: datetime) -> dict[str, Any]:
    about = {"subject_id": due.subject_id, "lane": due.lane, "topic": due.topic, **whose(due.owned)}
    return {**about, "next_at": due.next_at or now, "created_at": now}


def claim(
    connection: Connection,
    subject_id: str,
    *,
    now: datetime,
    lanes: Collection[Lane] = tuple(Lane),
    lease: timedelta = STEP_LEASE,
) -> Claim | None:
    """Take a due, unleased row of these lanes; None when it is not due, not free, elsewhere or gone."""
    token = new_token()
    row = connection.execute(
        update(rows)
        .where(
            rows.c.subject_id == subject_id,
            rows.c.lane.in_(lanes),
            rows.c.next_at <= now,
            or_(rows.c.lease.is_(None), rows.c.lease_until < now),
        )
        .values(lease=token, lease_until=now + lease, tries=rows.c.tries + 1, nudged=False)
        .returning(rows.c.lane, rows.c.tries, rows.c.topic)
    ).one_or_none()
    if row is None:
        return None
    return Claim(subject_id, Lane(row.lane).begun, token, row.tries, now + lease, row.topic)


def fence(connection: Connection, claim: Claim, *, now: datetime) -> None:
    """Lock the row for this transaction; LeaseLostError when the lease is no longer ours or has run out."""
    held = select(rows.c.subject_id).where(
        rows.c.subject_id == claim.subject_id, rows.c.lease == claim.token, rows.c.lease_until > now
    )
    if connection.execute(held.with_for_update()).one_or_none() is None:
        raise LeaseLostError(claim.subject_id)


def renew(connection: Connection, claim: Claim, *, now: datetime, lease: timedelta = STEP_LEASE) -> None:
    """Hold the row longer; LeaseLostError when it is no longer ours."""
    renewed = connection.execute(
        update(rows)
        .where(rows.c.subject_id == claim.subject_id, rows.c.lease == claim.token)
        .values(lease_until=now + lease)
    )
    if renewed.rowcount == 0:
        raise LeaseLostError(claim.subject_id)


def is_held(connection: Connection, claim: Claim) -> bool:
    """Whether the row is still ours, whatever the clock says: a look that writes nothing."""
    held = select(rows.c.subject_id).where(rows.c.subject_id == claim.subject_id, rows.c.lease == claim.token)
    return connection.execute(held).one_or_none() is not None


def seize(connection: Connection, subject_id: str, *, now: datetime) -> None:
    """Take a row from whoever holds it: they find out at their next look, and another step may begin."""
    connection.execute(
        update(rows)
        .where(rows.c.subject_id == subject_id)
        .values(lease=None, lease_until=None, next_at=func.least(rows.c.next_at, now), tries=0)
    )


def release(
    connection: Connection,
    claim: Claim,
    *,
    next_at: datetime,
    now: datetime,
    lane: Lane,
    tries: int = 0,
    topic: str | None = None,
) -> bool:
    """Give the row back, due at `next_at`, or at once if it was nudged meanwhile. False when not ours."""
    mine = (rows.c.subject_id == claim.subject_id) & (rows.c.lease == claim.token)
    values = {
        "topic": topic or rows.c.topic,
        "lease": None,
        "lease_until": None,
        "lane": lane,
        "tries": tries,
        "next_at": case((rows.c.nudged, now), else_=next_at),
        "nudged": False,
    }
    return connection.execute(update(rows).where(mine).values(values)).rowcount == 1


def finish(connection: Connection, claim: Claim) -> bool:
    """Nothing more is to be done here. False when the row is not ours."""
    mine = (rows.c.subject_id == claim.subject_id) & (rows.c.lease == claim.token)
    return connection.execute(delete(rows).where(mine)).rowcount == 1


def retopic(connection: Connection, subject_ids: Sequence[str], *, topic: str) -> None:
    """These rows are about somebody else from now on."""
    connection.execute(update(rows).where(rows.c.subject_id.in_(subject_ids)).values(topic=topic))


def drop(connection: Connection, subject_ids: Iterable[str]) -> None:
    """Take rows away whoever holds them: their fenced writes will find nothing and leave no trace."""
    connection.execute(delete(rows).where(rows.c.subject_id.in_(sorted(subject_ids))))


def nudge(connection: Connection, subject_ids: Iterable[str], *, now: datetime) -> Sequence[Hint]:
    """Make rows due now, even those a step is holding or that wait in line; returns the hints to send."""
    begun = {lane.value: lane.begun.value for lane in Lane if lane.begun is not lane}
    nudged = connection.execute(
        update(rows)
        .where(rows.c.subject_id.in_(sorted(subject_ids)))
        .values(
            next_at=func.least(rows.c.next_at, now),
            nudged=rows.c.lease.is_not(None),
            lane=case(begun, value=rows.c.lane, else_=rows.c.lane),
        )
        .returning(rows.c.subject_id, rows.c.lane, rows.c.topic)
    )
    return [hint_of(row.subject_id, Lane(row.lane), row.topic) for row in nudged]


def opened(connection: Connection, subject_ids: Sequence[str]) -> frozenset[str]:
    """Which of these have a next step of their own."""
    found = connection.execute(select(rows.c.subject_id).where(rows.c.subject_id.in_(subject_ids)))
    return frozenset(row.subject_id for row in found)


def due(
    connection: Connection,
    lanes: Sequence[Lane],
    *,
    now: datetime,
    limit: int,
    topic: str | None = None,
    waited: timedelta = timedelta(0),
) -> Sequence[Hint]:
    """The next rows of some lanes: each person's first, then their second; the longest unserved first."""
    turn = func.row_number().over(partition_by=rows.c.owner_id, order_by=(rows.c.next_at, rows.c.subject_id))
    about = [rows.c.topic == topic] if topic is not None else []
    waiting = (
        select(rows.c.subject_id, rows.c.lane, rows.c.owner_id, rows.c.next_at, turn.label("turn"))
        .where(
            rows.c.lane.in_(lanes),
            rows.c.next_at <= now - waited,
            or_(rows.c.lease.is_(None), rows.c.lease_until < now),
            *about,
        )
        .subquery()
    )
    found = connection.execute(
        select(waiting.c.subject_id, waiting.c.lane)
        .outerjoin(users, users.c.id == waiting.c.owner_id)
        .order_by(
            waiting.c.turn, users.c.served_at.asc().nulls_first(), waiting.c.next_at, waiting.c.subject_id
        )
        .limit(limit)
    )
    return [Hint(row.subject_id, Lane(row.lane)) for row in found]


@dataclass(frozen=True, slots=True)
class Load:
    """How many rows of a lane are due and how many are worked on: those about one provider, or about none."""

    topic: str | None
    lane: Lane
    due: int
    leased: int


def loads(connection: Connection, *, now: datetime) -> Sequence[Load]:
    """All there is to do, in one look: most rounds of the dispatcher find nothing and ask no more."""
    is_held = rows.c.lease_until >= now
    found = connection.execute(
        select(
            rows.c.topic,
            rows.c.lane,
            func.count().filter((rows.c.next_at <= now) & is_held.isnot(True)).label("due"),
            func.count().filter(is_held).label("leased"),
        )
        .where(rows.c.lane.in_(tuple(Lane)))  # what a later version put in a lane of its own is left to it
        .group_by(rows.c.topic, rows.c.lane)
        .order_by(rows.c.topic, rows.c.lane)
    )
    return [Load(row.topic, Lane(row.lane), row.due, row.leased) for row in found]


def served(connection: Connection, subject_ids: Sequence[str], *, now: datetime) -> None:
    """Remember whose turn it was."""
    owners = select(rows.c.owner_id).where(rows.c.subject_id.in_(subject_ids))
    connection.execute(update(users).where(users.c.id.in_(owners)).values(served_at=now))
