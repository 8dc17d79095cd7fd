"""One POST to a provider: written down before it is sent, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from plugin_backend.db import work as work_rows
from plugin_backend.db.generations import attempts_of, find_take
from plugin_backend.db.journal import Owned
from plugin_backend.db.rows import AttemptRow, TakeRow, columns_of, read_row
from plugin_backend.db.tables import attempts, generations, takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.ids import Prefix, new_id, new_token
from plugin_backend.domain.lifecycle import OPEN_ATTEMPTS, AttemptState, GenerationState, TakeEvent, TakeState
from plugin_backend.domain.making.providers import deadline
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making.explaining import explain
from plugin_backend.services.making.manners import limits_of, take_place
from plugin_backend.services.moves import StaleStateError, lock_generation, move_take, nudge, touch_generation

GRACE: Final = timedelta(seconds=90)
"""How long an intent is looked for before it counts as lost: over lease + longest pause + HTTP timeout."""

LOOK_AGAIN: Final = timedelta(seconds=5)
LISTINGS: Final = 14
"""How often the provider is asked in vain before that: a clock set forward ages an intent but asks nobody."""

DOUBT_ENDS: Final = timedelta(hours=6)
"""How long a listing that does not answer is waited for."""

_LONGEST_PAUSE: Final = timedelta(minutes=5)

MAX_ATTEMPTS: Final = 6
"""POSTs for one part on one model, refused or lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What a POST asks for, and what it may cost us at list price."""

    provider: str
    model: str | None = None
    part: int = 0
    credits_at_risk: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a provider said of an attempt: its own words, its own id for its support, whether it bills."""

    detail: str | None = None
    slug: str | None = None
    request_id: str | None = None
    billed: bool | None = None

    def values(self) -> Mapping[str, Any]:
        """The columns of it; what was not said leaves them as they are."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A take's attempts in one glance."""

    open: AttemptRow | None
    made: int
    """POSTs so far for the part that is next, on the model that would make it."""
    finished: tuple[AttemptRow, ...]
    """One for each part that the provider has finished, in order."""
    last_words: str | None
    """What was said to the latest that was turned away."""

    @property
    def part(self) -> int:
        """The part that is being made or comes next, counted from 0."""
        return len(self.finished)


def attempts_by_take(connection: Connection, take_ids: Sequence[str]) -> Mapping[str, Sequence[AttemptRow]]:
    """The attempts of some takes, by take, part by part."""
    made: dict[str, list[AttemptRow]] = {take_id: [] for take_id in take_ids}
    for row in sorted(attempts_of(connection, take_ids), key=lambda row: row.part):
        made[row.take_id].append(row)
    return made


def standing(rows: Sequence[AttemptRow], *, model: str) -> Standing:
    """The attempts of a take as its next step sees them."""
    finished = tuple(row for row in rows if row.state == AttemptState.CLOSED and row.outputs is not None)
    said = [row.detail for row in rows if row.state == AttemptState.REFUSED]
    return Standing(
        open=next((row for row in rows if row.state in OPEN_ATTEMPTS), None),
        made=sum(row.part == len(finished) and row.model in (None, model) for row in rows),
        finished=finished,
        last_words=said[-1] if said else None,
    )


def intend(house: House, claim: Claim, take: TakeRow, ordered: Ordered) -> AttemptRow:
    """Commit the intent to POST; only then may it be sent.

    LeaseLostError when the row is not ours, StaleStateError when the take has moved on, NotNowError when the
    provider is to be sent nothing now.
    """
    limits = limits_of(house, ordered.provider)
    with house.begin() as work:
        _hold(work, take)
        work_rows.fence(work.connection, claim, now=work.now)
        take_place(work, ordered.provider, limits)
        values: dict[str, Any] = {
            "id": new_id(Prefix.ATTEMPT, at=work.now),
            **take.owned.columns,
            "take_id": take.id,
            "token": new_token(),
            "state": AttemptState.INTENT,
            "created_at": work.now,
            **asdict(ordered),
        }
        statement = insert(attempts).values(values).returning(*columns_of(attempts, AttemptRow))
        return read_row(AttemptRow, work.connection.execute(statement).one())


def _hold(work: UnitOfWork, take: TakeRow) -> None:
    """Nobody ends the take, and closes its attempts, before this transaction has written one more."""
    held = select(takes.c.state).where(takes.c.id == take.id).with_for_update()
    if work.connection.execute(held).scalar_one() != take.state:
        raise StaleStateError(take.id)


def accepted(
    house: House,
    attempt: AttemptRow,
    take: TakeRow,
    *,
    provider_ref: str,
    claim: Claim,
    after: timedelta,
    request_id: str | None = None,
) -> None:
    """Record that the provider has it: a fact, written even by a step that lost its lease meanwhile."""
    said = Said(request_id=request_id).values()
    lane = claim.lane if attempt.provider == ANIMATIC else Lane.WATCH
    with house.begin() as work:
        lock_generation(work, take.generation_id)
        values = {"provider_ref": provider_ref, "sent_at": work.now, **said}
        if _resolve(work, attempt, AttemptState.ACCEPTED, values):
            _sent(work, take, attempt, provider_ref)
        else:
            _remember(work, attempt, take, values)
        next_at, topic = work.now + after, attempt.provider if lane is Lane.WATCH else None
        work_rows.release(work.connection, claim, next_at=next_at, now=work.now, lane=lane, topic=topic)


def unanswered(house: House, claim: Claim, attempt: AttemptRow, said: Said) -> None:
    """It may have been heard: in doubt, with what was seen of it, until somebody finds it."""
    with house.begin() as work:
        work.connection.execute(update(attempts).where(attempts.c.id == attempt.id).values(**said.values()))
        why = f"is in doubt: the answer of {attempt.provider} was lost. It is looked for, and not sent again."
        _explain(work, attempt, why, reason="in-doubt")
        stepping.again(work, claim, after=LOOK_AGAIN)


