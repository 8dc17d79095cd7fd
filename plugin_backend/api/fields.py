"""Marshmallow fields that take exactly what they say: no "5" for 5, no 5.0 for a count, no 1 for true."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from plugin_backend.domain.catalogue import either
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.seconds import seconds
from plugin_backend.domain.sequence import MAX_HANDLES, MAX_SIDE, MIN_SIDE, ColourSpace, Sequence

_LARGEST = 2**53  # beyond this, JSON readers disagree about a whole number


class Strict(Schema):
    """A schema whose members keep their order in the documentation."""

    error_messages = {  # noqa: RUF012 - marshmallow reads a plain dict here
        "unknown": "There is no such field.",
        "type": "Send an object.",
    }


class Changes(Strict):
    """What is to change, and perhaps why: each may be left out, and not all of them."""

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data.keys() - {"reason"}:
            raise ValidationError(f"Give {either([name for name in self.load_fields if name != 'reason'])}.")


class Made(Strict):
    """A schema that becomes one thing, member by member: no defaults, no other names, no hook but `make`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._required = {name for name, member in self.load_fields.items() if member.required}

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """What the members make."""
        raise AssertionError(f"{type(self).__name__} does not say what {sorted(data)} make")

    def load(self, data: Any, **options: Any) -> Any:
        """The usual way asks every field about every body; most bodies say little, and nothing wrong."""
        if type(data) is dict and not any(options.values()):
            try:
                return self.make(self._each(data))
            except ValidationError:
                pass  # the usual way finds every problem, and says where
        return super().load(data, **options)

    def _each(self, data: dict[str, Any]) -> dict[str, Any]:
        known = self.load_fields
        if not known.keys() >= data.keys() >= self._required:
            raise ValidationError("unknown or missing")
        return {name: known[name].deserialize(value, name, data) for name, value in data.items()}


class Whole(fields.Integer):
    """A whole number, written as one."""

    default_error_messages = {"invalid": "Give a whole number."}  # noqa: RUF012 - marshmallow's own way

    def __init__(self, *, least: int = -_LARGEST, most: int = _LARGEST, **options: Any) -> None:
        between = validate.Range(least, most, error=f"Give a whole number from {least:,} to {most:,}.")
        super().__init__(strict=True, validate=between, **options)


class QueryWhole(Whole):
    """A whole number in a query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(int(value), attr, data, **options)


class QueryFlag(fields.Boolean):
    """true or false in a query."""

    default_error_messages = {"invalid": "Give true or false."}  # noqa: RUF012 - marshmallow's own way

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        del attr, data, options
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return bool(value == "true")


class Moment(fields.AwareDateTime):
    """A time with its offset, as RFC 3339 writes it."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own way
        "invalid": "Give a time such as 2026-11-21T09:30:00Z.",
        "invalid_awareness": "Say the offset too: 2026-11-21T09:30:00Z.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)


