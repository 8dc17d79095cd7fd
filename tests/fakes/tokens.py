"""The client's own mark on a job: whatever of it the upstream gets to see."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.answers import Request

_TOKEN = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])")  # 256 bits, base64 as URLs take it
_FIELDS = ("callback_url", "webhook_url", "user_id")


def marks_of(request: Request, body: Mapping[str, Any]) -> dict[str, str]:
    """Where a client may leave a mark."""
    found = {name: str(body[name]) for name in _FIELDS if body.get(name)}
    if "x-request-id" in request.headers:
        found["x-request-id"] = request.headers["x-request-id"]
    return found


def token_in(marks: Mapping[str, str]) -> str | None:
    """The first thing that looks like an unguessable token; paths before queries, which hold signatures."""
    for mark in marks.values():
        if (found := _TOKEN.search(urlsplit(mark).path)) or (found := _TOKEN.search(mark)):
            return found[0]
    return None
