"""Review: what stands of a take, words on its frames, and who answers for it."""

from datetime import datetime
from typing import Any

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.review_shapes import (
    ApprovalSchema,
    CommentChangesSchema,
    CommentSchema,
    NewApprovalSchema,
    NewCommentSchema,
    ReviewChangesSchema,
    ReviewSchema,
)
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.reviews import ApprovalRow, CommentRow
from plugin_backend.db.rows import TakeRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.reviewing import approvals, comments
from plugin_backend.services.reviewing import reviews as service
from plugin_backend.services.reviewing.comments import Said
from plugin_backend.services.reviewing.reviews import Review, ReviewChanges

reviews = Resource(
    "Review",
    "What people say of takes. Viewers review too, with a token of the scope `generate`; nothing is spent.",
)


@reviews.operation("GET", "/v1/takes/<take_id>/review", scope=Scope.READ, answer=ReviewSchema)
def show_review(caller: Caller, *, take_id: str) -> dict[str, Any]:
    """What stands of a take."""
    return _shown(service.get(house(), caller, take_id))


@reviews.operation(
    "PATCH", "/v1/takes/<take_id>/review", scope=Scope.READ, body=ReviewChangesSchema, answer=ReviewSchema
)
def change_review(caller: Caller, changes: ReviewChanges, *, take_id: str) -> dict[str, Any]:
    """Pick or reject a stored take, which takes an editor; rate it from 0 to 5, null for no rating.

    The pick is the one of `PATCH /v1/takes/{id}`: a picked take is not rejected, and the other way round.
    """
    return _shown(service.change(house(), caller, take_id, changes))


@reviews.operation(
    "GET",
    "/v1/takes/<take_id>/comments",
    scope=Scope.READ,
    query=PageQuery,
    answer=page_of(CommentSchema),
)
def list_comments(caller: Caller, query: dict[str, Any], *, take_id: str) -> dict[str, Any]:
    """What was said of a take, newest first."""
    rows = comments.find(house(), caller, take_id, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=_comment, place=lambda row: row.id)


@reviews.operation(
    "POST",
    "/v1/takes/<take_id>/comments",
    scope=Scope.READ,
    status=201,
    body=NewCommentSchema,
    answer=CommentSchema,
)
def add_comment(caller: Caller, said: Said, *, take_id: str) -> Answer:
    """Say something of a frame, of several, or of the take; open comments are markers of its deliveries."""
    row = comments.add(house(), caller, take_id, said, idempotency=idempotency(caller))
    return Answer(_comment(row), headers={"Location": f"/v1/comments/{row.id}"})


@reviews.operation(
    "PATCH",
    "/v1/comments/<comment_id>",
    scope=Scope.READ,
    body=CommentChangesSchema,
    answer=CommentSchema,
)
def change_comment(caller: Caller, changes: dict[str, Any], *, comment_id: str) -> dict[str, Any]:
    """Say one's own otherwise; resolve anybody's, or open it again."""
    return _comment(comments.change(house(), caller, comment_id, changes))


@reviews.operation("DELETE", "/v1/comments/<comment_id>", scope=Scope.READ, status=204)
def delete_comment(caller: Caller, *, comment_id: str) -> Answer:
    """Take one's own back."""
    comments.delete(house(), caller, comment_id)
    return Answer(None)


@reviews.operation(
    "POST",
    "/v1/takes/<take_id>/approval",
    scope=Scope.READ,
    status=201,
    body=NewApprovalSchema,
    answer=ApprovalSchema,
)
def approve_take(caller: Caller, answer: approvals.Answer, *, take_id: str) -> dict[str, Any]:
    """Answer for a take, as something; what stood before ends. Later deliveries tell of it."""
    row = approvals.give(
        house(), caller, take_id, answer, idempotency=idempotency(caller), request_id=request_id()
    )
    return _approval(row, stands=row.ended_at is None)


@reviews.operation("DELETE", "/v1/takes/<take_id>/approval", scope=Scope.READ, status=204)
def withdraw_approval(caller: Caller, *, take_id: str) -> Answer:
    """Let nothing stand; the history keeps it."""
    approvals.withdraw(house(), caller, take_id, request_id=request_id())
    return Answer(None)


@reviews.operation(
    "GET",
    "/v1/takes/<take_id>/approvals",
    scope=Scope.READ,
    query=PageQuery,
    answer=page_of(ApprovalSchema),
)
def list_approvals(caller: Caller, query: dict[str, Any], *, take_id: str) -> dict[str, Any]:
    """All that were ever given, newest first; `stands` is true of one at most."""
    take, rows = approvals.history(house(), caller, take_id, before=before(query), limit=one_more(query))
    return page(
        rows, limit=query["limit"], shown=lambda row: _of_history(row, take), place=lambda row: row.id
    )


def _shown(review: Review) -> dict[str, Any]:
    said = review.said
    approval = review.approval
    return {
        "take_id": review.take.id,
        "generation_id": review.take.generation_id,
        "mark": review.mark.value,
        "picked_at": rfc3339_or_none(review.take.picked_at),
        "rejected_at": _at(None if said is None else said.rejected_at),
        "rating": None if said is None else said.rating,
        "approval": None if approval is None else _approval(approval, stands=True),
        "comments": {"open": review.open_comments, "resolved": review.resolved_comments},
        "updated_at": _at(None if said is None else said.updated_at),
        "updated_by": None if said is None else said.updated_by,
    }


def _comment(row: CommentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "take_id": row.take_id,
        "by": row.owner_id,
        "text": row.words,
        "frame": row.first_frame,
        "last_frame": row.last_frame,
        "point": None if row.x is None else [row.x, row.y],
        "resolved": row.resolved_at is not None,
        "resolved_at": _at(row.resolved_at),
        "resolved_by": row.resolved_by,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


def _of_history(row: ApprovalRow, take: TakeRow) -> dict[str, Any]:
    return _approval(row, stands=service.still_stands(row, take) is not None)


def _approval(row: ApprovalRow, *, stands: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "take_id": row.take_id,
        "status": row.status,
        "as": row.label,
        "note": row.note,
        "by": row.owner_id,
        "at": rfc3339(row.created_at),
        "stands": stands,
        "ended_at": _at(row.ended_at),
        "ended_by": row.ended_by,
    }


def _at(given: datetime | None) -> str | None:
    return rfc3339_or_none(given)
