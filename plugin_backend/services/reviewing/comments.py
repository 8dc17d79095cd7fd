"""Comments: words on frames of a take, changed by whoever wrote them, resolved by anybody who reviews."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugin_backend.db import reviews
from plugin_backend.db.generations import find_take
from plugin_backend.db.reviews import CommentRow
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import FieldProblem, ForbiddenError, NotFoundError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.reviewing.reviews import reviewable, stored, tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words, perhaps on frames (counted from 0, the last one included), perhaps at a point of the picture."""

    words: str
    first_frame: int | None = None
    last_frame: int | None = None
    point: tuple[float, float] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """As columns; one frame is a range of itself."""
        x, y = self.point or (None, None)
        last = self.first_frame if self.last_frame is None else self.last_frame
        return {
            "words": self.words,
            "first_frame": self.first_frame,
            "last_frame": last,
            "x": x,
            "y": y,
        }


def find(
    house: House, caller: Caller, take_id: str, *, before: str | None, limit: int
) -> tuple[CommentRow, ...]:
    """What was said of a take, newest first."""
    with house.begin() as work:
        take = reviewable(work, caller, take_id)
        return reviews.list_comments(work.connection, take.id, before=before, limit=limit)


def add(
    house: House, caller: Caller, take_id: str, said: Said, *, idempotency: Idempotency | None = None
) -> CommentRow:
    """Say something of a stored take."""
    caller.require_reviewing()
    with house.begin() as work:
        comment_id = new_id(Prefix.COMMENT, at=work.now)
        kept = begin(work, idempotency, result={"id": comment_id})
        if kept is not None:
            return _mine(work, caller, kept["id"])
        take = stored(work, caller, take_id)
        _check(take, said)
        values = {
            "id": comment_id,
            "workspace_id": caller.workspace_id,
            "owner_id": caller.user_id,
            "take_id": take.id,
            "created_at": work.now,
            "updated_at": work.now,
            **said.values,
        }
        reviews.insert_comment(work.connection, values)
        tell(work, "take.commented", take)
        return _mine(work, caller, comment_id)


def change(house: House, caller: Caller, comment_id: str, changes: Mapping[str, Any]) -> CommentRow:
    """Say it otherwise (one's own), or resolve it (anybody's): `words`, `frames`, `point`, `resolved`."""
    caller.require_reviewing()
    with house.begin() as work:
        before = _mine(work, caller, comment_id)
        if changes.keys() - {"resolved"} and before.owner_id != caller.user_id:
            raise ForbiddenError("Somebody else wrote this; resolve it, or write your own.")
        take = _take(work, before)
        said = _said(before, changes)
        _check(take, said)
        values = {**said.values, **_resolution(work, caller, before, changes), "updated_at": work.now}
        reviews.change_comment(work.connection, comment_id, values)
        tell(work, "take.commented", take)
        return _mine(work, caller, comment_id)


def delete(house: House, caller: Caller, comment_id: str) -> None:
    """Take one's own words back; whoever administers the workspace may take anybody's away."""
    caller.require_reviewing()
    with house.begin() as work:
        before = _mine(work, caller, comment_id)
        if before.owner_id != caller.user_id and caller.role not in (Role.OWNER, Role.ADMIN):
            raise ForbiddenError("Somebody else wrote this; ask them or a workspace admin.")
        reviews.delete_comment(work.connection, comment_id)
        tell(work, "take.commented", _take(work, before))


def _mine(work: UnitOfWork, caller: Caller, comment_id: str) -> CommentRow:
    found = reviews.find_comment(work.connection, comment_id, workspace_id=caller.workspace_id)
    if found is None:
        raise NotFoundError("comment")
    return found


def _take(work: UnitOfWork, comment: CommentRow) -> TakeRow:
    take = find_take(work.connection, comment.take_id)
    assert take is not None
    return take


def _said(before: CommentRow, changes: Mapping[str, Any]) -> Said:
    point = None if before.x is None or before.y is None else (before.x, before.y)
    first, last = changes.get("frames", (before.first_frame, before.last_frame))
    return Said(
        words=changes.get("words", before.words),
        first_frame=first,
        last_frame=last,
        point=changes.get("point", point),
    )


def _resolution(
    work: UnitOfWork, caller: Caller, before: CommentRow, changes: Mapping[str, Any]
) -> dict[str, Any]:
    wanted = changes.get("resolved")
    if wanted is None or wanted is (before.resolved_at is not None):
        return {}
    return {
        "resolved_at": work.now if wanted else None,
        "resolved_by": caller.user_id if wanted else None,
    }


def _check(take: TakeRow, said: Said) -> None:
    """Frames that the take has, in order."""
    count = (take.facts or {}).get("frame_count")
    first, last = said.first_frame, said.values["last_frame"]
    if first is None:
        if said.last_frame is not None:
            raise ValidationFailedError([FieldProblem("/frame", "A last frame needs a first one.")])
        return
    if last < first:
        raise ValidationFailedError([FieldProblem("/last_frame", "The last frame lies before the first.")])
    if count is not None and last >= count:
        detail = f"The take has {count} frames, counted from 0."
        raise ValidationFailedError([FieldProblem("/last_frame" if last > first else "/frame", detail)])
