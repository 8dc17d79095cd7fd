"""What a provider made is brought into our storage: fetched, its addresses made fresh, or still to come."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from plugin_backend.db.tables import attempts, takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.making.chaining import joined
from plugin_backend.domain.work import Claim
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making.explaining import explain
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.moves import StaleStateError


def fetched(house: House, claim: Claim, hand: TakeInHand, files: Mapping[str, Any]) -> None:
    """Its files lie in our storage: next, a media step makes a take of them."""
    with house.begin() as work:
        _note(work, hand, fetched=dict(files))
        stepping.again(work, claim, after=timedelta(0), lane=hand.media_lane)


def later(house: House, claim: Claim, hand: TakeInHand, *, after: timedelta) -> None:
    """They could not be brought this time: whoever waits for them is told once."""
    with house.begin() as work:
        why = f"was made by {hand.provider}; its files cannot be brought here yet, which is tried again."
        explain(work, hand.take, why, reason="files", provider=hand.provider)
        stepping.again(work, claim, after=after, tries=claim.tries)


def refreshed(
    house: House,
    claim: Claim,
    hand: TakeInHand,
    outputs: Sequence[Mapping[str, Any]],
    *,
    after: timedelta,
) -> None:
    """The provider named fresh addresses, part by part: fetch on from those."""
    with house.begin() as work:
        _note(work, hand, outputs=dict(joined(hand.parts, outputs)))
        for attempt, each in zip(hand.standing.finished, outputs, strict=True):
            work.connection.execute(
                update(attempts).where(attempts.c.id == attempt.id).values(outputs=dict(each))
            )
        stepping.again(work, claim, after=after, tries=claim.tries)


def _note(work: UnitOfWork, hand: TakeInHand, **values: Any) -> None:
    changed = work.connection.execute(
        update(takes)
        .where(takes.c.id == hand.take.id, takes.c.state == TakeState.RENDERED)
        .values(**values, version=takes.c.version + 1, updated_at=work.now)
    )
    if changed.rowcount == 0:
        raise StaleStateError(hand.take.id)
