"""An attempt's own step, once its take has ended without it: ask the provider what became of it."""

from typing import assert_never

from plugin_backend.domain.work import Claim
from plugin_backend.services import reconciliation
from plugin_backend.services.making.attempts import Said
from plugin_backend.services.reconciliation import AttemptInHand
from worker.providers.protocol import (
    Broken,
    CannotList,
    Finished,
    Found,
    NotFound,
    Provider,
    Running,
    Stopped,
)
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Look for it once, or see once what it came to."""
    hand = reconciliation.look(runtime.house, claim)
    if hand is None:
        return
    provider = runtime.providers.get(hand.attempt.provider)
    if provider is None:
        reconciliation.later(runtime.house, claim, hand)
    elif hand.attempt.provider_ref is None:
        _find(runtime, claim, hand, provider)
    else:
        _follow(runtime, claim, hand, provider, ref=hand.attempt.provider_ref)


def _find(runtime: Runtime, claim: Claim, hand: AttemptInHand, provider: Provider) -> None:
    whereabouts = provider.find(hand.attempt.token, since=hand.attempt.created_at)
    match whereabouts:
        case Found(provider_ref):
            reconciliation.found(runtime.house, claim, hand, provider_ref=provider_ref)
        case NotFound() | CannotList(passing=True):
            reconciliation.later(runtime.house, claim, hand)
        case CannotList():
            reconciliation.settled(runtime.house, claim, hand, Said(slug="outcome-unknown"))
        case _:
            assert_never(whereabouts)


def _follow(runtime: Runtime, claim: Claim, hand: AttemptInHand, provider: Provider, *, ref: str) -> None:
    progress = provider.poll([ref]).get(ref, Running())
    runtime.house.failpoint("take:after-poll")
    match progress:
        case Running():
            reconciliation.later(runtime.house, claim, hand, is_running=True)
        case Finished(outputs):
            reconciliation.made(runtime.house, claim, hand, outputs=outputs)
        case Broken(slug, detail, _, billed, request_id):
            said = Said(detail=detail, slug=slug, request_id=request_id, billed=billed)
            reconciliation.settled(runtime.house, claim, hand, said)
        case Stopped(charged):
            said = Said(detail="stopped at the provider", slug="provider-failed", billed=charged)
            reconciliation.settled(runtime.house, claim, hand, said)
        case _:
            assert_never(progress)
