"""Who spent what on what: usage added up, kept in step, and the audit of changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from plugin_backend.db import audit
from plugin_backend.db import usage as sums
from plugin_backend.db.audit import AuditRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.usage import UsageFilter, UsageGroup, UsageRow, usual_start
from plugin_backend.services.house import House
from plugin_backend.services.making.attempts import GRACE
from plugin_backend.services.reach import reach

_AT_ONCE: Final = 20_000
"""Counts folded in one transaction: well within a statement's time."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was added up, by group and altogether; `chosen` says of what, its days filled in."""

    groups: tuple[UsageGroup, ...]
    chosen: UsageFilter
    total: UsageRow
    rows: tuple[UsageRow, ...]


def mine(caller: Caller, chosen: UsageFilter) -> UsageFilter:
    """Of the caller alone, whatever else was asked for."""
    return replace(chosen, workspace_id=caller.workspace_id, owner_id=caller.user_id)


def of_workspace(caller: Caller, chosen: UsageFilter) -> UsageFilter:
    """Of the caller's workspace, which its administrators see."""
    caller.require(Scope.ADMIN)
    return replace(chosen, workspace_id=caller.workspace_id)


def within_reach(actor: Caller, chosen: UsageFilter) -> UsageFilter:
    """Of an administrator's workspace; of any, or of all, for an operator."""
    within = reach(actor)
    return chosen if within is None else replace(chosen, workspace_id=within)


def add_up(house: House, groups: Sequence[UsageGroup], chosen: UsageFilter, *, limit: int) -> Usage:
    """Usage by one or two groups, and altogether; of the usual time where no day is named."""
    with house.begin() as work:
        asked = _with_days(chosen, work.now)
        overdue = work.now - GRACE
        total, rows = sums.add_up(work.connection, groups, asked, overdue=overdue, limit=limit)
        return Usage(tuple(groups), asked, total, rows)


def each(house: House, groups: Sequence[UsageGroup], chosen: UsageFilter) -> Iterator[UsageRow]:
    """Every group, read as it is taken: take them quickly, for a transaction is open."""
    with house.begin() as work:
        asked = _with_days(chosen, work.now)
        yield from sums.each(work.connection, groups, asked, overdue=work.now - GRACE)


def fold(house: House) -> int:
    """Move what was counted into the sums; returns how many counts there were."""
    folded = 0
    while True:
        with house.begin() as work:
            found = sums.fold(work.connection, most=_AT_ONCE)
        folded += found
        if found < _AT_ONCE:
            return folded


def rebuild(house: House) -> int:
    """Compare the sums with what they are of, and count what differs; returns in how many keys it did.

    The service goes on meanwhile. Done twice, the second time finds nothing.
    """
    with house.begin() as work:
        sums.allow_time(work.connection)
        corrected = sums.correct(work.connection)
    fold(house)
    with house.begin() as work:
        sums.total_again(work.connection)
    return corrected


def audit_trail(
    house: House, actor: Caller, *, subject_id: str | None, before: int | None, limit: int
) -> tuple[AuditRow, ...]:
    """Who changed what within the administrator's reach, newest first."""
    workspace_id = reach(actor)
    with house.begin() as work:
        return audit.list_audit(
            work.connection, workspace_id=workspace_id, subject_id=subject_id, before=before, limit=limit
        )


def _with_days(chosen: UsageFilter, now: datetime) -> UsageFilter:
    if chosen.start is not None:
        return chosen
    return replace(chosen, start=usual_start(chosen.end or day_of(now)))
