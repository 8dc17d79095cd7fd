"""Links to files of a local folder: signed with our secret, opened by the web door, no header needed.

A download link is the same for a clock hour, so that a cached answer stays the same, and lives two hours from
that hour's start. An upload link carries one file: its size and media type are part of the signature.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlencode

from plugin_backend.domain.errors import ForbiddenError, GoneError, MalformedError
from plugin_backend.files.keys import InvalidKeyError, check_key
from plugin_backend.files.media_types import check_media_type

DOWNLOAD_LIFETIME: Final = timedelta(hours=2)
UPLOAD_LIFETIME: Final = timedelta(hours=1)

# Keeps this use of the secret apart from every other.
_PURPOSE: Final = b"plugin-backend signed file link v1"


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that opens one file until it expires."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UploadLink:
    """Where and how to PUT one file; the headers are part of what was signed."""

    url: str
    headers: Mapping[str, str]
    expires_at: datetime
    method: str = "PUT"


class LinkSigner(Protocol):
    """What makes links: our own secret for a folder, the store's key for a bucket."""

    def download(self, key: str, *, now: datetime) -> Link:
        """A link to read a file, the same all hour."""
        ...

    def upload(self, key: str, *, size: int, content_type: str, now: datetime) -> UploadLink:
        """A link to write one file of exactly this size and type."""
        ...


class UrlSigner:
    """Signs with the first secret and accepts them all, so that one can be exchanged without broken links."""

    def __init__(self, secrets: Sequence[str], *, base_url: str) -> None:
        if not secrets or not all(secrets):
            raise ValueError("A signer needs a secret.")
        self._secrets = tuple(hmac.digest(secret.encode(), _PURPOSE, "sha256") for secret in secrets)
        self._base = base_url.rstrip("/")

    def download(self, key: str, *, now: datetime) -> Link:
        """A link to read a file, the same all hour."""
        expires_at = hour_of(now) + DOWNLOAD_LIFETIME
        expires = _epoch(expires_at)
        signature = self._sign(_reading(check_key(key), expires))
        return Link(self._url(key, {"expires": expires, "signature": signature}), expires_at)

    def upload(self, key: str, *, size: int, content_type: str, now: datetime) -> UploadLink:
        """A link to write one file of exactly this size and type."""
        check_media_type(content_type)
        expires_at = now.astimezone(UTC).replace(microsecond=0) + UPLOAD_LIFETIME
        expires = _epoch(expires_at)
        signature = self._sign(_writing(check_key(key), expires, size=str(size), content_type=content_type))
        query = {"expires": expires, "bytes": str(size), "type": content_type, "signature": signature}
        return UploadLink(self._url(key, query), {"Content-Type": content_type}, expires_at)

    def check_download(self, key: str, query: Mapping[str, str], *, now: datetime) -> None:
        """Let a GET or HEAD pass, or say why not."""
        expires = query.get("expires", "")
        self._check(_reading(_key(key), expires), query.get("signature", ""), expires=expires, now=now)

    def check_upload(
        self,
        key: str,
        query: Mapping[str, str],
        *,
        content_length: int | None,
        content_type: str | None,
        now: datetime,
    ) -> None:
        """Let a PUT pass whose headers are those that were signed, or say why not."""
        expires, size, kind = (query.get(name, "") for name in ("expires", "bytes", "type"))
        message = _writing(_key(key), expires, size=size, content_type=kind)
        self._check(message, query.get("signature", ""), expires=expires, now=now)
        if content_length is None or str(content_length) != size:
            raise MalformedError(f"This link takes a file of {size} bytes, said in Content-Length.")
        if content_type != kind:
            raise MalformedError(f"This link takes Content-Type {kind}.")

    def _url(self, key: str, query: Mapping[str, str]) -> str:
        return f"{self._base}/files/{key}?{urlencode(query)}"

    def _sign(self, message: bytes) -> str:
        return _signature(self._secrets[0], message)

    def _check(self, message: bytes, given: str, *, expires: str, now: datetime) -> None:
        # Every secret is tried, whichever fits, so that the time taken says nothing.
        fits = [hmac.compare_digest(_bytes(_signature(s, message)), _bytes(given)) for s in self._secrets]
        if not any(fits):
            raise ForbiddenError("This link is not one of ours; copy it whole, or ask for a fresh one.")
        if now.timestamp() >= int(expires):  # signed, so it is a number
            raise GoneError("This link has expired; read the resource again for a fresh one.")


def hour_of(now: datetime) -> datetime:
    """The start of the clock hour, in UTC."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _key(key: str) -> str:
    try:
        return check_key(key)
    except InvalidKeyError:
        raise ForbiddenError("This link is not one of ours.") from None


def _reading(key: str, expires: str) -> bytes:
    return _bytes(f"GET\n{key}\n{expires}")


def _writing(key: str, expires: str, *, size: str, content_type: str) -> bytes:
    return _bytes(f"PUT\n{key}\n{expires}\n{size}\n{content_type}")


def _signature(secret: bytes, message: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(secret, message, "sha256")).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a query may hold anything


def _epoch(moment: datetime) -> str:
    return str(int(moment.timestamp()))
