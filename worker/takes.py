"""A take's own step: send it once, part by part, watch it, make it ours."""

from datetime import timedelta
from time import sleep
from typing import Final, assert_never

from sqlalchemy.exc import IntegrityError, OperationalError

from plugin_backend.db.rows import AttemptRow
from plugin_backend.domain.lifecycle import AttemptState, TakeState
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services.making import attempts, fallbacks, hands, storing, taking
from plugin_backend.services.making.attempts import DOUBT_ENDS, MAX_ATTEMPTS, Ordered, Said
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.making.manners import NotNowError
from plugin_backend.services.making.storing import Stored
from worker import fetching, manners, resemblance
from worker.providers.protocol import (
    Accepted,
    Broken,
    CannotList,
    FetchRefusedError,
    Finished,
    Found,
    InDoubt,
    NotFound,
    Progress,
    Provider,
    Refused,
    Running,
    Stopped,
)
from worker.runtime import Runtime
from worker.shots import shot_of, shot_to_send
from worker.verdicts import verdict_of

_FIRST_LOOK: Final = timedelta(seconds=1)
_UNCONFIGURED: Final = timedelta(seconds=30)
_DATABASE_PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before an acceptance that could not be written is written again."""


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take a claimed take one step on."""
    hand = hands.look(runtime.house, claim)
    if hand is None:
        return
    provider = runtime.providers.get(hand.provider)
    if provider is None:
        _not_here(runtime, claim, hand)
        return
    match hand.take.state:
        case TakeState.WANTED:
            _send(runtime, claim, hand, provider)
        case TakeState.SUBMITTED:
            _go_on(runtime, claim, hand, provider)
        case TakeState.RENDERED:
            _make_ours(runtime, claim, hand, provider)
        case TakeState.STORED | TakeState.FAILED | TakeState.CANCELLED:
            raise AssertionError("an ended take has no step")
        case _:
            assert_never(hand.take.state)


def _not_here(runtime: Runtime, claim: Claim, hand: TakeInHand) -> None:
    """Without its key nothing new is sent; what was sent is given up only for the time it takes."""
    detail, attempt = f"{hand.provider} is not configured on this worker.", hand.standing.open
    if hand.take.state is TakeState.WANTED and attempt is None:
        _give_way(runtime, claim, hand, Refused("provider-failed", detail))
    elif attempt is not None and attempt.state == AttemptState.ACCEPTED:
        taking.wait(runtime.house, claim, after=_UNCONFIGURED, lane=Lane.WATCH)
    elif attempt is not None and hand.now - attempt.created_at >= DOUBT_ENDS:
        _outcome_unknown(runtime, claim, hand, may_be_asked=True)
    elif hand.is_late:
        taking.failed(runtime.house, claim, hand, slug="timed-out", detail=detail, retryable=True)
    else:
        taking.wait(runtime.house, claim, after=_UNCONFIGURED)


