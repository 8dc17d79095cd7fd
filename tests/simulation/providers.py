"""The providers' own books beside ours: nothing asked for twice, nothing billed that nobody accounts for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.services.house import House
from plugin_backend.services.money import exposures
from plugin_backend.services.reconciliation import LOOKED_FOR
from tests.simulation.jobs import Job, Upstream

_EVERYTHING: Final = 1_000_000
_AMPLE: Final = LOOKED_FOR.total_seconds() / 2
"""What is made so soon after its POST is found while it is still asked after."""

_ATTEMPTS: Final = text(
    "SELECT a.id, a.token, a.state, a.billed, a.provider_ref, a.slug, a.outputs IS NOT NULL AS has_outputs,"
    " a.credits_at_risk, t.id AS take_id, t.state AS take_state, t.charged, g.state AS state_of_all,"
    " g.recovered_from,"
    " g.deleted_at IS NOT NULL AS is_deleted"
    " FROM attempts a JOIN takes t ON t.id = a.take_id JOIN generations g ON g.id = t.generation_id"
    " ORDER BY a.id"
)


def audit(connection: Connection, upstreams: Sequence[Upstream], *, now: float) -> list[str]:
    """No acceptance is forgotten, and who cancels pays as the provider bills."""
    known = {row.token: row for row in connection.execute(_ATTEMPTS)}
    lists = {token for upstream in upstreams if upstream.lists for token in upstream.by_token}
    found = [
        f"{begun[0]} was accepted and is not in our books"
        for upstream in upstreams
        for token, begun in upstream.by_token.items()
        if token not in known
    ]
    for token, job in _followed(upstreams, known).items():
        found += _complaints(known[token], job, is_listed=token in lists, now=now)
    return found


def audit_exposures(house: House, upstreams: Sequence[Upstream], *, now: float) -> list[str]:
    """What we are exposed to is what was billed and nobody paid for, to the POST and to the credit."""
    operator = Caller(
        user_id="usr_nobody",
        workspace_id="wsp_none",
        role=Role.OWNER,
        scopes=frozenset(Scope),
        is_operator=True,
    )
    exposed = exposures.find(house, operator, settled=None, before=None, limit=_EVERYTHING)
    with house.engine.connect() as connection:
        rows = {row.token: row for row in connection.execute(_ATTEMPTS)}
    billed = {
        rows[token].id: rows[token].credits_at_risk
        for token, job in _followed(upstreams, rows).items()
        if job.is_billed(now=now) and not _is_paid(rows[token])
    }
    found = [f"{each} is billed, nobody paid, and it is no exposure" for each in _missing(billed, exposed)]
    for each in exposed:
        if each.billed and each.id not in billed:
            found.append(f"{each.id} is called billed, and {each.provider} does not bill it")
        if each.id in billed and each.credits != billed[each.id]:
            found.append(f"{each.id} is exposed at {each.credits}, and costs {billed[each.id]}")
    return found


def _followed(upstreams: Sequence[Upstream], rows: Mapping[str, Row[Any]]) -> Mapping[str, Job]:
    """The job of every attempt of ours that became one."""
    return {
        token: job
        for token, row in rows.items()
        for upstream in upstreams
        if (job := upstream.followed(token, row.provider_ref)) is not None
    }


def _missing(billed: Mapping[str, int], exposed: Sequence[exposures.Exposure]) -> set[str]:
    return set(billed) - {each.id for each in exposed}


def _is_paid(row: Row[Any]) -> bool:
    """Whether its take was charged for this very POST."""
    is_its = row.state == "closed" and row.billed is not False
    return bool(row.charged and is_its and row.recovered_from is None)


def _complaints(row: Row[Any], job: Job, *, is_listed: bool, now: float) -> Iterator[str]:
    if row.state in ("lost", "refused"):
        yield f"{row.take_id} has a {row.state} attempt that was accepted: {job}"
    if _is_paid(row) and not job.is_billed(now=now):
        yield f"{row.take_id} is charged for what is not billed: {job}"
    pays = row.state_of_all != "failed"  # else everything returned, and the bill is an exposure
    if row.take_state == "cancelled" and row.charged != (pays and job.is_billed(now=now)):
        yield f"{row.take_id} was cancelled, charged {row.charged}, billed {job}"
    if _could_be_found(row, job, is_listed=is_listed, now=now):
        yield f"{row.take_id} failed, and what was made for it was never delivered: {job}"


def _could_be_found(row: Row[Any], job: Job, *, is_listed: bool, now: float) -> bool:
    """Made in time and known to us, or listed there, for a take that ended without knowing it."""
    is_known = row.provider_ref is not None or (is_listed and row.slug is None)
    is_soon = job.done_at - job.accepted_at < _AMPLE
    is_unseen = not row.has_outputs and not row.is_deleted
    is_lost = row.take_state in ("failed", "cancelled") and not row.charged
    return job.is_made(now=now) and is_known and is_soon and is_unseen and is_lost
