"""The facts of a take's own step: what it needs to be made, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from plugin_backend.db.assets import checked_assets
from plugin_backend.db.generations import find_generation, find_take
from plugin_backend.db.journal import note
from plugin_backend.db.rows import AssetRow, AttemptRow, GenerationRow, TakeRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest, Kind
from plugin_backend.domain.lifecycle import TAKE, TakeEvent
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import attempts, stepping
from plugin_backend.services.house import House
from plugin_backend.services.moves import move_take, nudge, touch_generation


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInHand:
    """A claimed take with all that its step decides by, read in one moment."""

    take: TakeRow
    generation: GenerationRow
    standing: attempts.Standing
    inputs: Mapping[str, AssetRow]
    now: datetime

    @property
    def request(self) -> GenerationRequest:
        """What was asked for."""
        return GenerationRequest.from_json(self.generation.request)

    @property
    def media_lane(self) -> Lane:
        """Where this take's pixels are worked on."""
        return Lane.MEDIA_DRAFT if self.generation.kind is Kind.DRAFT else Lane.MEDIA_MASTER

    @property
    def step_lane(self) -> Lane:
        """Where this take's short steps run."""
        return Lane.STEP_DRAFT if self.generation.kind is Kind.DRAFT else Lane.STEP_MASTER


def look(house: House, claim: Claim) -> TakeInHand | None:
    """Read a claimed take; None (and the row closed) when it has ended."""
    with house.begin() as work:
        take = find_take(work.connection, claim.subject_id)
        if take is None or take.state in TAKE.terminal:
            stepping.done(work, claim)
            return None
        generation = find_generation(work.connection, take.generation_id)
        assert generation is not None
        asset_ids = GenerationRequest.from_json(generation.request).brief.asset_ids()
        return TakeInHand(
            take=take,
            generation=generation,
            standing=attempts.standing(work.connection, take.id),
            inputs=checked_assets(work.connection, asset_ids),
            now=work.now,
        )


def wait(house: House, claim: Claim, *, after: timedelta, lane: Lane | None = None) -> None:
    """Nothing changed: look again later."""
    with house.begin() as work:
        stepping.again(work, claim, after=after, lane=lane)


def progressed(
    house: House, claim: Claim, hand: TakeInHand, *, progress: float | None, after: timedelta
) -> None:
    """Still running; readers see how far, at most once a second."""
    with house.begin() as work:
        changed = progress is not None and progress != hand.take.progress
        if changed:
            touch_generation(work, hand.generation.id)
            work.connection.execute(
                update(takes).where(takes.c.id == hand.take.id).values(progress=progress, updated_at=work.now)
            )
        stepping.again(work, claim, after=after)


def rendered(house: House, claim: Claim, hand: TakeInHand, *, outputs: Mapping[str, Any]) -> None:
    """The provider is done: next, a media step makes it ours."""
    with house.begin() as work:
        move_take(work, hand.take, TakeEvent.RENDERED, outputs=dict(outputs), progress=1.0)
        stepping.again(work, claim, after=timedelta(0), lane=hand.media_lane)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What we hold of a take: its source, its light files, and what was measured."""

    source: Mapping[str, Any]
    files: Mapping[str, Any]
    facts: Mapping[str, Any]
    measures: Mapping[str, Any]
    score: float | None
    verdict: str | None


def stored(house: House, claim: Claim, hand: TakeInHand, made: Stored) -> None:
    """The take is ours and can be played; it counts when the hold ends."""
    with house.begin() as work:
        move_take(
            work,
            hand.take,
            TakeEvent.STORED,
            source=dict(made.source),
            files=dict(made.files),
            facts=dict(made.facts),
            measures=dict(made.measures),
            score=made.score,
            verdict=made.verdict,
            charged=True,
        )
        note(
            work,
            "measure",
            made.verdict or "Stored and measured.",
            generation_id=hand.generation.id,
            owned=hand.take.owned,
            take=hand.take.number,
            data=made.measures,
        )
        _ended(work, claim, hand)


def failed(
    house: House,
    claim: Claim,
    hand: TakeInHand,
    *,
    slug: str,
    detail: str,
    retryable: bool = False,
    refused: AttemptRow | None = None,
) -> None:
    """The take cannot be made and costs nothing; `refused` is the attempt that was turned away for good."""
    failure = {"slug": slug, "detail": detail, "retryable": retryable}
    with house.begin() as work:
        if refused is not None:
            attempts.mark_refused(work, refused, detail=detail)
        move_take(work, hand.take, TakeEvent.FAILED, failure=failure)
        note(
            work,
            "note",
            f"Take {hand.take.number} failed: {detail}",
            generation_id=hand.generation.id,
            owned=hand.take.owned,
            take=hand.take.number,
            data={"slug": slug},
        )
        _ended(work, claim, hand)


def cancelled(house: House, claim: Claim, hand: TakeInHand, *, charged: bool) -> None:
    """The take was stopped; `charged` when the provider bills it all the same."""
    with house.begin() as work:
        move_take(work, hand.take, TakeEvent.CANCELLED, charged=charged)
        _ended(work, claim, hand)


def _ended(work: UnitOfWork, claim: Claim, hand: TakeInHand) -> None:
    attempts.close(work, hand.take.id)
    nudge(work, hand.generation.id)
    stepping.done(work, claim)
