"""What a delivery is asked for with: by itself, or beforehand, as the `deliver_to` of what is to be made."""

from typing import Any

from marshmallow import fields, post_load, validate

from plugin_backend.api.fields import (
    Bounded,
    Choice,
    Figure,
    Flag,
    Identifier,
    Made,
    SequenceField,
    Whole,
    given,
)
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host, TimelineFile
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.delivery_sound import GAIN_DB, LONGEST_OFFSET_SECONDS, Audio
from plugin_backend.domain.delivering.parts import MOST_FRAMES
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.delivering.shapes import Shape


class PositionSchema(Made):
    """Where the picture lies in the room that it leaves, or the window in the picture."""

    x = Figure(validate=validate.Range(0, 1, error="Give a number from 0 (left) to 1 (right)."))
    y = Figure(validate=validate.Range(0, 1, error="Give a number from 0 (top) to 1 (bottom)."))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Position:
        return Position(**data)


class DeliverToSchema(Made):
    """All of a delivery but its sequence, which stands beside it in the request."""

    host = Choice(Host, required=True)
    master_format = Choice(DeliveryFormat, allow_none=True)
    exr_profile = Choice(ExrProfile, allow_none=True)
    timeline = Bounded(Choice(TimelineFile), most=len(TimelineFile), allow_none=True)
    proxy = Flag(allow_none=True)
    retime = Choice(Retime)
    fit = Choice(Fit)
    position = fields.Nested(PositionSchema, allow_none=True)
    shapes = Bounded(Choice(Shape), least=1, most=len(Shape), allow_none=True)
    in_frame = Whole(least=0, allow_none=True)
    out_frame = Whole(least=0, allow_none=True)
    frames = Bounded(Whole(least=0), least=1, most=MOST_FRAMES, allow_none=True)
    audio = Choice(Audio)
    audio_asset_id = Identifier(allow_none=True)
    audio_offset_seconds = Figure(validate=validate.Range(-LONGEST_OFFSET_SECONDS, LONGEST_OFFSET_SECONDS))
    audio_gain_db = Figure(validate=validate.Range(*GAIN_DB))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> DeliveryRequest:
        for name in ("timeline", "shapes"):
            if data.get(name) is not None:
                data[name] = tuple(dict.fromkeys(data[name]))
        if data.get("frames") is not None:
            data["frames"] = tuple(data["frames"])
        return DeliveryRequest(**given(data))


class DeliveryRequestSchema(DeliverToSchema):
    host = Choice(Host)
    sequence = SequenceField(allow_none=True)
