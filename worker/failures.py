"""A step that broke: tried again a few times, then its row is failed with what was seen."""

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from plugin_backend.domain.ids import Prefix, prefix_of
from plugin_backend.domain.work import MAX_TRIES, Claim, retry_delay
from plugin_backend.files.full_disk import NO_ROOM, NO_ROOM_DETAIL
from plugin_backend.services import assets, endings, mail, reconciliation, stepping
from plugin_backend.services.boards import storyboard_waves
from plugin_backend.services.delivering import chunks, conforming
from plugin_backend.services.director import evaluating
from plugin_backend.services.keeping import erasure_steps, exports
from plugin_backend.services.making import hands, taking
from plugin_backend.services.webhooks import webhook_sending
from worker.media.process import (
    MediaProcessError,
    OperationFailedError,
    OutOfDiskError,
    OutOfMemoryError,
    StalledError,
)
from worker.runtime import Runtime

_STEP_TRIES: Final = (
    8  # a short step meets passing trouble (a restart, a network) more often than a broken row
)

_FINAL_SLUGS: Final = frozenset({"invalid-input"})

_log = structlog.get_logger()


def handle(runtime: Runtime, claim: Claim, error: Exception) -> None:
    """Give the row back for another try, or end its work."""
    most = MAX_TRIES if claim.lane.is_media else _STEP_TRIES
    _log.warning("step.broke", subject_id=claim.subject_id, tries=claim.tries, error=repr(error))
    if claim.tries < most and not _is_final(error):
        stepping.hand_back(runtime.house, claim, after=retry_delay(claim.tries), tries=claim.tries)
        return
    slug, detail = _seen(error)
    _ENDINGS[prefix_of(claim.subject_id)](runtime, claim, slug, detail)


def _is_final(error: Exception) -> bool:
    """Whether another try comes to the same: it is the input that is wrong."""
    return isinstance(error, OperationFailedError) and error.slug in _FINAL_SLUGS


def _seen(error: Exception) -> tuple[str, str]:
    """What an editor is told of it; the log has the rest."""
    match error:
        case OperationFailedError():
            return "internal", error.detail
        case OutOfMemoryError():
            return "internal", "It needs more memory than a media worker here has."
        case OutOfDiskError() | OSError() if _is_full(error):
            return "internal", NO_ROOM_DETAIL
        case StalledError():
            return "timed-out", "Nothing advanced for a minute, three times over."
        case MediaProcessError():
            return "internal", "The media worker could not finish it, three times over."
        case _:
            return "internal", "Something on our side broke, several times over; support finds it by this id."


def _is_full(error: Exception) -> bool:
    return isinstance(error, OutOfDiskError) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def _end_generation(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    endings.fail_broken(runtime.house, claim, slug=slug, detail=detail)


def _end_take(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    hand = hands.look(runtime.house, claim)
    if hand is not None:
        taking.failed(runtime.house, claim, hand, slug=slug, detail=detail, retryable=True)


def _end_attempt(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    del slug, detail
    hand = reconciliation.look(runtime.house, claim)
    if hand is not None:
        reconciliation.later(runtime.house, claim, hand)


def _end_evaluation(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    del slug
    hand = evaluating.look(runtime.house, claim)
    if hand is not None:
        evaluating.not_seen(runtime.house, claim, hand, why=detail)


def _end_chunk(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    hand = chunks.look(runtime.house, claim)
    if hand is not None:
        chunks.broken(runtime.house, claim, hand.chunk, slug=slug, detail=detail)


def _end_delivery(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    hand = conforming.look(runtime.house, claim)
    if hand is not None:
        conforming.given_up(runtime.house, claim, hand, slug=slug, detail=detail)


def _end_asset(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    row = assets.look(runtime.house, claim)
    if row is not None:
        assets.rejected(runtime.house, claim, row, problem=f"It could not be checked ({slug}): {detail}")


def _end_storyboard(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    del slug
    storyboard_waves.given_up(runtime.house, claim, detail=detail)


def _end_mail(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    mail.given_up(runtime.house, claim, note=f"{slug}: {detail}")


def _end_message(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    del slug
    webhook_sending.given_up(runtime.house, claim, detail=detail)


def _end_export(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    exports.failed(runtime.house, claim, slug=slug, detail=detail)


def _end_erasure(runtime: Runtime, claim: Claim, slug: str, detail: str) -> None:
    del slug, detail
    erasure_steps.later(runtime.house, claim)


_ENDINGS: Final[Mapping[Prefix, Callable[[Runtime, Claim, str, str], None]]] = {
    Prefix.GENERATION: _end_generation,
    Prefix.TAKE: _end_take,
    Prefix.ATTEMPT: _end_attempt,
    Prefix.EVALUATION: _end_evaluation,
    Prefix.CHUNK: _end_chunk,
    Prefix.DELIVERY: _end_delivery,
    Prefix.ASSET: _end_asset,
    Prefix.ERASURE: _end_erasure,
    Prefix.EXPORT: _end_export,
    Prefix.STORYBOARD: _end_storyboard,
    Prefix.MAIL: _end_mail,
    Prefix.MESSAGE: _end_message,
}
