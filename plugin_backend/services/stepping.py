"""What every step does with its own row: claim it, hold it, give it back. Losing it undoes the rest."""

from collections.abc import Collection
from datetime import timedelta

from plugin_backend.db import work as rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.work import STEP_LEASE, Claim, Lane, LeaseLostError
from plugin_backend.services.house import House


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


def again(
    work: UnitOfWork, claim: Claim, *, after: timedelta, lane: Lane | None = None, tries: int = 0
) -> None:
    """End the step: the row is due again later. The last statement of its transaction, and its fence."""
    target = lane or claim.lane
    if not rows.release(
        work.connection, claim, next_at=work.now + after, now=work.now, lane=target, tries=tries
    ):
        raise LeaseLostError(claim.subject_id)
    if after <= timedelta(0):
        work.hint(claim.subject_id, target)


def done(work: UnitOfWork, claim: Claim) -> None:
    """End the step and the row's work. The last statement of its transaction, and its fence."""
    if not rows.finish(work.connection, claim):
        raise LeaseLostError(claim.subject_id)


def hand_back(house: House, claim: Claim, *, after: timedelta = timedelta(0), tries: int = 0) -> None:
    """Give the row back unworked, as on SIGTERM; somebody else may have it already."""
    with house.begin() as work:
        if rows.release(
            work.connection, claim, next_at=work.now + after, now=work.now, lane=claim.lane, tries=tries
        ):
            work.hint(claim.subject_id, claim.lane)
