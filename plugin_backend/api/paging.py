"""Lists in pages: `?limit=&cursor=` to `items` and `next_cursor`. A cursor is opaque and signed."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema, fields

from plugin_backend.api.answers import Json
from plugin_backend.api.asked import settings
from plugin_backend.api.fields import ListOfWords, QueryWhole, Strict, Words
from plugin_backend.api.tables import TableAnswer
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError

T = TypeVar("T")

_PURPOSE: Final = b"plugin-backend list cursor v1"
_TAG_BYTES: Final = 12
DEFAULT_LIMIT: Final = 50
MOST_ITEMS: Final = 100


class PageQuery(Strict):
    """How much of a list, and from where."""

    limit = QueryWhole(least=1, most=MOST_ITEMS, load_default=DEFAULT_LIMIT)
    cursor = Words(least=1, most=200)


class IdsQuery(PageQuery):
    """The same, for the items that are named."""

    ids = ListOfWords(most=100)


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(allow_none=True, required=True),
    }
    return Schema.from_dict(members, name=f"{item.__name__.removesuffix('Schema')}PageSchema")


def page(
    rows: Sequence[T], *, limit: int, shown: Callable[[T], Json], place: Callable[[T], object]
) -> dict[str, Any]:
    """A page of rows that were read with `one_more`."""
    return {
        "items": [shown(row) for row in rows[:limit]],
        "next_cursor": _following(rows, limit=limit, place=place),
    }


def table(
    name: str, rows: Sequence[T], *, limit: int, shown: Callable[[T], Json], place: Callable[[T], object]
) -> TableAnswer:
    """The same page as CSV, which has no member for the cursor: a `Link` says where the next one is."""
    cursor = _following(rows, limit=limit, place=place)
    onward = None if cursor is None else f"{request.path}?{urlencode({**request.args, 'cursor': cursor})}"
    return TableAnswer(name, [shown(row) for row in rows[:limit]], onward=onward)


def one_more(query: Json) -> int:
    """How many rows to read: one beyond the page says that another follows."""
    limit: int = query["limit"]
    return limit + 1


def before(query: Json) -> str | None:
    """The place the caller's cursor names."""
    cursor = query.get("cursor")
    return None if cursor is None else unseal(cursor)


def before_number(query: Json) -> int | None:
    """The same, where places are numbers."""
    place = before(query)
    return None if place is None else int(place)


def seal(place: str) -> str:
    """A cursor for this list; another list, or another hand, cannot have made it."""
    tag = _tag(place, settings().secret_key)
    return urlsafe_b64encode(tag + place.encode()).rstrip(b"=").decode()


def unseal(cursor: str) -> str:
    """The place in a cursor; ValidationFailedError when it was not sealed here."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        tag, place = raw[:_TAG_BYTES], raw[_TAG_BYTES:].decode()
    except ValueError:
        tag, place = b"", ""
    secrets = (settings().secret_key, *settings().secret_key_previous)
    if not any(hmac.compare_digest(tag, _tag(place, secret)) for secret in secrets):
        raise ValidationFailedError([FieldProblem("/cursor", "Give a next_cursor of this list, unchanged.")])
    return place


def _following(rows: Sequence[T], *, limit: int, place: Callable[[T], object]) -> str | None:
    return seal(str(place(rows[limit - 1]))) if len(rows) > limit else None


def _tag(place: str, secret: str) -> bytes:
    message = _PURPOSE + f"\n{request.url_rule}\n{place}".encode()
    return hmac.digest(secret.encode(), message, "sha256")[:_TAG_BYTES]
