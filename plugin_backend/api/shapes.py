"""What answers look like, for the contract: `renderings.py` makes them, these describe them."""

from marshmallow import Schema, fields

from plugin_backend.api.clip_shapes import ClipSchema
from plugin_backend.api.looks import WornLookSchema
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.lifecycle import AssetState, DeliveryState, GenerationState, TakeState
from plugin_backend.domain.making.cancelling import Stage
from plugin_backend.domain.making.lateness import Reason
from plugin_backend.domain.making.promotion import Method


def text(**options: object) -> fields.String:
    """A text that is always there."""
    return fields.String(required=True, **options)  # type: ignore[arg-type]  # marshmallow checks them


def maybe_text() -> fields.String:
    """A text or null."""
    return fields.String(required=True, allow_none=True)


def moment(*, nullable: bool = False) -> fields.DateTime:
    """A time in UTC."""
    return fields.DateTime(required=True, allow_none=nullable)


def count(*, nullable: bool = False) -> fields.Integer:
    """A whole number."""
    return fields.Integer(required=True, allow_none=nullable)


def figure(*, nullable: bool = True) -> fields.Float:
    """A number, or null while it is not known."""
    return fields.Float(required=True, allow_none=nullable)


def one_of(words: type[GenerationState | TakeState | DeliveryState | AssetState | Kind]) -> fields.String:
    """A word of an enumeration."""
    return fields.String(required=True, metadata={"enum": [word.value for word in words]})


class FailureSchema(Schema):
    slug = text()
    detail = text()
    retryable = fields.Boolean(required=True)


class FailedCheckSchema(Schema):
    file = text()
    check = text()
    asked = text()
    found = text()


class DeliveryFailureSchema(FailureSchema):
    checks = fields.List(
        fields.Nested(FailedCheckSchema),
        metadata={"description": "Where finished files are not what was asked for; `files` has the report."},
    )


class LinkSchema(Schema):
    url = text()
    expires_at = moment()
    media_type = text()
    bytes = fields.Integer()
    sha256 = fields.String()


class TakeSchema(Schema):
    id = text()
    generation_id = text()
    number = count()
    iteration = count()
    state = one_of(TakeState)
    frame_rate = maybe_text()
    frame_count = count(nullable=True)
    width = count(nullable=True)
    height = count(nullable=True)
    dynamic_range = maybe_text()
    seed = count(nullable=True)
    score = figure()
    measures = fields.Dict(required=True)
    verdict = maybe_text()
    progress = figure()
    proxy = fields.Nested(LinkSchema, required=True, allow_none=True)
    poster = fields.Nested(LinkSchema, required=True, allow_none=True)
    contact_sheet = fields.Nested(LinkSchema, required=True, allow_none=True)
    label = text()
    picked = fields.Boolean(required=True)
    picked_at = moment(nullable=True)
    expires_at = fields.DateTime(
        allow_none=True, metadata={"description": "When its media goes; null: it stays until it is deleted."}
    )
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)


class CostSchema(Schema):
    credits_held = count()
    credits_settled = count(nullable=True)
    draft_units = count()
    draft_units_used = count(nullable=True)


class DeliverySummarySchema(Schema):
    id = text()
    take_id = maybe_text()
    host = text()
    master_format = maybe_text()
    state = one_of(DeliveryState)
    progress = figure()
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)
    applied_at = moment(nullable=True)


class PromotionSchema(Schema):
    """Of a ready draft: which take to promote, and where. Of a master: how it came from which draft."""

    take_id = fields.String()
    href = fields.String()
    quote_href = fields.String()
    method = fields.String(metadata={"enum": [method.value for method in Method]})
    draft_take_id = fields.String()
    draft_model = fields.String()
    similarity = fields.Float(allow_none=True)


class CancellationSchema(Schema):
    stage = text(metadata={"enum": [stage.value for stage in Stage]})
    charged = fields.Boolean(required=True, allow_none=True)
    credits_at_most = count()
    detail = text()


class LateSchema(Schema):
    """Why what was expected is not there yet; `since` is when it first was. `why` is a sentence to show."""

    since = moment()
    reason = text(metadata={"enum": [reason.value for reason in Reason]})
    why = text()


