"""Links to files of a bucket: AWS Signature Version 4 in the query string.

Ours rather than the storage library's, which signs with the time of the call and no headers: here a download
link is signed as of the clock hour, so it stays the same for that hour; an upload link fixes size and type.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

from plugin_backend.files.keys import check_key
from plugin_backend.files.location import Bucket
from plugin_backend.files.media_types import check_media_type, disposition_of, media_type_of
from plugin_backend.files.urls import DOWNLOAD_LIFETIME, UPLOAD_LIFETIME, Link, UploadLink, hour_of

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class S3Presigner:
    """Makes links that the store itself opens."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def download(self, key: str, *, now: datetime) -> Link:
        """A link to read a file, the same all hour."""
        signed_at = hour_of(now)
        answer = {
            "response-content-disposition": disposition_of(key, pages=False),
            "response-content-type": media_type_of(key),
        }
        url = self.presign("GET", key, signed_at=signed_at, lifetime=DOWNLOAD_LIFETIME, answer=answer)
        return Link(url, signed_at + DOWNLOAD_LIFETIME)

    def upload(self, key: str, *, size: int, content_type: str, now: datetime) -> UploadLink:
        """A link to write one file of exactly this size and type."""
        signed_at = now.astimezone(UTC).replace(microsecond=0)
        headers = {"content-length": str(size), "content-type": check_media_type(content_type)}
        url = self.presign("PUT", key, signed_at=signed_at, lifetime=UPLOAD_LIFETIME, headers=headers)
        return UploadLink(url, {"Content-Type": content_type}, signed_at + UPLOAD_LIFETIME)

    def presign(
        self,
        method: str,
        key: str,
        *,
        signed_at: datetime,
        lifetime: timedelta,
        headers: Mapping[str, str] = MappingProxyType({}),
        answer: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """The URL for one method on one key, with these headers (lower-case names) bound into it.

        `answer` are headers that the store is to answer with, by the names it gives them in a query.
        """
        bucket, path = self._bucket, quote(self._bucket.path(check_key(key)), safe="/-_.~")
        signed = {"host": urlsplit(bucket.origin).netloc, **headers}
        stamp = signed_at.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{bucket.region}/s3/aws4_request"
        query = _query(
            {
                **answer,
                "X-Amz-Algorithm": _ALGORITHM,
                "X-Amz-Credential": f"{bucket.account.access_key_id}/{scope}",
                "X-Amz-Date": stamp,
                "X-Amz-Expires": str(int(lifetime.total_seconds())),
                "X-Amz-SignedHeaders": ";".join(sorted(signed)),
            }
        )
        request = _canonical_request(method, path, query, signed)
        to_sign = "\n".join((_ALGORITHM, stamp, scope, sha256(request.encode()).hexdigest()))
        signature = hmac.new(self._signing_key(scope), to_sign.encode(), "sha256").hexdigest()
        return f"{bucket.origin}{path}?{query}&X-Amz-Signature={signature}"

    def _signing_key(self, scope: str) -> bytes:
        key = f"AWS4{self._bucket.account.secret_access_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _canonical_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    lines = [f"{name}:{headers[name].strip()}" for name in sorted(headers)]
    names = ";".join(sorted(headers))
    return "\n".join((method, path, query, *lines, "", names, "UNSIGNED-PAYLOAD"))


def _query(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(parameters.items()))