def refused(house: House, claim: Claim, attempt: AttemptRow, said: Said, *, after: timedelta) -> None:
    """The provider certainly did not start it: it is safe to try again later."""
    with house.begin() as work:
        mark_refused(work, attempt, said)
        _explain(work, attempt, f"was turned away and is sent again. {said.detail or ''}", reason="refused")
        stepping.again(work, claim, after=after)


def _explain(work: UnitOfWork, attempt: AttemptRow, why: str, *, reason: str) -> None:
    take = find_take(work.connection, attempt.take_id)
    assert take is not None
    explain(work, take, why.rstrip(), reason=reason, provider=attempt.provider)


def mark_refused(work: UnitOfWork, attempt: AttemptRow, said: Said) -> None:
    """Close an attempt that was turned away; nobody bills it."""
    _resolve(work, attempt, AttemptState.REFUSED, {**said.values(), "billed": False})


def lost(house: House, claim: Claim, attempt: AttemptRow) -> None:
    """The provider's own listing does not know it, long enough after: a new attempt may be made."""
    with house.begin() as work:
        _resolve(work, attempt, AttemptState.LOST, {"detail": "not in the provider's listing"})
        stepping.again(work, claim, after=timedelta(0))


def missed(house: House, claim: Claim, attempt: AttemptRow) -> None:
    """Nobody knows it yet: ask again a little later."""
    with house.begin() as work:
        work.connection.execute(
            update(attempts).where(attempts.c.id == attempt.id).values(listings=attempts.c.listings + 1)
        )
        stepping.again(work, claim, after=LOOK_AGAIN)


def pause_of(attempt: AttemptRow, *, now: datetime) -> timedelta:
    """How long to leave a listing alone that does not answer: the longer it has not, the longer."""
    return min(max(LOOK_AGAIN, (now - attempt.created_at) / 8), _LONGEST_PAUSE)


def finished(work: UnitOfWork, attempt: AttemptRow, outputs: Mapping[str, Any]) -> None:
    """The provider has made it, and bills it."""
    work.connection.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.state == AttemptState.ACCEPTED)
        .values(state=AttemptState.CLOSED, outputs=dict(outputs), billed=True, resolved_at=work.now)
    )


def close(work: UnitOfWork, take_id: str, said: Said | None = None) -> None:
    """The take has ended, so has its open attempt, of which the provider perhaps said something."""
    values = said.values() if said is not None else {}
    work.connection.execute(
        update(attempts)
        .where(attempts.c.take_id == take_id, attempts.c.state.in_(OPEN_ATTEMPTS))
        .values(state=AttemptState.CLOSED, resolved_at=work.now, **values)
    )


def follow_up(work: UnitOfWork, attempt_id: str, *, provider: str, owned: Owned) -> None:
    """Have a step ask what became of an attempt whose take has ended without it."""
    stepping.make_due(work, Due(attempt_id, Lane.PROVIDER_MASTER, owned, topic=provider))


def is_overdue(attempt: AttemptRow, *, now: datetime) -> bool:
    """Whether an intent may be called lost; `now` and the count are read before the provider is asked."""
    return now - attempt.created_at >= GRACE and attempt.listings >= LISTINGS


def _sent(work: UnitOfWork, take: TakeRow, attempt: AttemptRow, provider_ref: str) -> None:
    """The first part sends the take; a later one only changes where it is watched."""
    watched: dict[str, Any] = {"provider_ref": provider_ref}
    if attempt.provider != ANIMATIC:
        watched["deadline"] = deadline(now=work.now, expected_seconds=_expected(work, take.generation_id))
    if attempt.part == 0:
        move_take(work, take, TakeEvent.SUBMITTED, **watched)
        _tell_generation(work, take.generation_id)
        return
    touch_generation(work, take.generation_id)
    work.connection.execute(
        update(takes)
        .where(takes.c.id == take.id, takes.c.state == TakeState.SUBMITTED)
        .values(**watched, version=takes.c.version + 1, updated_at=work.now)
    )


def _expected(work: UnitOfWork, generation_id: str) -> float | None:
    """What a take of it usually needs, all parts together."""
    chosen = select(generations.c.expected_seconds).where(generations.c.id == generation_id)
    usual: float | None = work.connection.execute(chosen).scalar_one()
    return usual


def _tell_generation(work: UnitOfWork, generation_id: str) -> None:
    """The first take that is sent makes it `generating`: readers see that now, not at its next look."""
    state = select(generations.c.state).where(generations.c.id == generation_id)
    if work.connection.execute(state).scalar_one() == GenerationState.PLANNED:
        nudge(work, generation_id)


def _remember(work: UnitOfWork, attempt: AttemptRow, take: TakeRow, values: Mapping[str, Any]) -> None:
    """It was given up before the answer came: keep where it is, and have somebody look what became of it.

    Whoever has asked in vain meanwhile has called its outcome unknown; it can be asked for now.
    """
    changed = work.connection.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.provider_ref.is_(None))
        .values(**values, slug=None, detail="accepted after its take had gone on without it")
    )
    if changed.rowcount:
        follow_up(work, attempt.id, provider=attempt.provider, owned=take.owned)


def _resolve(work: UnitOfWork, attempt: AttemptRow, state: AttemptState, values: Mapping[str, Any]) -> bool:
    changed = work.connection.execute(
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.state == AttemptState.INTENT)
        .values(state=state, resolved_at=work.now, **values)
    )
    return changed.rowcount == 1
