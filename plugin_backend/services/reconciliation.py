"""POSTs whose takes ended without them: asked after for two days, and delivered free when they are found.

A sweep makes a step due for each; the step asks the provider, then the next time is further away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, text, update

from plugin_backend.db.generations import find_generation, find_take
from plugin_backend.db.journal import Owned
from plugin_backend.db.rows import AttemptRow, GenerationRow, TakeRow, columns_of, read_row
from plugin_backend.db.tables import attempts
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import TAKE
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making import recovering
from plugin_backend.services.making.attempts import Said, follow_up
from plugin_backend.services.making.posts import posts_of, request_of

LOOKED_FOR: Final = timedelta(hours=48)
"""How long after its POST an attempt is asked after."""

_SOONEST: Final = timedelta(minutes=5)
_LATEST: Final = timedelta(hours=4)
_RUNNING: Final = timedelta(seconds=30)

# Of which the provider never said what it came to, and no take waits for it any more.
_UNKNOWN: Final = """
    a.provider <> 'animatic' AND a.slug IS NULL AND a.outputs IS NULL AND a.billed IS NULL
    AND a.settled_at IS NULL
    AND (a.state = 'lost' OR (a.state = 'closed' AND NOT t.charged AND t.state IN ('failed', 'cancelled')))
"""
_SWEEP: Final = text(
    "INSERT INTO work"  # noqa: S608 - constants
    " (subject_id, lane, topic, workspace_id, owner_id, next_at, created_at)"
    " SELECT a.id, :lane, a.provider, a.workspace_id, a.owner_id, :now, :now"
    " FROM attempts a JOIN takes t ON t.id = a.take_id"
    f" WHERE a.id > :oldest AND {_UNKNOWN} ON CONFLICT (subject_id) DO NOTHING"
)
_HEARD_OF: Final = text(
    "SELECT a.id, a.provider, a.workspace_id, a.owner_id"  # noqa: S608 - constants
    " FROM attempts a JOIN takes t ON t.id = a.take_id"
    f" WHERE a.token = :token AND {_UNKNOWN}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptInHand:
    """A claimed attempt, the take it was for, and what that was part of."""

    attempt: AttemptRow
    take: TakeRow
    generation: GenerationRow
    now: datetime

    @property
    def age(self) -> timedelta:
        """Since its POST was about to be sent."""
        return self.now - self.attempt.created_at


def sweep(house: House) -> int:
    """Make a step due for every attempt of which nobody knows what became; returns how many."""
    with house.begin() as work:
        oldest = new_id(Prefix.ATTEMPT, at=work.now - LOOKED_FOR)
        found = {"oldest": oldest, "now": work.now, "lane": Lane.PROVIDER_MASTER.value}
        return work.connection.execute(_SWEEP, found).rowcount


def heard_of(work: UnitOfWork, token: str) -> bool:
    """Somebody says that something happened to an attempt: look, if its take has ended without it."""
    row = work.connection.execute(_HEARD_OF, {"token": token}).one_or_none()
    if row is None:
        return False
    follow_up(work, row.id, provider=row.provider, owned=Owned(row.workspace_id, row.owner_id))
    return True


def look(house: House, claim: Claim) -> AttemptInHand | None:
    """Read a claimed attempt; None (and the row closed) when there is nothing left to ask."""
    with house.begin() as work:
        statement = select(*columns_of(attempts, AttemptRow)).where(attempts.c.id == claim.subject_id)
        row = work.connection.execute(statement).one_or_none()
        attempt = None if row is None else read_row(AttemptRow, row)
        if attempt is None or attempt.outputs is not None or attempt.slug is not None:
            stepping.done(work, claim)
            return None
        take = find_take(work.connection, attempt.take_id)
        assert take is not None
        generation = find_generation(work.connection, take.generation_id)
        assert generation is not None
        return AttemptInHand(attempt=attempt, take=take, generation=generation, now=work.now)


def later(house: House, claim: Claim, hand: AttemptInHand, *, is_running: bool = False) -> None:
    """Nothing new: ask again, the older it is the later, and once more at the very end."""
    soonest, share = (_RUNNING, 20) if is_running else (_SOONEST, 4)
    after = min(max(soonest, hand.age / share), _LATEST)
    left = LOOKED_FOR - hand.age
    with house.begin() as work:
        if left <= timedelta(0):
            stepping.done(work, claim)
        else:
            stepping.again(work, claim, after=min(after, left))


def found(house: House, claim: Claim, hand: AttemptInHand, *, provider_ref: str) -> None:
    """It exists: next, see what it came to."""
    with house.begin() as work:
        work.connection.execute(
            update(attempts)
            .where(attempts.c.id == hand.attempt.id, attempts.c.provider_ref.is_(None))
            .values(provider_ref=provider_ref, sent_at=hand.attempt.created_at)
        )
        stepping.again(work, claim, after=timedelta(0))


def settled(house: House, claim: Claim, hand: AttemptInHand, said: Said) -> None:
    """The provider has said all that it will say of it."""
    with house.begin() as work:
        work.connection.execute(
            update(attempts).where(attempts.c.id == hand.attempt.id).values(**said.values())
        )
        stepping.done(work, claim)


def made(house: House, claim: Claim, hand: AttemptInHand, *, outputs: Mapping[str, Any]) -> None:
    """It was made after all: who asked for it gets it, free; unless its take came about without it."""
    if hand.take.state not in TAKE.terminal:
        later(house, claim, hand)
        return
    with house.begin() as work:
        origin = find_generation(work.connection, hand.generation.id, lock=True)
        assert origin is not None
        known = select(attempts.c.outputs.is_not(None)).where(attempts.c.id == hand.attempt.id)
        if not work.connection.execute(known).scalar_one():
            made = replace(hand.attempt, outputs=dict(outputs))
            if hand.take.charged or origin.deleted_at is not None:
                recovering.write_down(work, made)
            else:
                parts = posts_of(house, request_of(origin, hand.take))
                recovering.deliver(work, origin, hand.take, made, parts=parts)
        stepping.done(work, claim)
