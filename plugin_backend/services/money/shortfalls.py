"""Why a generation did not fit: too many unfinished, too few drafts left today, or too few credits."""

from dataclasses import dataclass

from plugin_backend.db.acceptance import Acceptance
from plugin_backend.db.people import Standing, standing_of
from plugin_backend.db.rows import GenerationRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import (
    BackendError,
    ConcurrencyLimitError,
    DraftQuotaExhaustedError,
    ForbiddenError,
    FrozenError,
    InsufficientCreditsError,
)
from plugin_backend.domain.money.purses import Purse
from plugin_backend.domain.quota import day_of


@dataclass(frozen=True, slots=True)
class Sums:
    """What some of the generations of a request take together."""

    units: int
    credits: int


def shortfall(
    work: UnitOfWork, row: GenerationRow, accepted: Acceptance | None, *, taken: Sums, wanted: Sums
) -> BackendError:
    """The refusal, in the order it was tried; raising it undoes what was taken so far.

    It speaks of the whole request: of all that is wanted, and of what there was before any was taken.
    """
    standing = standing_of(work.connection, row.owner_id, day=day_of(work.now))
    if standing.removed_at is not None or standing.workspace_id != row.workspace_id:
        return ForbiddenError("You are no member of this workspace any more.")
    frozen = refusal_of_frozen(standing)
    if frozen is not None:
        return frozen
    if accepted is None:
        return ConcurrencyLimitError(standing.max_unfinished)
    if not accepted.drafts_fit:
        return _too_few_drafts(standing, taken=taken, wanted=wanted)
    return _too_few_credits(standing.purse, row, taken=taken, wanted=wanted)


def refusal_of_frozen(standing: Standing) -> FrozenError | None:
    """What somebody is told who is frozen, or whose workspace is."""
    if standing.frozen_at is not None:
        return FrozenError("you")
    return None if standing.workspace_frozen_at is None else FrozenError("your whole workspace")


def _too_few_drafts(standing: Standing, *, taken: Sums, wanted: Sums) -> BackendError:
    return DraftQuotaExhaustedError(
        requested=wanted.units,
        remaining=standing.drafts.remaining + taken.units,
        limit=standing.drafts.limit,
        resets_at=standing.drafts.resets_at,
    )


def _too_few_credits(purse: Purse, row: GenerationRow, *, taken: Sums, wanted: Sums) -> BackendError:
    is_capped = purse.from_pool < min(row.credits_held, purse.pool_available)
    return InsufficientCreditsError(
        required=wanted.credits,
        available=purse.most_at_once + taken.credits,
        cap=purse.cap if is_capped else None,
        resets_at=purse.resets_at if is_capped else None,
    )
