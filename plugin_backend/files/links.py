"""Which links go with which storage."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from plugin_backend.files.location import Bucket, Folder, S3Account, parse_location
from plugin_backend.files.s3_urls import S3Presigner
from plugin_backend.files.urls import Link, LinkSigner, UploadLink, UrlSigner


class BucketLinks:
    """Reading goes through our own link, which answers HEAD and sends GET on to the bucket.

    A presigned address of a store is good for one method: handed out as it is, HEAD on it is refused.
    Writing goes straight to the bucket.
    """

    def __init__(self, ours: UrlSigner, store: S3Presigner) -> None:
        self._ours = ours
        self._store = store

    def download(self, key: str, *, now: datetime) -> Link:
        """A link to read a file, the same all hour."""
        return self._ours.download(key, now=now)

    def upload(self, key: str, *, size: int, content_type: str, now: datetime) -> UploadLink:
        """A link to write one file of exactly this size and type."""
        return self._store.upload(key, size=size, content_type=content_type, now=now)

    def check_download(self, key: str, query: Mapping[str, str], *, now: datetime) -> None:
        """Refuse a link that we did not make or that has expired."""
        self._ours.check_download(key, query, now=now)

    def onward(self, key: str, *, now: datetime) -> Link:
        """Where the bucket serves the bytes."""
        return self._store.download(key, now=now)


def open_links(
    url: str, *, base_url: str, secrets: Sequence[str], account: S3Account | None = None
) -> LinkSigner:
    """The signer for the storage a URL names; links to read lie below `base_url` for both kinds."""
    location = parse_location(url, account=account)
    match location:
        case Folder():
            return UrlSigner(secrets, base_url=base_url)
        case Bucket():
            return BucketLinks(UrlSigner(secrets, base_url=base_url), S3Presigner(location))
        case _:
            assert_never(location)
