"""A finished take's download: tried again for hours where it fails; nothing is made anew for it."""

from datetime import timedelta
from typing import Final

import httpx
import structlog
from obstore.exceptions import BaseError

from plugin_backend.domain.work import Claim
from plugin_backend.services.making import fetching, taking
from plugin_backend.services.making.attempts import Said
from plugin_backend.services.making.hands import TakeInHand
from worker.providers.downloads import DownloadBrokenError
from worker.providers.protocol import Broken, ExpiredError, FetchRefusedError, Finished, Provider
from worker.runtime import Runtime
from worker.shots import shot_of

_LONGEST_PAUSE: Final = timedelta(minutes=5)
_TRIES_AT_A_PAGE: Final = 6
"""A page instead of a file may be a gateway's bad minute; fresh addresses are asked for meanwhile."""
PASSING: Final = (DownloadBrokenError, httpx.HTTPError, OSError, BaseError)
"""What a network or a storage does that may be gone the next time."""

_log = structlog.get_logger()


def fetch(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """Bring what the provider made into our storage."""
    renew = runtime.renewing(claim)
    try:
        files = provider.fetch(shot_of(hand), hand.take.outputs or {}, alive=lambda: renew(0, 1))
    except ExpiredError:
        _refresh(runtime, claim, hand, provider)
    except FetchRefusedError as refused:
        if refused.passing and claim.tries < _TRIES_AT_A_PAGE:
            _refresh(runtime, claim, hand, provider)
            return
        taking.failed(runtime.house, claim, hand, slug=refused.slug, detail=refused.detail, retryable=True)
    except PASSING as error:
        later(runtime, claim, hand, reason=str(error))
    else:
        runtime.house.failpoint("take:before-fetched")
        fetching.fetched(runtime.house, claim, hand, files)


def _refresh(runtime: Runtime, claim: Claim, hand: TakeInHand, provider: Provider) -> None:
    """An address no longer serves: the provider, asked again, names fresh ones."""
    refs = [each.provider_ref or "" for each in hand.standing.finished]
    found = provider.poll(refs)
    progress = [found.get(ref) for ref in refs]
    outputs = [each.outputs for each in progress if isinstance(each, Finished)]
    broken = next((each for each in progress if isinstance(each, Broken)), None)
    if broken is not None:
        said = Said(detail=broken.detail, slug=broken.slug, request_id=broken.request_id)
        taking.failed(
            runtime.house, claim, hand, slug=broken.slug, detail=broken.detail, retryable=True, said=said
        )
    elif len(outputs) == len(refs) and not hand.is_late:
        after = timedelta(0) if claim.tries == 1 else _pause(claim)
        fetching.refreshed(runtime.house, claim, hand, outputs, after=after)
    else:
        later(runtime, claim, hand, reason="The provider's addresses have expired.")


def later(runtime: Runtime, claim: Claim, hand: TakeInHand, *, reason: str) -> None:
    """Try again after a while, each time a longer one; at the take's deadline it is given up."""
    if not hand.is_late:
        _log.warning("fetch.failed", subject_id=claim.subject_id, tries=claim.tries, reason=reason)
        fetching.later(runtime.house, claim, hand, after=_pause(claim))
        return
    detail = f"{hand.provider} made it, but its files could not be brought here for hours. {reason}"
    taking.failed(runtime.house, claim, hand, slug="timed-out", detail=detail, retryable=True)


def _pause(claim: Claim) -> timedelta:
    return min(timedelta(seconds=2 ** min(claim.tries, 12)), _LONGEST_PAUSE)
