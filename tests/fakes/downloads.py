"""Serving what was made: signed addresses that expire, ranges, a media type."""

import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from tests.fakes.answers import Answer, Request
from tests.fakes.clock import Clock

PREFIX = "/_media/"
_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(slots=True)
class Links:
    """Signed paths, as an object store makes them."""

    clock: Clock
    seconds: float
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def sign(self, path: str, *, seconds: float | None = None) -> str:
        """A path that serves for so long by the upstream's clock."""
        expires = int(self.clock.now() + self.clock.skew + (self.seconds if seconds is None else seconds))
        return f"{path}?Expires={expires}&Signature={self._signature(path, expires)}"

    def refusal(self, request: Request) -> Answer | None:
        """What an object store says to a wrong or late signature; None lets it in."""
        asked = parse_qs(request.target.partition("?")[2])
        expires, signature = asked.get("Expires", ["0"])[0], asked.get("Signature", [""])[0]
        if not expires.isdigit() or not hmac.compare_digest(
            signature, self._signature(request.path, int(expires))
        ):
            return forbidden("SignatureDoesNotMatch", "The signature does not match.")
        if self.clock.now() + self.clock.skew > int(expires):
            return expired()
        return None

    def _signature(self, path: str, expires: int) -> str:
        return hmac.new(self._secret, f"{path} {expires}".encode(), hashlib.sha256).hexdigest()


def forbidden(code: str, words: str) -> Answer:
    """A refusal in an object store's own shape."""
    page = f"<?xml version='1.0'?>\n<Error><Code>{code}</Code><Message>{words}</Message></Error>"
    return Answer(403, page.encode(), content_type="application/xml")


def expired() -> Answer:
    """What an address says after its time."""
    return forbidden("AccessDenied", "Request has expired")


def served(request: Request, path: Path, *, media_type: str) -> Answer:
    """The file, or the range of it that is asked for."""
    size = path.stat().st_size
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{path.stem}"'}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Answer(200, b"", headers, media_type, _read(path, 0, size), size)
    first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    if first > last:
        return Answer(416, b"", {"Content-Range": f"bytes */{size}"}, media_type)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    length = last - first + 1
    return Answer(206, b"", headers, media_type, _read(path, first, length), length)


async def _read(path: Path, first: int, length: int) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk
