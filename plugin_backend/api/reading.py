"""Reads what callers send, strictly: every member once, only finite numbers, no null bytes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from flask import Request, g, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from plugin_backend.domain.errors import (
    FieldProblem,
    MalformedError,
    PayloadTooLargeError,
    UnsupportedMediaError,
    ValidationFailedError,
)

JSON_LIMIT = 1 << 20
_UNREAD = object()


class StrictParser(FlaskParser):
    """The request as plain data, or a refusal that names every field in the way."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, RAISE)

    def load_json(self, req: Request, schema: Any) -> Any:
        del schema
        return json_body(req)

    def load_querystring(self, req: Request, schema: Any) -> MultiDictProxy:
        _refuse_unstorable(req.args.to_dict())
        _refuse_repeated(req)
        found: MultiDictProxy = super().load_querystring(req, schema)
        return found

    def handle_error(self, error: Any, req: Any, schema: Any, **_: Any) -> NoReturn:
        del req, schema
        messages = next(iter(error.messages.values()))  # webargs files them under the location
        raise ValidationFailedError(tuple(field_problems(messages)))


def loaded(schema: Schema, *, required: bool = True) -> Any:
    """The current request's JSON through a schema."""
    try:
        return schema.load(json_body(request, required=required))
    except ValidationError as error:
        raise ValidationFailedError(tuple(field_problems(error.messages))) from error


def json_body(req: Request, *, required: bool = True) -> Any:
    """The body's JSON, read once per request."""
    found = g.get("json_body", _UNREAD)
    if found is _UNREAD:
        found = g.json_body = _read(req, required=required)
    return found


def field_problems(messages: Any, pointer: str = "") -> Iterator[FieldProblem]:
    """Marshmallow's nested messages as JSON pointers with sentences."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from field_problems(inner, pointer if name == "_schema" else f"{pointer}/{_escaped(name)}")
    elif isinstance(messages, Sequence) and not isinstance(messages, str):
        for message in messages:
            yield from field_problems(message, pointer)
    else:
        yield FieldProblem(pointer, str(messages))


def _refuse_repeated(req: Request) -> None:
    """Of two values one would go unread, and the answer would be to another question."""
    twice = [name for name, values in req.args.lists() if len(values) > 1]
    if twice:
        detail = "Give this once; several values have commas between them where they may."
        raise ValidationFailedError([FieldProblem(f"/{_escaped(name)}", detail) for name in twice])


def _read(req: Request, *, required: bool) -> Any:
    coding = req.headers.get("Content-Encoding", "identity")
    if coding.lower() != "identity":
        raise UnsupportedMediaError(f"Send the body as it is; Content-Encoding {coding} is not read here.")
    if req.mimetype not in ("", "application/json") and not req.mimetype.endswith("+json"):
        raise UnsupportedMediaError(f"Send application/json; {req.mimetype} is not read here.")
    raw = req.get_data(cache=False)
    if len(raw) >= JSON_LIMIT and req.content_length is None:  # sent in chunks, and cut off at the limit
        raise PayloadTooLargeError("JSON bodies go up to 1 MiB.")
    if not raw and not required:
        return {}
    body = _parsed(raw)
    if not isinstance(body, dict):
        raise MalformedError("The body is JSON, but not one object: begin with {.")
    # Both are rare, and rarer still by accident: the walk through the whole body is kept for them.
    if b"\\u0000" in raw or b"\\ud" in raw.lower():
        _refuse_unstorable(body)
    return body


def _parsed(raw: bytes) -> Any:
    try:
        return _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedError("The body is not UTF-8.") from error
    except RecursionError as error:
        raise MalformedError("The body is nested too deeply.") from error
    except ValueError as error:
        raise MalformedError(f"The body is not JSON: {error}.") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is named twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_no_constant, parse_float=_finite)


def _refuse_unstorable(body: Any) -> None:
    problems = tuple(_unstorable(body, ""))
    if problems:
        raise ValidationFailedError(problems)


def _unstorable(value: Any, pointer: str) -> Iterator[FieldProblem]:
    if isinstance(value, str):
        if "\0" in value:
            yield FieldProblem(pointer, "A text holds no null bytes.")
        elif not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            yield FieldProblem(pointer, "A text holds whole characters, not halves of surrogate pairs.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _unstorable(name, pointer)
            yield from _unstorable(inner, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unstorable(inner, f"{pointer}/{index}")


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
