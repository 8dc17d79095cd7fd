"""Where the bytes are: a folder of this machine or a bucket that speaks S3, read from one URL."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

DEFAULT_REGION: Final = "us-east-1"


class StorageLocationError(ValueError):
    """The storage URL, or what goes with it, does not say where the bytes are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Account:
    """Who we are to an S3-speaking store, and which one when it is not Amazon's."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket, and the prefix in it that is ours; without an endpoint it is Amazon's."""

    name: str
    prefix: str
    region: str
    endpoint: str | None
    account: S3Account

    @property
    def origin(self) -> str:
        """Scheme and host of the bucket's URLs."""
        if self.endpoint is not None:
            return self.endpoint
        host = f"s3.{self.region}.amazonaws.com"
        return f"https://{host}" if self.in_path else f"https://{self.name}.{host}"

    def path(self, key: str) -> str:
        """The path of a key in the bucket's URLs."""
        parts = (self.name if self.in_path else "", self.prefix, key)
        return "/" + "/".join(part for part in parts if part)

    @property
    def in_path(self) -> bool:
        """Whether the path names the bucket: elsewhere, and where a dot breaks Amazon's certificate."""
        return self.endpoint is not None or "." in self.name


def parse_location(url: str, *, account: S3Account | None = None) -> Folder | Bucket:
    """Read `file:///folder` or `s3://bucket/prefix?endpoint=http://host:9000&region=eu-west-1`."""
    match urlsplit(url):
        case SplitResult(scheme="file", netloc="", path=path) if path.strip("/"):
            return Folder(Path(unquote(path)))
        case SplitResult(scheme="s3", netloc=name) as parts if name:
            return _bucket(parts, account=account)
        case _:
            raise StorageLocationError("Storage is s3://bucket/folder or file:///folder.")


def _bucket(parts: SplitResult, *, account: S3Account | None) -> Bucket:
    if account is None:
        # Links are signed with the key itself, so that they stay the same for an hour: a role will not do.
        raise StorageLocationError("S3 storage needs an access key id and a secret access key.")
    query = parse_qs(parts.query)
    endpoint = query.get("endpoint", [account.endpoint])[0]
    return Bucket(
        name=parts.netloc,
        prefix=unquote(parts.path).strip("/"),
        region=query.get("region", [account.region])[0] or DEFAULT_REGION,
        endpoint=endpoint.rstrip("/") if endpoint else None,
        account=account,
    )