class PausedSchema(Schema):
    """It waits for `accept`, `stop` or `steer`; unanswered, the best take is accepted then."""

    since = moment()
    answer_by = moment()


class GenerationSchema(Schema):
    id = text()
    kind = one_of(Kind)
    state = one_of(GenerationState)
    brief = fields.Dict(required=True)
    label = maybe_text()
    project_id = maybe_text()
    owner_id = text()
    model = text()
    provider = text()
    created_at = moment()
    updated_at = moment()
    finished_at = moment(nullable=True)
    expires_at = moment(nullable=True)
    queue_position = count(nullable=True)
    progress = figure()
    cost = fields.Nested(CostSchema, required=True)
    takes = fields.List(fields.Nested(TakeSchema), required=True)
    iterations = count()
    max_iterations = count()
    deliveries = fields.List(fields.Nested(DeliverySummarySchema), required=True)
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)
    cancel_requested = fields.Boolean(required=True)
    from_take_id = maybe_text()
    expected_at = fields.DateTime()
    late = fields.Nested(LateSchema)
    paused = fields.Nested(PausedSchema)
    promotion = fields.Nested(PromotionSchema)
    retried_from = fields.String()
    batch_id = fields.String()
    recovered_from = fields.String()
    look = fields.Nested(WornLookSchema)
    cancellation = fields.Nested(CancellationSchema)


class FrameRunSchema(Schema):
    first = count()
    last = count()


class FrameSequenceSchema(Schema):
    pattern = text()
    first = count()
    last = count()
    count = count()
    runs = fields.List(fields.Nested(FrameRunSchema))
    frames_url = text()


class DeliveryFileSchema(Schema):
    role = text(metadata={"enum": ["master", "proxy", "poster", "timeline", "report", "provenance", "audio"]})
    name = text()
    media_type = text()
    bytes = count()
    sha256 = text()
    url = maybe_text()
    expires_at = moment(nullable=True)
    sequence = fields.Nested(FrameSequenceSchema, required=True, allow_none=True)


class FrameSchema(Schema):
    name = text()
    frame = count()
    bytes = count()
    sha256 = text()
    url = text()
    expires_at = moment()


class ArchiveSchema(Schema):
    state = text(metadata={"enum": ["building", "ready", "failed"]})
    name = fields.String()
    bytes = fields.Integer()
    sha256 = fields.String()
    files = fields.Integer(metadata={"description": "How many files are in it."})
    detail = fields.String(metadata={"description": "Why it could not be built."})
    url = maybe_text()
    expires_at = moment(nullable=True)


class DeliverySchema(Schema):
    id = text()
    take_id = maybe_text()
    storyboard_id = maybe_text()
    host = text()
    master_format = maybe_text()
    exr_profile = maybe_text()
    sequence = fields.Dict(required=True, allow_none=True)
    asked = fields.Dict(required=True, metadata={"description": "Everything that was asked for."})
    state = one_of(DeliveryState)
    failure = fields.Nested(DeliveryFailureSchema, required=True, allow_none=True)
    progress = figure()
    files = fields.List(fields.Nested(DeliveryFileSchema), required=True)
    clips = fields.List(fields.Nested(ClipSchema), required=True)
    archive = fields.Nested(ArchiveSchema, required=True, allow_none=True)
    created_at = moment()
    updated_at = moment()
    finished_at = moment(nullable=True)
    expires_at = moment(nullable=True)
    applied_at = moment(nullable=True)


class UploadSchema(Schema):
    method = text()
    url = text()
    headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    expires_at = moment()


class AttestationSchema(Schema):
    by = text()
    at = moment()


class AssetSchema(Schema):
    id = text()
    state = one_of(AssetState)
    kind = maybe_text()
    filename = maybe_text()
    media_type = maybe_text()
    bytes = count(nullable=True)
    width = count(nullable=True)
    height = count(nullable=True)
    duration_seconds = figure()
    problem = maybe_text()
    created_at = moment()
    updated_at = moment()
    rights_attested = fields.Nested(AttestationSchema, required=True, allow_none=True)
    url = maybe_text()
    expires_at = moment(nullable=True)
    upload = fields.Nested(UploadSchema)
