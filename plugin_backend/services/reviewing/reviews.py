"""Review: what stands of a take, said by anybody of its workspace who may write, viewers too.

Picking and rejecting choose what is cut, so they are an editor's; all else is anybody's who may write.
"""

from dataclasses import dataclass
from typing import Any

from plugin_backend.db import reviews
from plugin_backend.db.generations import find_take
from plugin_backend.db.journal import record_event
from plugin_backend.db.reviews import ApprovalRow, ReviewRow
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ConflictError, NotFoundError
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.review import Mark, fingerprint
from plugin_backend.services.house import House
from plugin_backend.services.takes import held, picked_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A take with what is said of it, read in one moment."""

    take: TakeRow
    said: ReviewRow | None
    approval: ApprovalRow | None
    """The one that stands, and is about the take as it is."""
    open_comments: int
    resolved_comments: int

    @property
    def mark(self) -> Mark:
        """Whether it was chosen."""
        if self.take.picked_at is not None:
            return Mark.PICKED
        return Mark.REJECTED if self.said is not None and self.said.rejected_at is not None else Mark.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewChanges:
    """What to change; a member that is left out stays."""

    mark: Mark | None = None
    rating: int | None = None
    sets_rating: bool = False


def get(house: House, caller: Caller, take_id: str) -> Review:
    """What stands of a take of the caller's workspace."""
    with house.begin() as work:
        return _read(work, reviewable(work, caller, take_id))


def change(house: House, caller: Caller, take_id: str, changes: ReviewChanges) -> Review:
    """Pick or reject a stored take, or take the mark away; rate it, or not any more."""
    caller.require_reviewing()
    if changes.mark is not None:
        caller.require(Scope.GENERATE)
    with house.begin() as work:
        take = stored(work, caller, take_id)
        if changes.mark is not None:
            take, _ = picked_within(work, caller, take_id, picked=changes.mark is Mark.PICKED)
        before = _read(work, take)
        values = _values(work, changes, before)
        if values:
            reviews.put_review(work.connection, take, values, by=caller.user_id, now=work.now)
            tell(work, "take.reviewed", take)
        return _read(work, take)


def reviewable(work: UnitOfWork, caller: Caller, take_id: str) -> TakeRow:
    """A take of the caller's workspace, whatever it has come to."""
    take = find_take(work.connection, take_id, workspace_id=caller.workspace_id)
    if take is None:
        raise NotFoundError("take")
    return take


def stored(work: UnitOfWork, caller: Caller, take_id: str) -> TakeRow:
    """A take there is something to say of, held until this transaction ends."""
    take, _ = held(work, caller, take_id)
    if take.state is not TakeState.STORED:
        raise ConflictError(f"A take that is {take.state} cannot be reviewed; wait until it is stored.")
    return take


def still_stands(approval: ApprovalRow | None, take: TakeRow) -> ApprovalRow | None:
    """An approval, unless it ended or the take is not the one any more that it was about."""
    if approval is None or approval.ended_at is not None or take.media_deleted_at is not None:
        return None
    return approval if approval.fingerprint == fingerprint(take.source, take.facts) else None


def tell(work: UnitOfWork, kind: str, take: TakeRow) -> None:
    """Let panels know that there is something new about a take; never the words."""
    record_event(work, kind, subject_id=take.id, owned=take.owned, data={"generation_id": take.generation_id})


def _values(work: UnitOfWork, changes: ReviewChanges, before: Review) -> dict[str, Any]:
    was = before.said
    values: dict[str, Any] = {}
    if changes.mark is not None:
        is_rejected = was is not None and was.rejected_at is not None
        if is_rejected is not (changes.mark is Mark.REJECTED):
            values["rejected_at"] = None if is_rejected else work.now
    if changes.sets_rating and changes.rating != (None if was is None else was.rating):
        values["rating"] = changes.rating
    return values


def _read(work: UnitOfWork, take: TakeRow) -> Review:
    is_open, is_resolved = reviews.count_comments(work.connection, take.id)
    return Review(
        take=take,
        said=reviews.find_review(work.connection, take.id),
        approval=still_stands(reviews.standing_approval(work.connection, take.id), take),
        open_comments=is_open,
        resolved_comments=is_resolved,
    )
