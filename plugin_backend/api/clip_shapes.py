"""What a host is told of each clip of a delivery, for the contract; `worker/bundles.py` makes it."""

from enum import StrEnum
from typing import Any

from marshmallow import Schema, fields

from plugin_backend.domain.delivering.delivery_formats import ExrProfile
from plugin_backend.domain.delivering.shapes import Shape


def _said(**options: object) -> fields.String:
    return fields.String(required=True, **options)  # type: ignore[arg-type]  # marshmallow checks them


def _tag(words: str) -> fields.Raw:
    told = {"type": ["integer", "string"], "description": f"A code point of H.273, or {words}."}
    return fields.Raw(required=True, metadata=told)


def _maybe(words: type[StrEnum]) -> fields.String:
    return fields.String(allow_none=True, metadata={"enum": [*(word.value for word in words), None]})


def _counted() -> fields.Integer:
    return fields.Integer(required=True)


def _point() -> fields.List[Any]:
    return fields.List(fields.Float(), required=True, metadata={"description": "x and y (CIE 1931)."})


class ColourSchema(Schema):
    """What a display's picture is tagged with, as the code points of H.273; of light and RGB in words."""

    primaries = _tag("AP0 or AP1")
    transfer = _tag("linear")
    matrix = _tag("rgb")
    range = _said(metadata={"enum": ["limited", "full"]})
    label = _said()


class PrimariesSchema(Schema):
    red = _point()
    green = _point()
    blue = _point()
    white = _point()


class MasteringSchema(Schema):
    """The smallest display that shows all of it, in cd/m2."""

    gamut = _said()
    primaries = fields.Nested(PrimariesSchema, required=True)
    max_luminance = fields.Float(required=True)
    min_luminance = fields.Float(required=True)


class HdrSchema(Schema):
    """Measured in what is delivered, in whole cd/m2 (CTA-861.3)."""

    max_cll = _counted()
    max_fall = _counted()
    mastering = fields.Nested(MasteringSchema, required=True)


class DecisionSchema(Schema):
    """One choice that was made on the way, and why."""

    about = _said()
    choice = _said()
    reason = _said()


class ClipSchema(Schema):
    """One movie, or one run of frames, as it is to lie on a timeline."""

    name = _said()
    file = fields.String(metadata={"description": "The movie, or the pattern of the frames, under `files`."})
    bin = _said()
    frame_rate = _said(metadata={"example": "24000/1001"})
    frame_count = _counted()
    start_timecode = _said(metadata={"example": "01:00:00:00"})
    reel = _said()
    colour = fields.Nested(ColourSchema, required=True)
    hdr = fields.Nested(HdrSchema, required=True, allow_none=True)
    bit_depth = fields.Integer(required=True, metadata={"description": "What the file holds, measured."})
    width = fields.Integer()
    height = fields.Integer()
    shape = _maybe(Shape)
    exr_profile = _maybe(ExrProfile)
    audio = fields.Boolean(metadata={"description": "Whether the file has sound."})
    upscaled = fields.Boolean(required=True)
    expanded = fields.Boolean(required=True)
    source = _said(metadata={"description": "What made the picture, such as `animatic`."})
    handles_frames = fields.Integer()
    decisions = fields.List(fields.Nested(DecisionSchema))
