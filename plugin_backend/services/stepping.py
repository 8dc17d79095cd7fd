"""A step's row: opened by whoever wants it made, claimed, held, given back. Losing it undoes the rest."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import OperationalError

from plugin_backend.db import work as rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.work import STEP_LEASE, STRAYS_END, Claim, Lane, LeaseLostError, hint_of
from plugin_backend.services.house import House

_REMOVAL_AGAIN: Final = timedelta(minutes=10)
"""What nobody wants is removed, however long the storage is away."""


def make_due(work: UnitOfWork, *due: Due) -> None:
    """Open rows, and tell the workers of those that are due now."""
    rows.open_work(work.connection, due, now=work.now)
    for each in due:
        if each.next_at is None:
            work.hint(each.subject_id, each.lane)


def claim(
    house: House, subject_id: str, *, lanes: Collection[Lane] = tuple(Lane), lease: timedelta = STEP_LEASE
) -> Claim | None:
    """Take a due row for one step; None when there is nothing to do here now.

    A hint may be old: the row has moved to a lane this process does not serve, and others wait for it there.
    """
    with house.begin() as work:
        return rows.claim(work.connection, subject_id, now=work.now, lanes=lanes, lease=lease)


def renew(house: House, claim: Claim, *, lease: timedelta = STEP_LEASE) -> None:
    """Hold the row longer while work goes on; LeaseLostError when it is no longer ours."""
    with house.begin() as work:
        rows.renew(work.connection, claim, now=work.now, lease=lease)


def look(house: House, claim: Claim) -> None:
    """LeaseLostError when the row is no longer ours, as of what was cancelled. A glance that writes nothing.

    Where the database cannot be asked nothing is known yet: the next renewal has the last word.
    """
    with suppress(OperationalError), house.begin() as work:
        if not rows.is_held(work.connection, claim):
            raise LeaseLostError(claim.subject_id)


def again(
    work: UnitOfWork,
    claim: Claim,
    *,
    after: timedelta,
    lane: Lane | None = None,
    tries: int = 0,
    topic: str | None = None,
) -> None:
    """End the step: the row is due again later. The last statement of its transaction, and its fence."""
    target, next_at = lane or claim.lane, work.now + after
    if not rows.release(
        work.connection, claim, next_at=next_at, now=work.now, lane=target, tries=tries, topic=topic
    ):
        raise LeaseLostError(claim.subject_id)
    if after <= timedelta(0):
        hint = hint_of(claim.subject_id, target, topic or claim.topic)
        work.hint(hint.subject_id, hint.lane)


def wait_in_line(work: UnitOfWork, claim: Claim) -> None:
    """End the step: the row waits until the dispatcher calls it. The last statement of its transaction."""
    lane, tries = claim.lane.waiting, claim.tries - 1
    if not rows.release(work.connection, claim, next_at=work.now, now=work.now, lane=lane, tries=tries):
        raise LeaseLostError(claim.subject_id)


def done(work: UnitOfWork, claim: Claim) -> None:
    """End the step and the row's work. The last statement of its transaction, and its fence."""
    if not rows.finish(work.connection, claim):
        raise LeaseLostError(claim.subject_id)


def remove_later(work: UnitOfWork, claim: Claim) -> None:
    """End a removal that broke for good: the storage may be back another time."""
    again(work, claim, after=_REMOVAL_AGAIN)


def done_removing(work: UnitOfWork, claim: Claim, *, since: datetime) -> None:
    """End a removal of files: looked at again, each time after as long again, while strays may be writing."""
    past = work.now - since
    if past >= STRAYS_END:
        done(work, claim)
    else:
        again(work, claim, after=max(STEP_LEASE, past))


def hand_back(house: House, claim: Claim, *, after: timedelta = timedelta(0), tries: int = 0) -> None:
    """Give the row back unworked, as on SIGTERM; somebody else may have it already."""
    with house.begin() as work:
        if rows.release(
            work.connection, claim, next_at=work.now + after, now=work.now, lane=claim.lane, tries=tries
        ):
            work.hint(claim.subject_id, claim.lane)
