"""What a review reads and answers, member by member."""

from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from plugin_backend.api.fields import Bounded, Choice, Figure, Flag, Strict, Whole, Words
from plugin_backend.api.shapes import count, maybe_text, moment, text
from plugin_backend.domain.review import MOST_STARS, Approval, Mark
from plugin_backend.services.reviewing.approvals import Answer
from plugin_backend.services.reviewing.comments import Said
from plugin_backend.services.reviewing.reviews import ReviewChanges

_LONGEST: Final = 4_000
_LATEST_FRAME: Final = 10**7


def _frame(**options: Any) -> Whole:
    about = "Counted from 0, in the take's own frames."
    return Whole(least=0, most=_LATEST_FRAME, metadata={"description": about}, **options)


def _point() -> Bounded:
    one = Figure(validate=validate.Range(0, 1, error="Give numbers from 0 to 1."))
    about = "Where in the picture: x and y, from the upper left corner."
    return Bounded(one, least=2, most=2, allow_none=True, metadata={"description": about})


class ReviewChangesSchema(Strict):
    mark = Choice(Mark)
    rating = Whole(least=0, most=MOST_STARS, allow_none=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give a mark or a rating.")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ReviewChanges:
        return ReviewChanges(**data, sets_rating="rating" in data)


class NewCommentSchema(Strict):
    words = Words(least=1, most=_LONGEST, required=True, data_key="text")
    first_frame = _frame(data_key="frame", allow_none=True)
    last_frame = _frame(allow_none=True)
    point = _point()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Said:
        return Said(**{**data, "point": _pair(data.get("point"))})


class CommentChangesSchema(Strict):
    words = Words(least=1, most=_LONGEST, data_key="text")
    first_frame = _frame(data_key="frame", allow_none=True)
    last_frame = _frame(allow_none=True)
    point = _point()
    resolved = Flag()

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give what to change.")
        if "last_frame" in data and "first_frame" not in data:
            raise ValidationError("A last frame needs a first one.", "frame")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        changes: dict[str, Any] = {name: data[name] for name in ("words", "resolved") if name in data}
        if "first_frame" in data:
            changes["frames"] = (data["first_frame"], data.get("last_frame"))
        return changes | ({"point": _pair(data["point"])} if "point" in data else {})


class NewApprovalSchema(Strict):
    status = Choice(Approval, required=True)
    label = Words(
        least=1, most=60, required=True, data_key="as", metadata={"description": "As what: `Director`."}
    )
    note = Words(most=_LONGEST, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Answer:
        return Answer(**data)


class ApprovalSchema(Schema):
    id = text()
    take_id = text()
    status = text(metadata={"enum": [each.value for each in Approval]})
    label = text(data_key="as", attribute="as")
    note = maybe_text()
    by = text()
    at = moment()
    stands = fields.Boolean(required=True)
    ended_at = moment(nullable=True)
    ended_by = maybe_text()


class CommentCountsSchema(Schema):
    open = count()
    resolved = count()


class ReviewSchema(Schema):
    take_id = text()
    generation_id = text()
    mark = text(metadata={"enum": [each.value for each in Mark]})
    picked_at = moment(nullable=True)
    rejected_at = moment(nullable=True)
    rating = count(nullable=True)
    approval = fields.Nested(ApprovalSchema, required=True, allow_none=True)
    comments = fields.Nested(CommentCountsSchema, required=True)
    updated_at = moment(nullable=True)
    updated_by = maybe_text()


class CommentSchema(Schema):
    id = text()
    take_id = text()
    by = text()
    text = fields.String(required=True)
    frame = count(nullable=True)
    last_frame = count(nullable=True)
    point = fields.List(fields.Float(), required=True, allow_none=True)
    resolved = fields.Boolean(required=True)
    resolved_at = moment(nullable=True)
    resolved_by = maybe_text()
    created_at = moment()
    updated_at = moment()


def _pair(given: list[float] | None) -> tuple[float, float] | None:
    return None if given is None else (given[0], given[1])
