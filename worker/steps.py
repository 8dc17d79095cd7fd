"""The one job: look at one row, do its next step. Running it twice, late or never does no harm."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from plugin_backend.domain.ids import Prefix, prefix_of
from plugin_backend.domain.work import Claim, watched_provider
from plugin_backend.services import stepping, traced
from plugin_backend.services.director import readings
from plugin_backend.services.making import turns
from worker import (
    assets,
    attempts,
    chunks,
    deliveries,
    erasures,
    evaluations,
    exports,
    generations,
    mails,
    storyboards,
    takes,
    watching,
    webhooks,
)
from worker.guarding import guarded
from worker.runtime import Runtime

_LOOKS: Final = 3
"""Another process may take the row between a look and the claim."""

_FULL: Final = timedelta(seconds=0.5)


class _Installed:
    """The runtime of this process, for the job that RQ calls by name."""

    runtime: Runtime | None = None


def install(runtime: Runtime) -> None:
    """Give the job its runtime; called once, before the first job."""
    _Installed.runtime = runtime


def run(subject_id: str) -> None:
    """What RQ calls: something is due there; whose turn it is there is asked of the rows."""
    runtime = _Installed.runtime
    assert runtime is not None, "a job came before its runtime"
    if watched_provider(subject_id) is not None:
        advance(runtime, subject_id)
        return
    for _ in range(_LOOKS):
        found = turns.whose(runtime.house, subject_id)
        if found is None or advance(runtime, found):
            return


def advance(runtime: Runtime, subject_id: str) -> bool:
    """Claim a row and do its next step, or call a watcher; False when there was nothing to do."""
    provider = watched_provider(subject_id)
    if provider is not None:
        return watching.call(runtime, provider)
    claim = stepping.claim(runtime.house, subject_id, lanes=runtime.lanes)
    if claim is None:
        return False
    if claim.lane.is_errand or _waits(runtime, claim):
        _send_off(runtime, claim)
    else:
        _step(runtime, claim)
    return True


def _waits(runtime: Runtime, claim: Claim) -> bool:
    """A language model takes seconds, and so does a provider that deletes: nobody else waits for them."""
    is_generation = runtime.reader is not None and prefix_of(claim.subject_id) is Prefix.GENERATION
    if is_generation:
        return readings.unread(runtime.house, claim.subject_id) is not None
    return erasures.waits_for_a_provider(runtime, claim)


def _send_off(runtime: Runtime, claim: Claim) -> None:
    """A step that waits for somebody else has a thread of its own; while all of them wait, the row does."""
    assert runtime.errands is not None, "a provider's row reached a process without errands"
    kind = f"{claim.lane} {claim.topic}"
    if not runtime.errands.start(kind, partial(_step, runtime, claim), places=claim.lane.places):
        stepping.hand_back(runtime.house, claim, after=_FULL, tries=claim.tries - 1)


def _step(runtime: Runtime, claim: Claim) -> None:
    def step() -> None:
        runtime.house.failpoint("step:claimed")
        _STEPS[prefix_of(claim.subject_id)](runtime, claim)

    named = structlog.contextvars.bound_contextvars(subject_id=claim.subject_id)
    with named, traced.step(runtime.house, claim):
        guarded(runtime, claim, step)


_STEPS: Final[Mapping[Prefix, Callable[[Runtime, Claim], None]]] = {
    Prefix.GENERATION: generations.advance,
    Prefix.TAKE: takes.advance,
    Prefix.ATTEMPT: attempts.advance,
    Prefix.EVALUATION: evaluations.advance,
    Prefix.CHUNK: chunks.advance,
    Prefix.DELIVERY: deliveries.advance,
    Prefix.ASSET: assets.advance,
    Prefix.ERASURE: erasures.advance,
    Prefix.EXPORT: exports.advance,
    Prefix.STORYBOARD: storyboards.advance,
    Prefix.MAIL: mails.advance,
    Prefix.MESSAGE: webhooks.advance,
}
