"""A look as it is given to a project or storyboard, and as a generation wears it."""

from typing import Any

from marshmallow import Schema, fields, post_load

from plugin_backend.api.fields import Bounded, Choice, Identifier, Made, Words, given
from plugin_backend.domain.brief import ReferenceRole
from plugin_backend.domain.looks import (
    MAX_CHARACTERS,
    MAX_COLOURS,
    MAX_REFERENCES,
    MAX_WORDS,
    Look,
    LookReference,
)

_MANY = 1_000  # the domain says what is too many, with its own sentence


class LookReferenceSchema(Made):
    asset_id = Identifier(required=True)
    role = Choice(ReferenceRole, required=True)
    name = Words(most=MAX_CHARACTERS, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> LookReference:
        return LookReference(**given(data))


class LookSchema(Made):
    """What all shots share, beside the words of each brief."""

    references = Bounded(
        fields.Nested(LookReferenceSchema), most=_MANY, metadata={"maxItems": MAX_REFERENCES}
    )
    palette = Bounded(
        Words(most=_MANY, metadata={"pattern": "^#[0-9a-f]{6}$"}),
        most=_MANY,
        metadata={"maxItems": MAX_COLOURS},
    )
    style = Bounded(Words(most=_MANY), most=_MANY, metadata={"maxItems": MAX_WORDS})
    light = Bounded(Words(most=_MANY), most=_MANY, metadata={"maxItems": MAX_WORDS})
    exclusions = Bounded(
        Words(most=_MANY), most=_MANY, metadata={"maxItems": MAX_WORDS, "example": ["no lens flare"]}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Look:
        return Look(**{name: tuple(value) for name, value in given(data).items()})


class ShownReferenceSchema(Schema):
    asset_id = fields.String(required=True)
    role = fields.String(required=True, metadata={"enum": [role.value for role in ReferenceRole]})
    name = fields.String(required=True)


class ShownLookSchema(Schema):
    references = fields.List(fields.Nested(ShownReferenceSchema), required=True)
    palette = fields.List(fields.String(), required=True)
    style = fields.List(fields.String(), required=True)
    light = fields.List(fields.String(), required=True)
    exclusions = fields.List(fields.String(), required=True)


class WornLookSchema(ShownLookSchema):
    """The look of a generation; `notes` say what of it the shot goes without."""

    notes = fields.List(fields.String(), required=True)


def shown_look(look: Look) -> dict[str, Any]:
    """The look as it was given."""
    return {name: value for name, value in look.to_json().items() if name != "notes"}