def _send(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """The next part is sent, unless it may be under way already or nobody wants it any more."""
    if hand.standing.open is not None:
        _resolve(runtime, claim, hand, provider)
    elif hand.generation.cancel_requested and hand.standing.finished:
        taking.cut_short(runtime.house, claim, hand)
    elif hand.generation.cancel_requested:
        taking.cancelled(runtime.house, claim, hand)
    elif hand.standing.made >= MAX_ATTEMPTS:
        said = f" The last said: {hand.standing.last_words}" if hand.standing.last_words else ""
        detail = f"{hand.standing.made} attempts to start this take were refused or lost.{said}"
        _give_way(runtime, claim, hand, Refused("provider-failed", detail))
    elif manners.may_send(runtime, claim, hand):
        try:
            _post(runtime, claim, hand, provider)
        except NotNowError as refused:
            manners.park(runtime, claim, hand, refused.waiting)


def _post(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """Intent first, then the one POST, then what became of it."""
    house = runtime.house
    house.failpoint("take:before-intent")
    attempt = attempts.intend(house, claim, hand.take, _ordered(hand))
    house.failpoint("take:before-post")
    answer = manners.submit(runtime, hand, provider, shot_to_send(hand, token=attempt.token))
    house.failpoint("take:after-post")
    match answer:
        case Accepted():
            _accepted(runtime, claim, hand, attempt, answer)
        case Refused() if answer.retryable and hand.standing.made + 1 < MAX_ATTEMPTS:
            after = timedelta(seconds=answer.retry_after_seconds or 2 ** min(5, hand.standing.made))
            attempts.refused(house, claim, attempt, _said(answer), after=after)
        case Refused():
            _give_way(runtime, claim, hand, answer, attempt=attempt)
        case InDoubt(detail, request_id):
            attempts.unanswered(house, claim, attempt, Said(detail=detail, request_id=request_id))
        case _:
            assert_never(answer)


def _ordered(hand: TakeInHand) -> Ordered:
    part = hand.standing.part
    at_risk = hand.prices[part] if hand.is_remote else 0
    return Ordered(provider=hand.provider, model=hand.model, part=part, credits_at_risk=at_risk)


def _accepted(
    runtime: Runtime, claim: Claim, hand: TakeInHand, attempt: AttemptRow, answer: Accepted
) -> None:
    """A fact that nobody else can supply, so a database that is away for a moment is waited for."""
    for pause in (*_DATABASE_PAUSES, None):
        try:
            attempts.accepted(
                runtime.house,
                attempt,
                hand.take,
                provider_ref=answer.provider_ref,
                claim=claim,
                after=manners.next_look(hand) if hand.is_remote else _FIRST_LOOK,
                request_id=answer.request_id,
            )
        except IntegrityError:  # two of our jobs under one reference: nobody knows which of them it makes
            detail = f"{hand.provider} answered with the reference of another take."
            attempts.unanswered(runtime.house, claim, attempt, Said(detail=detail))
            return
        except OperationalError:
            if pause is None:
                raise
            runtime.house.engine.dispose()
            sleep(pause)
        else:
            return


def _give_way(
    runtime: Runtime,
    claim: Claim,
    hand: TakeInHand,
    refusal: Refused,
    *,
    attempt: AttemptRow | None = None,
) -> None:
    """This model certainly does not make it: the next one of the routing does, or nobody."""
    house, choice = runtime.house, fallbacks.next_choice(hand)
    said = _said(refusal)
    if choice is None or refusal.slug in taking.FINAL_SLUGS:
        taking.failed(
            house,
            claim,
            hand,
            slug=refusal.slug,
            detail=refusal.detail,
            retryable=True,
            refused=attempt,
            said=said,
        )
    else:
        fallbacks.fall_back(house, claim, hand, choice, why=refusal.detail, refused=attempt, said=said)


def _said(refusal: Refused) -> Said:
    return Said(detail=refusal.detail, slug=refusal.slug, request_id=refusal.request_id)


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
        case CannotList(passing=True) if hand.now - attempt.created_at < DOUBT_ENDS:
            taking.wait(house, claim, after=attempts.pause_of(attempt, now=hand.now))
        case CannotList(passing):
            if overdue or passing:
                _outcome_unknown(runtime, claim, hand, may_be_asked=passing)
            else:
                attempts.missed(house, claim, attempt)
        case _:
            assert_never(whereabouts)


def _outcome_unknown(runtime: Runtime, claim: Claim, hand: TakeInHand, *, may_be_asked: bool) -> None:
    """The person pays nothing; what it may have cost us stands among the exposures."""
    slug = "outcome-unknown"
    detail = f"{hand.provider} was asked, its answer was lost, and it cannot say; nothing was charged."
    said = None if may_be_asked else Said(slug=slug)
    taking.failed(runtime.house, claim, hand, slug=slug, detail=detail, retryable=True, said=said)


def _go_on(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """A part is under way, or the next one is due."""
    attempt = hand.standing.open
    if attempt is not None and attempt.state == AttemptState.ACCEPTED:
        _watch(runtime, claim, hand, provider)
    else:
        assert attempt is not None or len(hand.parts) > 1, "what was sent in one part has its attempt"
        _send(runtime, claim, hand, provider)


def _watch(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """Stop it where nobody wants it any more. A provider's takes are looked at together, by their watcher."""
    house, ref = runtime.house, hand.take.provider_ref
    assert ref is not None
    stopped = provider.cancel(ref) if hand.generation.cancel_requested else None
    house.failpoint("take:after-cancel")
    if stopped is not None:
        taking.stopped(house, claim, hand, charged=stopped.charged)
    elif hand.is_remote:
        taking.wait(house, claim, after=manners.next_look(hand), lane=Lane.WATCH)
    else:
        _look(runtime, claim, hand, provider.poll([ref]).get(ref, Running()))


def _look(runtime: Runtime, claim: Claim, hand: TakeInHand, progress: Progress) -> None:
    """How our own engine is doing."""
    house = runtime.house
    house.failpoint("take:after-poll")
    match progress:
        case Running() as running:
            after = timedelta(seconds=running.look_again_seconds)
            taking.progressed(house, claim, hand, progress=running.progress, after=after)
        case Finished(outputs):
            taking.rendered(house, claim, hand, outputs=outputs)
        case Broken(slug, detail, retryable):
            taking.failed(house, claim, hand, slug=slug, detail=detail, retryable=retryable)
        case Stopped(charged):
            taking.stopped(house, claim, hand, charged=charged)
        case _:
            assert_never(progress)


def _make_ours(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """Even when a cancel came meanwhile: it was made, and it is kept."""
    is_to_fetch = hand.is_remote and hand.take.fetched is None
    if is_to_fetch and not claim.lane.is_media:
        fetching.fetch(runtime, claim, hand, provider)
    elif is_to_fetch:
        taking.wait(runtime.house, claim, after=timedelta(0), lane=hand.step_lane)
    elif not claim.lane.is_media:  # it went there after this step had claimed it
        taking.wait(runtime.house, claim, after=timedelta(0), lane=hand.media_lane)
    else:
        _store(runtime, claim, hand, provider)


def _store(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    fetched = (hand.take.fetched if hand.is_remote else hand.take.outputs) or {}
    try:
        made = provider.store(shot_of(hand), fetched, run=runtime.media_for(claim))
    except FetchRefusedError as refused:
        taking.failed(runtime.house, claim, hand, slug=refused.slug, detail=refused.detail, retryable=True)
        return
    except fetching.PASSING as error:
        if not hand.is_remote:
            raise
        fetching.later(runtime, claim, hand, reason=str(error))  # it is paid for: a storage is waited for
        return
    resemblance.measure(runtime, claim, hand, made)
    runtime.house.failpoint("take:before-stored")
    stored = Stored(
        source=made.source,
        files=made.files,
        facts=made.facts,
        measures=made.measures,
        score=None,
        verdict=verdict_of(made.measures),
    )
    storing.stored(runtime.house, claim, hand, stored)
