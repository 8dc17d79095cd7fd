"""The next model of a take's routing: only while nothing of the take can exist anywhere."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from plugin_backend.db.journal import note
from plugin_backend.db.rows import AttemptRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making import attempts
from plugin_backend.services.making.attempts import Said
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.making.posts import posts_of
from plugin_backend.services.moves import StaleStateError, touch_generation


def next_choice(hand: TakeInHand) -> Mapping[str, Any] | None:
    """The model after this one; None when there is none, or when this one may have started."""
    if hand.take.state is not TakeState.WANTED or hand.generation.cancel_requested:
        return None
    further = (hand.generation.routing or ())[hand.take.choice + 1 :]
    return further[0] if further else None


def fall_back(
    house: House,
    claim: Claim,
    hand: TakeInHand,
    choice: Mapping[str, Any],
    *,
    why: str,
    refused: AttemptRow | None = None,
    said: Said | None = None,
) -> None:
    """Give the take to the next model, at that one's price; `refused` is the last attempt on this one."""
    moved = {
        "model": choice["model"],
        "provider": choice["provider"],
        "credits": choice["credits_per_take"],
        "choice": hand.take.choice + 1,
        "parts": _parts(house, hand, choice),
    }
    with house.begin() as work:
        touch_generation(work, hand.generation.id)
        changed = work.connection.execute(
            update(takes)
            .where(
                takes.c.id == hand.take.id,
                takes.c.state == TakeState.WANTED,
                takes.c.choice == hand.take.choice,
            )
            .values(**moved, version=takes.c.version + 1, updated_at=work.now)
        )
        if changed.rowcount == 0:
            raise StaleStateError(hand.take.id)
        if refused is not None:
            attempts.mark_refused(work, refused, said or Said(detail=why))
        _say(work, hand, choice, why=why)
        _go_there(work, claim, hand, choice["provider"])


def _say(work: UnitOfWork, hand: TakeInHand, choice: Mapping[str, Any], *, why: str) -> None:
    model, credits = choice["model"], choice["credits_per_take"]
    note(
        work,
        "submit",
        f"Take {hand.take.number} goes from {hand.model} to {model}: {why}",
        generation_id=hand.generation.id,
        owned=hand.take.owned,
        take=hand.take.number,
        data={"fallback_from": hand.model, "fallback_to": model, "credits": credits},
    )


def _go_there(work: UnitOfWork, claim: Claim, hand: TakeInHand, provider: str) -> None:
    lane = Lane.of_take(is_draft=hand.generation.kind is Kind.DRAFT, is_remote=provider != ANIMATIC)
    stepping.again(work, claim, after=timedelta(0), lane=lane, topic=provider)


def _parts(house: House, hand: TakeInHand, choice: Mapping[str, Any]) -> int:
    brief = replace(hand.request.brief, model=choice["model"])
    return len(posts_of(house, replace(hand.request, brief=brief)))
