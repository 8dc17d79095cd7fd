"""How this service behaves towards a provider: it asks leave before it sends, and says what it heard."""

from datetime import timedelta

from plugin_backend import tracing
from plugin_backend.domain.making import providers
from plugin_backend.domain.making.health import Call, Waiting
from plugin_backend.domain.work import Claim
from plugin_backend.services.making import fallbacks, manners, taking
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.tracing import SpanKind
from worker.providers.protocol import Accepted, InDoubt, Provider, Refused, Shot, Submission
from worker.providers.wording import told_of
from worker.runtime import Runtime


def may_send(runtime: Runtime, claim: Claim, hand: TakeInHand) -> bool:
    """Whether a POST may be tried now; False when the take was put in line instead, or given up.

    The intent's own transaction has the last word: somebody else may take the place meanwhile.
    """
    if not hand.is_remote:
        return True
    house, name = runtime.house, hand.provider
    waiting = manners.look(house, name)
    if waiting is None:
        seconds = runtime.rates.take(name, manners.limits_of(house, name).requests_per_minute)
        if seconds <= 0:
            return True
        waiting = Waiting.RATE
        manners.spaced(house, name, timedelta(seconds=seconds))
    park(runtime, claim, hand, waiting)
    return False


def park(runtime: Runtime, claim: Claim, hand: TakeInHand, waiting: Waiting) -> None:
    """Put a take in line; one that has waited for a day is given up, one with another model goes there."""
    house, name = runtime.house, hand.provider
    choice = fallbacks.next_choice(hand) if waiting is Waiting.OUTAGE else None
    if choice is not None:
        fallbacks.fall_back(house, claim, hand, choice, why=f"{name} does not answer at the moment.")
    elif manners.has_waited(hand.take, now=hand.now):
        detail = f"{name} could not be asked for a day; nothing was charged."
        taking.failed(house, claim, hand, slug="timed-out", detail=detail, retryable=True)
    else:
        manners.park(house, claim, hand.take, name, waiting)


def submit(runtime: Runtime, hand: TakeInHand, provider: Provider, shot: Shot) -> Submission:
    """The one POST; how the provider took it is remembered for those that come after."""
    about = {"provider": hand.provider, "take.id": hand.take.id}
    with tracing.span("provider submit", kind=SpanKind.CLIENT, attributes=about):
        return _submit(runtime, hand, provider, shot)


def _submit(runtime: Runtime, hand: TakeInHand, provider: Provider, shot: Shot) -> Submission:
    if not hand.is_remote:
        return provider.submit(shot)
    taking.left_unsaid(runtime.house, hand, told_of(shot))
    try:
        answer = provider.submit(shot)
    except Exception as error:
        manners.failed(runtime.house, hand.provider, Call.SENDING, type(error).__name__)
        runtime.tallies.add(hand.provider, Call.SENDING, "error")
        raise
    runtime.tallies.add(hand.provider, Call.SENDING, _hear(runtime, hand.provider, answer))
    return answer


def _hear(runtime: Runtime, name: str, answer: Submission) -> str:
    """What its answer says of the provider itself; returns the outcome in a word."""
    house = runtime.house
    match answer:
        case InDoubt(detail=detail):
            manners.failed(house, name, Call.SENDING, detail)
            return "in-doubt"
        case Refused(is_outage=True, detail=detail):
            manners.failed(house, name, Call.SENDING, detail)
            return "outage"
        case Refused(retryable=True, retry_after_seconds=seconds):
            manners.paused(house, name, None if seconds is None else timedelta(seconds=seconds))
            return "too-many"
        case Refused() | Accepted():
            manners.answered(house, name, Call.SENDING)
            return "accepted" if isinstance(answer, Accepted) else "refused"


def next_look(hand: TakeInHand) -> timedelta:
    """How long to leave an accepted take alone."""
    usual, attempt = hand.generation.expected_seconds, hand.standing.open
    sent_at = hand.now if attempt is None or attempt.sent_at is None else attempt.sent_at
    return providers.next_look(
        hand.take.id,
        elapsed=max(0.0, (hand.now - sent_at).total_seconds()),
        expected=usual and usual / len(hand.parts),
    )