class Bounded(fields.List[Any]):
    """A list of at most so many; a longer one is refused before its items are looked at."""

    def __init__(self, item: fields.Field[Any], *, most: int, least: int = 0, **options: Any) -> None:
        self._least, self._most = least, most
        super().__init__(item, validate=validate.Length(least, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("Give a list.")
        if not self._least <= len(value) <= self._most:
            raise ValidationError(f"Give {self._least} to {self._most:,} of these; here are {len(value):,}.")
        return super()._deserialize(value, attr, data, **options)


class Points(fields.Field[tuple[tuple[float, float], ...]]):
    """Where a stroke passes: pairs of x and y."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self._most = most
        pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        super().__init__(metadata={"type": "array", "items": pair, "maxItems": most}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        del attr, data, options
        if not isinstance(value, list) or len(value) > self._most:
            raise ValidationError(f"Give a list of at most {self._most} points.")
        wrong = {index: ["Give two numbers, x and y."] for index, each in enumerate(value) if not _pair(each)}
        if wrong:
            raise ValidationError(wrong)
        return tuple((float(x), float(y)) for x, y in value)


class Figure(fields.Float):
    """A number, written as one."""

    default_error_messages = {"invalid": "Give a number."}  # noqa: RUF012 - marshmallow's own way

    def _validated(self, value: Any) -> float:
        if not isinstance(value, (int, float)):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Seconds(Figure):
    """A time in seconds, kept exact."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        super()._deserialize(value, attr, data, **options)
        exact: Fraction = seconds(value)
        return exact


class Flag(fields.Boolean):
    """true or false, nothing that resembles them."""

    default_error_messages = {"invalid": "Give true or false."}  # noqa: RUF012 - marshmallow's own way

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        del attr, data, options
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Words(fields.String):
    """A text of bounded length."""

    default_error_messages = {"invalid": "Give a text."}  # noqa: RUF012 - marshmallow's own way

    def __init__(self, *, least: int = 0, most: int = 1_000, **options: Any) -> None:
        detail = f"Give {least:,} to {most:,} characters." if least else f"Give at most {most:,} characters."
        super().__init__(validate=validate.Length(least, most, error=detail), **options)


class Named(Words):
    """A name that people read: not only spaces."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        given = super()._deserialize(value, attr, data, **options)
        if given and not given.strip():
            raise ValidationError("Give more than spaces.")
        return given


class Choice(fields.String):
    """One of an enumeration's words; loads as its member."""

    def __init__(self, choices: type[StrEnum], **options: Any) -> None:
        self._choices = choices
        listed = ", ".join(choices)
        # OneOf is for the documentation; `_deserialize` has already refused anything else.
        super().__init__(
            validate=validate.OneOf([choice.value for choice in choices]),
            error_messages={"invalid": f"Use one of {listed}."},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        del attr, data, options
        try:
            return self._choices(value)
        except ValueError as error:
            raise self.make_error("invalid", input=value) from error


class Identifier(Words):
    """The id of something, as we gave it out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(least=1, most=64, **options)


class SequenceSchema(Strict):
    """The editor's sequence; the domain reads it, this describes it."""

    frame_rate = fields.Raw(
        metadata={"type": "string", "example": "24000/1001", "description": "A whole number or a fraction."}
    )
    width = fields.Raw(metadata={"type": "integer", "minimum": MIN_SIDE, "maximum": MAX_SIDE})
    height = fields.Raw(metadata={"type": "integer", "minimum": MIN_SIDE, "maximum": MAX_SIDE})
    colour_space = fields.Raw(metadata={"type": "string", "enum": [space.value for space in ColourSpace]})
    playhead_timecode = fields.Raw(metadata={"type": "string", "example": "01:00:00:00"})
    handles_frames = fields.Raw(metadata={"type": "integer", "minimum": 0, "maximum": MAX_HANDLES})


class SequenceField(fields.Nested):
    """A sequence, read by the domain: all its problems at once, in its own words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(SequenceSchema, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, *args: Any, **options: Any) -> Sequence:
        del attr, data, args, options
        if not isinstance(value, Mapping):
            raise ValidationError("Send an object.")
        try:
            return Sequence.from_json(value, pointer="")
        except ValidationFailedError as error:
            messages = {problem.pointer.removeprefix("/"): [problem.detail] for problem in error.problems}
            raise ValidationError(messages) from error


class ListOfWords(fields.Field[list[str]]):
    """Comma-separated words in a query: `?ids=a,b`."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self._most = most
        super().__init__(metadata={"type": "string", "description": f"Up to {most}, with commas."}, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> Any:
        del attr, data, options
        words = tuple(dict.fromkeys(word for word in str(value).split(",") if word))
        if not 1 <= len(words) <= self._most:
            raise ValidationError(f"Give 1 to {self._most} with commas between them.")
        return words


def given(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without the members that were sent as null: they mean the default."""
    return {name: value for name, value in data.items() if value is not None}


def _pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(each) for each in value)


def _is_number(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) <= _LARGEST)
