"""Why a generation did not fit: too many unfinished, too few drafts left today, or too few credits."""

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


def shortfall(work: UnitOfWork, row: GenerationRow, accepted: Acceptance | None) -> BackendError:
    """The refusal, in the order it was tried; raising it undoes what was taken so far."""
    standing = standing_of(work.connection, row.owner_id, day=day_of(work.now))
    if standing.removed_at is not None or standing.workspace_id != row.workspace_id:
        return ForbiddenError("You are no member of this workspace any more.")
    frozen = refusal_of_frozen(standing)
    if frozen is not None:
        return frozen
    if accepted is None:
        return ConcurrencyLimitError(standing.max_unfinished)
    if not accepted.drafts_fit:
        return _too_few_drafts(standing, row)
    return _too_few_credits(standing.purse, row)


def refusal_of_frozen(standing: Standing) -> FrozenError | None:
    """What somebody is told who is frozen, or whose workspace is."""
    if standing.frozen_at is not None:
        return FrozenError("you")
    return None if standing.workspace_frozen_at is None else FrozenError("your whole workspace")


def _too_few_drafts(standing: Standing, row: GenerationRow) -> BackendError:
    return DraftQuotaExhaustedError(
        requested=row.draft_units,
        remaining=standing.drafts.remaining,
        limit=standing.drafts.limit,
        resets_at=standing.drafts.resets_at,
    )


def _too_few_credits(purse: Purse, row: GenerationRow) -> BackendError:
    is_capped = purse.from_pool < min(row.credits_held, purse.pool_available)
    return InsufficientCreditsError(
        required=row.credits_held,
        available=purse.most_at_once,
        cap=purse.cap if is_capped else None,
        resets_at=purse.resets_at if is_capped else None,
    )
