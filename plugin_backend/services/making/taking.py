"""The facts of a take's own step: what it needs to be made, and what came back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import update

from plugin_backend.db.journal import note
from plugin_backend.db.rows import AttemptRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.direction.wording import Told
from plugin_backend.domain.lifecycle import TakeEvent, TakeState
from plugin_backend.domain.making.chaining import joined
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making import attempts
from plugin_backend.services.making.attempts import Said
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.moves import (
    StaleStateError,
    failure_of,
    lock_generation,
    move_take,
    nudge,
    touch_generation,
)

FINAL_SLUGS: Final = frozenset({"moderated", "invalid-input"})
"""What asking again in the same words comes to again."""

FETCHED_WITHIN: Final = timedelta(hours=6)
"""How long a download is tried again; what was made is never made anew for it."""


def wait(house: House, claim: Claim, *, after: timedelta, lane: Lane | None = None, tries: int = 0) -> None:
    """Nothing changed: look again later; `tries` counts on what was tried in vain."""
    with house.begin() as work:
        stepping.again(work, claim, after=after, lane=lane, tries=tries)


def progressed(
    house: House, claim: Claim, hand: TakeInHand, *, progress: float | None, after: timedelta
) -> None:
    """Still running; readers see how far, at most once a second."""
    with house.begin() as work:
        reached = None if progress is None else (hand.standing.part + progress) / max(1, len(hand.parts))
        if reached is not None and reached > (hand.take.progress or 0.0):  # begun anew, it has been further
            touch_generation(work, hand.generation.id)
            work.connection.execute(
                update(takes).where(takes.c.id == hand.take.id).values(progress=reached, updated_at=work.now)
            )
        stepping.again(work, claim, after=after)


def rendered(house: House, claim: Claim, hand: TakeInHand, *, outputs: Mapping[str, Any]) -> None:
    """The provider is done with this part: next comes the one after it, or making the take ours."""
    if hand.take.state is not TakeState.SUBMITTED or hand.standing.open is None:
        raise StaleStateError(hand.take.id)  # somebody else has seen it finished
    made = [*(each.outputs or {} for each in hand.standing.finished), outputs]
    with house.begin() as work:
        lock_generation(work, hand.generation.id)
        if hand.is_remote:
            attempts.finished(work, hand.standing.open, outputs)
        if len(made) < len(hand.parts):
            touch_generation(work, hand.generation.id)
            stepping.again(work, claim, after=timedelta(0), lane=hand.step_lane)
        else:
            _rendered(work, claim, hand, made)


def cut_short(house: House, claim: Claim, hand: TakeInHand) -> None:
    """Cancelled between its parts: those made were paid for, and are kept as a shorter take."""
    with house.begin() as work:
        _cut_short(work, claim, hand)


def failed(
    house: House,
    claim: Claim,
    hand: TakeInHand,
    *,
    slug: str,
    detail: str,
    retryable: bool = False,
    refused: AttemptRow | None = None,
    said: Said | None = None,
) -> None:
    """The take cannot be made and costs nothing; a finished film only goes without what was to be added.

    `refused` is the attempt that was turned away for good; `said` is what the provider said of the open one.
    """
    failure = failure_of(slug, detail, is_retryable=retryable and slug not in FINAL_SLUGS)
    with house.begin() as work:
        if hand.lacks is not None:
            told = said or Said()
            told = replace(told, detail=told.detail or detail, slug=told.slug or slug)
            _go_without(work, claim, hand, told, refused=refused)
            return
        move_take(work, hand.take, TakeEvent.FAILED, failure=failure)
        if refused is not None:
            attempts.mark_refused(work, refused, said or Said(detail=detail, slug=slug))
        say(work, hand, "note", f"Take {hand.take.number} failed: {detail}", data={"slug": slug})
        ended(work, claim, hand, said=said)


def cancelled(house: House, claim: Claim, hand: TakeInHand) -> None:
    """Nobody wants it any more, and it was never sent."""
    with house.begin() as work:
        move_take(work, hand.take, TakeEvent.CANCELLED)
        ended(work, claim, hand)


def stopped(house: House, claim: Claim, hand: TakeInHand, *, charged: bool | None) -> None:
    """Its provider stopped it. What that bills is charged to who cancelled; None: it does not say, so it may.

    Parts made before are kept as a shorter take. A stop that nobody asked for is a failure, and free.
    """
    if not hand.generation.cancel_requested:
        detail, said = f"{hand.provider} stopped it.", Said(billed=charged)
        failed(house, claim, hand, slug="provider-failed", detail=detail, retryable=True, said=said)
        return
    with house.begin() as work:
        if hand.standing.finished:
            lock_generation(work, hand.generation.id)
            attempts.close(work, hand.take.id, Said(billed=charged))
            _cut_short(work, claim, hand, further=_at_risk(hand) if charged is not False else 0)
            return
        sent = {"credits": _at_risk(hand)} if len(hand.parts) > 1 else {}  # the further parts never were
        move_take(work, hand.take, TakeEvent.CANCELLED, charged=charged is not False, **sent)
        ended(work, claim, hand, said=Said(billed=charged))


def _rendered(
    work: UnitOfWork,
    claim: Claim,
    hand: TakeInHand,
    made: Sequence[Mapping[str, Any]],
    **changes: Any,
) -> None:
    """All that will be made has been: a media step makes it ours, once it is fetched where it must be."""
    fetched_by = {"deadline": work.now + FETCHED_WITHIN} if hand.is_remote else {}
    films = sum(part.addition is None for part in hand.parts[: len(made)])
    changes |= {"outputs": dict(joined(hand.parts, made)), "progress": 1.0, "parts": films}
    move_take(work, hand.take, TakeEvent.RENDERED, **fetched_by, **changes)
    lane = hand.step_lane if hand.is_remote else hand.media_lane
    stepping.again(work, claim, after=timedelta(0), lane=lane)


def _cut_short(work: UnitOfWork, claim: Claim, hand: TakeInHand, *, further: int = 0) -> None:
    made = hand.standing.finished
    cost = sum(each.credits_at_risk for each in made) + further
    outputs = [each.outputs or {} for each in made]
    _rendered(work, claim, hand, outputs, credits=min(cost, hand.credits))


def _go_without(
    work: UnitOfWork, claim: Claim, hand: TakeInHand, said: Said, *, refused: AttemptRow | None
) -> None:
    """What was to be added cannot be: the film is kept as it is, and the price of the addition returns."""
    lock_generation(work, hand.generation.id)
    if refused is not None:
        attempts.mark_refused(work, refused, said)
    attempts.close(work, hand.take.id, said)
    back = hand.credits - sum(each.credits_at_risk for each in hand.standing.finished)
    say(
        work,
        hand,
        "note",
        f"Take {hand.take.number} goes without {hand.lacks}: {said.detail} Its {back} credits return.",
        data={"without": hand.lacks, "credits_returned": back, "why": said.detail, "slug": said.slug},
    )
    _cut_short(work, claim, hand)


def _at_risk(hand: TakeInHand) -> int:
    return hand.standing.open.credits_at_risk if hand.standing.open is not None else 0


def ended(work: UnitOfWork, claim: Claim, hand: TakeInHand, *, said: Said | None = None) -> None:
    """Close what the ended take has open, and have its generation look."""
    attempts.close(work, hand.take.id, said)
    nudge(work, hand.generation.id)
    stepping.done(work, claim)


def left_unsaid(house: House, hand: TakeInHand, told: Told) -> None:
    """What the model's limit of characters left no room for, once a part: the trace tells the editor."""
    if told.note is None or hand.standing.made:
        return
    ids = [each.id for each in told.left_out]
    with house.begin() as work:
        say(work, hand, "note", told.note, data={"left_out": ids})


def say(work: UnitOfWork, hand: TakeInHand, step: str, summary: str, *, data: Mapping[str, Any]) -> None:
    """One line of the generation's trace, about this take."""
    note(
        work,
        step,
        summary,
        generation_id=hand.generation.id,
        owned=hand.take.owned,
        take=hand.take.number,
        data=data,
    )
