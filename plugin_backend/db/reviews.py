"""Reading and changing what people say of takes: what stands, words on frames, approvals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Select, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import TakeRow, columns_of, read_row
from plugin_backend.db.tables import take_approvals, take_comments, take_reviews

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What stands of a take, beside its pick."""

    take_id: str
    rejected_at: datetime | None
    rating: int | None
    updated_by: str
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow:
    """Words on frames of a take, counted from 0; without frames, on all of it."""

    id: str
    workspace_id: str
    owner_id: str
    take_id: str
    first_frame: int | None
    last_frame: int | None
    x: float | None
    y: float | None
    words: str
    resolved_at: datetime | None
    resolved_by: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """What somebody answered for; `label` is as what they did."""

    id: str
    owner_id: str
    take_id: str
    status: str
    label: str
    note: str | None
    fingerprint: str
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None


def find_review(connection: Connection, take_id: str) -> ReviewRow | None:
    """What stands of a take; None where nobody said anything."""
    return _one(connection, take_reviews, ReviewRow, take_reviews.c.take_id == take_id)


def put_review(
    connection: Connection, take: TakeRow, values: Mapping[str, Any], *, by: str, now: datetime
) -> None:
    """Set what stands of a take; the next version differs."""
    set_ = {**values, "updated_by": by, "updated_at": now}
    whole = {
        "take_id": take.id,
        "workspace_id": take.workspace_id,
        "generation_id": take.generation_id,
        **set_,
    }
    connection.execute(
        insert(take_reviews)
        .values(**whole)
        .on_conflict_do_update(
            index_elements=["take_id"], set_={**set_, "version": take_reviews.c.version + 1}
        )
    )


def clear_rejection(connection: Connection, take_id: str) -> None:
    """A take that is picked is not rejected."""
    rejected = (take_reviews.c.take_id == take_id, take_reviews.c.rejected_at.is_not(None))
    values = {"rejected_at": None, "version": take_reviews.c.version + 1}
    connection.execute(update(take_reviews).where(*rejected).values(values))


def count_comments(connection: Connection, take_id: str) -> tuple[int, int]:
    """How many comments of a take are open, and how many are resolved."""
    is_open = take_comments.c.resolved_at.is_(None)
    counts = select(func.count().filter(is_open), func.count().filter(~is_open))
    row = connection.execute(counts.where(take_comments.c.take_id == take_id)).one()
    return int(row[0]), int(row[1])


def insert_comment(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new comment."""
    connection.execute(insert(take_comments).values(**values))


def find_comment(connection: Connection, comment_id: str, *, workspace_id: str) -> CommentRow | None:
    """One comment, locked; None outside the workspace."""
    mine = (take_comments.c.id == comment_id, take_comments.c.workspace_id == workspace_id)
    return _one(connection, take_comments, CommentRow, *mine, lock=True)


def change_comment(connection: Connection, comment_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a comment."""
    statement = update(take_comments).where(take_comments.c.id == comment_id)
    connection.execute(statement.values(version=take_comments.c.version + 1, **values))


def delete_comment(connection: Connection, comment_id: str) -> None:
    """Take it away."""
    connection.execute(take_comments.delete().where(take_comments.c.id == comment_id))


def list_comments(
    connection: Connection, take_id: str, *, before: str | None, limit: int
) -> tuple[CommentRow, ...]:
    """A take's comments, newest first."""
    return _page(connection, take_comments, CommentRow, take_id, before=before, limit=limit)


def open_comments_of(connection: Connection, take_ids: Sequence[str]) -> Mapping[str, tuple[CommentRow, ...]]:
    """By take: what was said of it and not resolved, in order of the frames."""
    found = connection.execute(
        select(*columns_of(take_comments, CommentRow))
        .where(take_comments.c.take_id.in_(take_ids), take_comments.c.resolved_at.is_(None))
        .order_by(take_comments.c.first_frame.asc().nulls_first(), take_comments.c.id)
    )
    said: dict[str, list[CommentRow]] = {}
    for row in found:
        said.setdefault(row.take_id, []).append(read_row(CommentRow, row))
    return {take_id: tuple(rows) for take_id, rows in said.items()}


def insert_approval(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new approval, which stands."""
    connection.execute(insert(take_approvals).values(**values))


def standing_approval(connection: Connection, take_id: str) -> ApprovalRow | None:
    """The one that was not withdrawn; whether the take is still what it was about, its reader sees."""
    mine = (take_approvals.c.take_id == take_id, take_approvals.c.ended_at.is_(None))
    return _one(connection, take_approvals, ApprovalRow, *mine)


def find_approval(connection: Connection, approval_id: str) -> ApprovalRow | None:
    """One by its id."""
    return _one(connection, take_approvals, ApprovalRow, take_approvals.c.id == approval_id)


def end_approval(connection: Connection, take_id: str, *, by: str, now: datetime) -> None:
    """Let none of a take stand any more; all of them stay in its history."""
    standing = (take_approvals.c.take_id == take_id, take_approvals.c.ended_at.is_(None))
    connection.execute(update(take_approvals).where(*standing).values(ended_at=now, ended_by=by))


def list_approvals(
    connection: Connection, take_id: str, *, before: str | None, limit: int
) -> tuple[ApprovalRow, ...]:
    """All that were ever given, newest first."""
    return _page(connection, take_approvals, ApprovalRow, take_id, before=before, limit=limit)


def _one(
    connection: Connection, table: Table, cls: type[R], *conditions: Any, lock: bool = False
) -> R | None:
    statement = _chosen(table, cls).where(*conditions)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else read_row(cls, row)


def _page(
    connection: Connection, table: Table, cls: type[R], take_id: str, *, before: str | None, limit: int
) -> tuple[R, ...]:
    statement = _chosen(table, cls).where(table.c.take_id == take_id)
    if before is not None:
        statement = statement.where(table.c.id < before)
    found = connection.execute(statement.order_by(table.c.id.desc()).limit(limit))
    return tuple(read_row(cls, row) for row in found)


def _chosen(table: Table, cls: type[Any]) -> Select[Any]:
    chosen: Select[Any] = select(*columns_of(table, cast("Any", cls)))
    return chosen
