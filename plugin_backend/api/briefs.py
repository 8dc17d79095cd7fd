"""The generation request as it arrives: types here, limits in `domain/validation.py`, models as data."""

from typing import Any

from marshmallow import fields, post_load

from plugin_backend.api.delivery_requests import DeliverToSchema
from plugin_backend.api.fields import (
    Bounded,
    Choice,
    Figure,
    Flag,
    Identifier,
    Made,
    Points,
    Seconds,
    SequenceField,
    Whole,
    Words,
    given,
)
from plugin_backend.domain.annotations import (
    MAX_NOTE_CHARACTERS,
    MAX_POINTS,
    Annotation,
    AnnotationTarget,
    AnnotationTool,
)
from plugin_backend.domain.brief import (
    Brief,
    Direct,
    DynamicRange,
    GenerationRequest,
    Keyframe,
    Kind,
    LeftOut,
    Operation,
    Reference,
    ReferenceRole,
    Resolution,
    Route,
    Source,
)
from plugin_backend.domain.validation import (
    MAX_ANNOTATIONS,
    MAX_FALLBACK_MODELS,
    MAX_KEYFRAMES,
    MAX_LABEL_CHARACTERS,
    MAX_PROMPT_CHARACTERS,
    MAX_REFERENCES,
    MAX_TAKES,
)

_LONGEST_TEXT = 1 << 20  # the domain says what is too long, with its own sentence


class KeyframeSchema(Made):
    asset_id = Identifier(required=True)
    at_seconds = Seconds()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Keyframe:
        return Keyframe(**data)


class ReferenceSchema(Made):
    asset_id = Identifier(required=True)
    role = Choice(ReferenceRole, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Reference:
        return Reference(**data)


class AnnotationSchema(Made):
    tool = Choice(AnnotationTool, required=True)
    target = Choice(AnnotationTarget)
    points = Points(required=True, most=MAX_POINTS)
    from_seconds = Seconds()
    to_seconds = Seconds(allow_none=True)
    note = Words(most=MAX_NOTE_CHARACTERS)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Annotation:
        return Annotation(**given(data))


class SourceSchema(Made):
    take_id = Identifier(allow_none=True)
    asset_id = Identifier(allow_none=True)
    operation = Choice(Operation, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Source:
        return Source(**data)


class BriefSchema(Made):
    prompt = Words(
        most=_LONGEST_TEXT, metadata={"description": f"1 to {MAX_PROMPT_CHARACTERS:,} characters."}
    )
    model = Words(least=1, most=64, metadata={"description": "An id of GET /v1/models, or `auto`."})
    duration_seconds = Seconds()
    aspect_ratio = Words(least=1, most=16, metadata={"example": "16:9"})
    resolution = Choice(Resolution)
    dynamic_range = Choice(DynamicRange)
    exr = Flag(metadata={"description": "Ask the provider for native EXR."})
    loop = Flag()
    seed = Whole(allow_none=True)
    audio = Flag()
    keyframes = Bounded(fields.Nested(KeyframeSchema), most=MAX_KEYFRAMES)
    references = Bounded(fields.Nested(ReferenceSchema), most=MAX_REFERENCES)
    annotations = Bounded(fields.Nested(AnnotationSchema), most=MAX_ANNOTATIONS)
    source = fields.Nested(SourceSchema, allow_none=True)
    look = Flag(metadata={"description": "Whether it wears the look of its project: true unless said."})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Brief:
        for name in ("keyframes", "references", "annotations"):
            if name in data:
                data[name] = tuple(data[name])
        brief = given(data)
        return Brief(**brief, left_out=frozenset(each for each in LeftOut if each.value not in brief))


class DirectSchema(Made):
    max_iterations = Whole()
    accept_score = Figure()
    pause = Flag()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Direct:
        return Direct(**data)


class GenerationRequestSchema(Made):
    kind = Choice(Kind, required=True)
    brief = fields.Nested(BriefSchema, required=True)
    takes = Whole(metadata={"minimum": 1, "maximum": MAX_TAKES})
    direct = fields.Nested(DirectSchema, allow_none=True)
    max_credits = Whole(allow_none=True)
    sequence = SequenceField(allow_none=True)
    deliver_to = fields.Nested(DeliverToSchema, allow_none=True)
    project_id = Identifier(allow_none=True)
    label = Words(
        most=_LONGEST_TEXT,
        allow_none=True,
        metadata={"description": f"At most {MAX_LABEL_CHARACTERS} characters."},
    )
    route = Choice(Route, metadata={"description": "How `model: auto` chooses."})
    fallback_models = Bounded(Words(least=1, most=64), most=MAX_FALLBACK_MODELS)
    plan = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={
            "description": "A plan of POST /v1/plans, as you changed it; else it is read from the brief."
        },
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> GenerationRequest:
        data["fallback_models"] = tuple(data.get("fallback_models", ()))
        return GenerationRequest(**given(data))
