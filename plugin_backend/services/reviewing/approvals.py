"""Approvals: somebody answers for a take, as something, and says since when. Withdrawing keeps the history.

The books hold who and what by opaque ids; note and label are words, and lie where words can be deleted.
"""

from dataclasses import dataclass

from plugin_backend.db import reviews
from plugin_backend.db.journal import audit
from plugin_backend.db.reviews import ApprovalRow
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import ConflictError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.review import Approval, fingerprint
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.reviewing.reviews import reviewable, still_stands, stored, tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of a take, and as what: `Director`, `Client`."""

    status: Approval
    label: str
    note: str | None = None


def give(
    house: House,
    caller: Caller,
    take_id: str,
    answer: Answer,
    *,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> ApprovalRow:
    """Answer for a stored take; what stood before ends with it."""
    caller.require_reviewing()
    with house.begin() as work:
        approval_id = new_id(Prefix.APPROVAL, at=work.now)
        kept = begin(work, idempotency, result={"id": approval_id})
        if kept is not None:
            return _there(work, kept["id"])
        take = stored(work, caller, take_id)
        before = reviews.standing_approval(work.connection, take_id)
        reviews.end_approval(work.connection, take_id, by=caller.user_id, now=work.now)
        _insert(work, caller, take, answer, approval_id=approval_id)
        reviews.put_review(work.connection, take, {}, by=caller.user_id, now=work.now)
        _tell(work, caller, take, before, after=answer.status, request_id=request_id)
        return _there(work, approval_id)


def withdraw(house: House, caller: Caller, take_id: str, *, request_id: str | None = None) -> None:
    """Let nothing stand; ConflictError where nothing does."""
    caller.require_reviewing()
    with house.begin() as work:
        take = stored(work, caller, take_id)
        before = reviews.standing_approval(work.connection, take_id)
        if before is None:
            raise ConflictError("No approval of this take stands.")
        reviews.end_approval(work.connection, take_id, by=caller.user_id, now=work.now)
        reviews.put_review(work.connection, take, {}, by=caller.user_id, now=work.now)
        _tell(work, caller, take, before, after=None, request_id=request_id)


def history(
    house: House, caller: Caller, take_id: str, *, before: str | None, limit: int
) -> tuple[TakeRow, tuple[ApprovalRow, ...]]:
    """All that were ever given, newest first, with the take they are about."""
    with house.begin() as work:
        take = reviewable(work, caller, take_id)
        return take, reviews.list_approvals(work.connection, take_id, before=before, limit=limit)


def standing(house: House, take: TakeRow) -> ApprovalRow | None:
    """The approval that a delivery of this take may tell of."""
    with house.begin() as work:
        return still_stands(reviews.standing_approval(work.connection, take.id), take)


def _insert(work: UnitOfWork, caller: Caller, take: TakeRow, answer: Answer, *, approval_id: str) -> None:
    values = {
        "id": approval_id,
        "workspace_id": caller.workspace_id,
        "owner_id": caller.user_id,
        "take_id": take.id,
        "status": answer.status,
        "label": answer.label,
        "note": answer.note,
        "fingerprint": fingerprint(take.source, take.facts),
        "created_at": work.now,
    }
    reviews.insert_approval(work.connection, values)


def _tell(
    work: UnitOfWork,
    caller: Caller,
    take: TakeRow,
    before: ApprovalRow | None,
    *,
    after: Approval | None,
    request_id: str | None,
) -> None:
    audit(
        work,
        "take.approval",
        subject_id=take.id,
        actor_id=caller.user_id,
        workspace_id=take.workspace_id,
        before={"status": None if before is None else before.status},
        after={"status": after},
        request_id=request_id,
    )
    tell(work, "take.approval", take)


def _there(work: UnitOfWork, approval_id: str) -> ApprovalRow:
    found = reviews.find_approval(work.connection, approval_id)
    assert found is not None
    return found
