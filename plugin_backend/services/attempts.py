"""One POST to a provider: written down before it is sent, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from plugin_backend.db import work as work_rows
from plugin_backend.db.rows import AttemptRow, TakeRow, columns_of, read_row
from plugin_backend.db.tables import attempts, generations
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.ids import Prefix, new_id, new_token
from plugin_backend.domain.lifecycle import AttemptState, GenerationState, TakeEvent, TakeState
from plugin_backend.domain.work import Claim
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.moves import move_take, nudge

GRACE: Final = timedelta(seconds=90)
"""How long an intent is looked for before it counts as lost: over lease + longest pause + HTTP timeout."""

LOOK_AGAIN: Final = timedelta(seconds=5)
LISTINGS: Final = 14
"""How often the provider is asked in vain before that: a clock set forward ages an intent but asks nobody."""

MAX_ATTEMPTS: Final = 6

_OPEN = (AttemptState.INTENT, AttemptState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Standing:
    """A take's attempts in one glance."""

    open: AttemptRow | None
    made: int


def standing(connection: Connection, take_id: str) -> Standing:
    """The open attempt of a take, if any, and how many were made."""
    found = connection.execute(select(*columns_of(attempts, AttemptRow)).where(attempts.c.take_id == take_id))
    rows = [read_row(AttemptRow, row) for row in found]
    return Standing(next((row for row in rows if row.state in _OPEN), None), len(rows))


def intend(house: House, claim: Claim, take: TakeRow, *, provider: str) -> AttemptRow:
    """Commit the intent to POST; only then may it be sent. LeaseLostError when the row is not ours."""
    with house.begin() as work:
        work_rows.fence(work.connection, claim, now=work.now)
        values: dict[str, Any] = {
            "id": new_id(Prefix.ATTEMPT, at=work.now),
            "workspace_id": take.workspace_id,
            "owner_id": take.owner_id,
            "take_id": take.id,
            "token": new_token(),
            "provider": provider,
            "state": AttemptState.INTENT,
            "created_at": work.now,
        }
        statement = insert(attempts).values(values).returning(*columns_of(attempts, AttemptRow))
        return read_row(AttemptRow, work.connection.execute(statement).one())


def accepted(
    house: House, attempt: AttemptRow, take: TakeRow, *, provider_ref: str, claim: Claim, after: timedelta
) -> None:
    """Record that the provider has it: a fact, written even by a step that lost its lease meanwhile."""
    with house.begin() as work:
        if _resolve(work, attempt, AttemptState.ACCEPTED, provider_ref=provider_ref, sent_at=work.now):
            move_take(work, take, TakeEvent.SUBMITTED, provider_ref=provider_ref)
            _tell_generation(work, take.generation_id)
        else:
            _remember(work, attempt, provider_ref)
        work_rows.release(
            work.connection, claim, next_at=work.now + after, now=work.now, lane=claim.lane, tries=0
        )


def refused(house: House, claim: Claim, attempt: AttemptRow, *, detail: str, after: timedelta) -> None:
    """The provider certainly did not start it: it is safe to try again later."""
    with house.begin() as work:
        mark_refused(work, attempt, detail=detail)
        stepping.again(work, claim, after=after)


def mark_refused(work: UnitOfWork, attempt: AttemptRow, *, detail: str) -> None:
    """Close an attempt that was turned away."""
    _resolve(work, attempt, AttemptState.REFUSED, detail=detail)


def lost(house: House, claim: Claim, attempt: AttemptRow) -> None:
    """The provider's own listing does not know it, long enough after: a new attempt may be made."""
    with house.begin() as work:
        _resolve(work, attempt, AttemptState.LOST, detail="not in the provider's listing")
        stepping.again(work, claim, after=timedelta(0))


def missed(house: House, claim: Claim, attempt: AttemptRow) -> None:
    """Nobody knows it yet: ask again a little later."""
    with house.begin() as work:
        work.connection.execute(
            update(attempts).where(attempts.c.id == attempt.id).values(listings=attempts.c.listings + 1)
        )
        stepping.again(work, claim, after=LOOK_AGAIN)


def close(work: UnitOfWork, take_id: str) -> None:
    """The take has ended, so has its attempt."""
    work.connection.execute(
        update(attempts)
        .where(attempts.c.take_id == take_id, attempts.c.state.in_(_OPEN))
        .values(state=AttemptState.CLOSED, resolved_at=work.now)
    )


def is_overdue(attempt: AttemptRow, *, now: datetime) -> bool:
    """Whether an intent may be called lost; `now` and the count are read before the provider is asked."""
    return now - attempt.created_at >= GRACE and attempt.listings >= LISTINGS


def can_submit(take: TakeRow, standing: Standing) -> bool:
    """Whether a new POST may be made for this take."""
    return take.state is TakeState.WANTED and standing.open is None and standing.made < MAX_ATTEMPTS


def _tell_generation(work: UnitOfWork, generation_id: str) -> None:
    """The first take that is sent makes it `generating`: readers see that now, not at its next look."""
    state = select(generations.c.state).where(generations.c.id == generation_id)
    if work.connection.execute(state).scalar_one() == GenerationState.PLANNED:
        nudge(work, generation_id)


def _remember(work: UnitOfWork, attempt: AttemptRow, provider_ref: str) -> None:
    """The take was given up before the answer came: keep what an operator needs to find it upstream."""
    work.connection.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.provider_ref.is_(None))
        .values(provider_ref=provider_ref, sent_at=work.now, detail="accepted after its take had ended")
    )


def _resolve(work: UnitOfWork, attempt: AttemptRow, state: AttemptState, **values: Any) -> bool:
    changed = work.connection.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.state == AttemptState.INTENT)
        .values(state=state, resolved_at=work.now, **values)
    )
    return changed.rowcount == 1
