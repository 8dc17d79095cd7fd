"""A take's own step: send it once, watch it, make it ours."""

from datetime import timedelta
from typing import Final, assert_never

from plugin_backend.db.rows import AssetRow
from plugin_backend.domain.lifecycle import AttemptState, TakeState
from plugin_backend.domain.work import Claim, LeaseLostError
from plugin_backend.services import attempts, taking
from plugin_backend.services.taking import Stored, TakeInHand
from worker.providers.protocol import (
    Accepted,
    Broken,
    CannotList,
    Finished,
    Found,
    InDoubt,
    InputFile,
    NotFound,
    Provider,
    Refused,
    Running,
    Shot,
    Stopped,
)
from worker.runtime import Runtime
from worker.verdicts import verdict_of

_FIRST_LOOK: Final = timedelta(seconds=1)


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take a claimed take one step on."""
    hand = taking.look(runtime.house, claim)
    if hand is None:
        return
    provider = runtime.providers.get(hand.generation.provider)
    if provider is None:
        detail = f"{hand.generation.provider} is not configured on this worker."
        taking.failed(runtime.house, claim, hand, slug="provider-failed", detail=detail, retryable=True)
        return
    match hand.take.state:
        case TakeState.WANTED:
            _send(runtime, claim, hand, provider)
        case TakeState.SUBMITTED:
            _watch(runtime, claim, hand, provider)
        case TakeState.RENDERED:
            _store(runtime, claim, hand, provider)
        case TakeState.STORED | TakeState.FAILED | TakeState.CANCELLED:
            raise AssertionError("an ended take has no step")
        case _:
            assert_never(hand.take.state)


def _send(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    open_attempt = hand.standing.open
    if open_attempt is not None:
        _resolve(runtime, claim, hand, provider)
        return
    if hand.generation.cancel_requested:
        taking.cancelled(runtime.house, claim, hand, charged=False)
        return
    if not attempts.can_submit(hand.take, hand.standing):
        detail = f"{hand.standing.made} attempts to start this take were refused or lost."
        taking.failed(runtime.house, claim, hand, slug="provider-failed", detail=detail, retryable=True)
        return
    _post(runtime, claim, hand, provider)


def _post(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """Intent first, then the one POST, then what became of it."""
    house = runtime.house
    house.failpoint("take:before-intent")
    attempt = attempts.intend(house, claim, hand.take, provider=provider.name)
    house.failpoint("take:before-post")
    answer = provider.submit(_shot(hand, token=attempt.token))
    house.failpoint("take:after-post")
    match answer:
        case Accepted(provider_ref=provider_ref):
            attempts.accepted(
                house, attempt, hand.take, provider_ref=provider_ref, claim=claim, after=_FIRST_LOOK
            )
        case Refused() as refusal:
            if refusal.retryable:
                after = timedelta(seconds=refusal.retry_after_seconds or 2 ** min(5, hand.standing.made))
                attempts.refused(house, claim, attempt, detail=refusal.detail, after=after)
            else:
                taking.failed(house, claim, hand, slug=refusal.slug, detail=refusal.detail, refused=attempt)
        case InDoubt():
            taking.wait(house, claim, after=attempts.LOOK_AGAIN)
        case _:
            assert_never(answer)


def _resolve(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """An intent without an answer: look for it, and never post again while it may exist."""
    attempt = hand.standing.open
    assert attempt is not None
    assert attempt.state == AttemptState.INTENT
    house = runtime.house
    overdue = attempts.is_overdue(attempt, now=hand.now)  # the age before the listing, not after
    whereabouts = provider.find(attempt.token, since=attempt.created_at)
    house.failpoint("take:after-find")
    match whereabouts:
        case Found(provider_ref):
            attempts.accepted(
                house, attempt, hand.take, provider_ref=provider_ref, claim=claim, after=timedelta(0)
            )
        case NotFound():
            if overdue:
                attempts.lost(house, claim, attempt)
            else:
                attempts.missed(house, claim, attempt)
        case CannotList():
            if overdue:
                taking.failed(
                    house,
                    claim,
                    hand,
                    slug="outcome-unknown",
                    detail="The provider's answer was lost and it cannot be asked; nothing was charged.",
                    retryable=True,
                )
            else:
                attempts.missed(house, claim, attempt)
        case _:
            assert_never(whereabouts)


def _watch(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    house, ref = runtime.house, hand.take.provider_ref
    assert ref is not None
    stopped = provider.cancel(ref) if hand.generation.cancel_requested else None
    house.failpoint("take:after-cancel")
    if stopped is not None:
        taking.cancelled(house, claim, hand, charged=_is_billed(stopped))
        return
    progress = provider.poll([ref]).get(ref, Running())
    house.failpoint("take:after-poll")
    match progress:
        case Running() as running:
            after = timedelta(seconds=running.look_again_seconds)
            taking.progressed(house, claim, hand, progress=running.progress, after=after)
        case Finished(outputs):
            taking.rendered(house, claim, hand, outputs=outputs)
        case Broken() as end:
            taking.failed(house, claim, hand, slug=end.slug, detail=end.detail, retryable=end.retryable)
        case Stopped():
            taking.cancelled(house, claim, hand, charged=_is_billed(progress))
        case _:
            assert_never(progress)


def _is_billed(stopped: Stopped) -> bool:
    """What a provider started costs its price unless it says that it does not."""
    return stopped.charged is not False


def _store(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """Even when a cancel came meanwhile: it was made, and it is kept."""
    if not claim.lane.is_media:
        raise LeaseLostError(claim.subject_id)  # it went to a media lane after this step had claimed it
    shot = _shot(hand, token="")
    fetched = provider.fetch(shot, hand.take.outputs or {}, alive=lambda: None)
    made = provider.store(shot, fetched, run=runtime.media_for(claim))
    runtime.house.failpoint("take:before-stored")
    stored = Stored(
        source=made.source,
        files=made.files,
        facts=made.facts,
        measures=made.measures,
        score=None,
        verdict=verdict_of(made.measures),
    )
    taking.stored(runtime.house, claim, hand, stored)


def _input_file(row: AssetRow) -> InputFile:
    assert row.files is not None, "only checked assets reach a provider"
    return InputFile(
        key=row.files["clean"],
        media_type=row.media_type or "application/octet-stream",
        width=row.width,
        height=row.height,
        duration_seconds=row.duration_seconds,
        bytes=row.bytes,
    )


def _shot(hand: TakeInHand, *, token: str) -> Shot:
    take = hand.take
    return Shot(
        token=token,
        take_id=take.id,
        workspace_id=take.workspace_id,
        owner_id=take.owner_id,
        lane=hand.step_lane,
        request=hand.request,
        plan=hand.generation.plan or {},
        seed=take.seed or 0,
        inputs={asset_id: _input_file(row) for asset_id, row in hand.inputs.items()},
    )
