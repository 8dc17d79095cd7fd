"""Credits by plan: so many in each UTC calendar month, and once for signing up.

A month's credits are granted when they are first needed or looked at, and to everybody by the clock. A plan
with more grants the difference at once; one with less takes nothing back. What is not spent stays.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from plugin_backend.db import plan_grants
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import InsufficientCreditsError
from plugin_backend.services.house import House

_AT_ONCE: Final = 200
_ROUNDS: Final = 10
"""So that the clock is not kept for long; whoever asks meanwhile is granted theirs at once."""

Result = TypeVar("Result")


def period_of(moment: datetime) -> str:
    """The UTC calendar month of a moment, such as `2026-11`."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def sign_up_credit(work: UnitOfWork, user_id: str) -> str | None:
    """What a person's plan gives them for signing up, once in their life; the ledger entry it made."""
    return plan_grants.grant_sign_up(work.connection, user_id, reason="For signing up.", now=work.now)


def grant_month(work: UnitOfWork, user_id: str) -> str | None:
    """What their plan still owes somebody of this month; the ledger entry, None when nothing."""
    period = period_of(work.now)
    return plan_grants.grant_month(
        work.connection, user_id, period=period, reason=_reason(period), now=work.now
    )


def owed(caller: Caller) -> bool:
    """Whether the caller's plan grants anything by the month."""
    plan = caller.allowance.plan
    return plan is not None and plan.credits_per_month > 0


def paying(house: House, caller: Caller, ask: Callable[[], Result]) -> Result:
    """Do what costs credits; where they do not cover it, with this month's, if those are still to come."""
    try:
        return ask()
    except InsufficientCreditsError:
        if not owed(caller):
            raise
        with house.begin() as work:
            granted = grant_month(work, caller.user_id)
        if granted is None:
            raise
    return ask()


def grant_all(house: House) -> int:
    """This month's credits for everybody who has not got them; returns how many did."""
    total = 0
    for _ in range(_ROUNDS):
        with house.begin() as work:
            period = period_of(work.now)
            count = plan_grants.grant_months(
                work.connection, period=period, reason=_reason(period), now=work.now, most=_AT_ONCE
            )
        total += count
        if count < _AT_ONCE:
            break
    return total


def _reason(period: str) -> str:
    return f"By plan, for {period}."
