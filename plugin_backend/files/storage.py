"""Object storage: every byte of media, in a folder or a bucket, behind one set of verbs.

A missing key is `FileNotFoundError`; a key that is none is `InvalidKeyError`. Writes are atomic: a reader
sees the old file or the new one. Writing a key twice is writing it once.
"""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import Final, assert_never

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from plugin_backend.files.full_disk import no_room
from plugin_backend.files.keys import check_key
from plugin_backend.files.location import Bucket, Folder, S3Account, parse_location
from plugin_backend.files.media_types import media_type_of

_CHUNK_BYTES: Final = 1 << 20
_PART_BYTES: Final = 8 << 20  # S3 takes 10,000 parts, so files up to 80 GB
_PARTS_AT_ONCE: Final = 3  # a process holds a few parts, never the file
_KEYS_AT_ONCE: Final = 1_000  # what one S3 delete takes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """What is known of a file without reading it; `etag` is quoted, ready for a header."""

    key: str
    bytes: int
    etag: str
    modified_at: datetime
    media_type: str


class StorageUnavailableError(OSError):
    """The storage does not answer, or not to us."""


class StorageFullError(OSError):
    """The folder's disk, or our share of it, has no room for the file; nothing of it is kept."""


class Storage:
    """The files of the service, by key; `probe` is the same store without patience, for readiness."""

    def __init__(
        self, store: ObjectStore, *, folder: Path | None = None, probe: ObjectStore | None = None
    ) -> None:
        self._store = store
        self._folder = folder
        self._probe = probe or store

    @property
    def is_local(self) -> bool:
        """Whether the bytes lie in a folder, so that the web door serves them itself."""
        return self._folder is not None

    def check(self) -> None:
        """Raise StorageUnavailableError, within seconds, when the storage cannot be used."""
        if self._folder is not None:
            if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
                raise StorageUnavailableError(f"{self._folder} cannot be read and written.")
            return
        try:
            next(iter(obstore.list(self._probe, chunk_size=1)), None)
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(str(error).partition("\n\nDebug source")[0]) from error

    def put_bytes(self, key: str, data: bytes, *, content_type: str | None = None) -> None:
        """Keep these bytes."""
        self._put(key, data, content_type=content_type)

    def put_file(self, key: str, path: Path, *, content_type: str | None = None) -> None:
        """Keep a copy of a local file."""
        self._put(key, path, content_type=content_type)

    def put_stream(self, key: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        """Keep what comes, however long; when the source raises, nothing is kept."""
        self._put(key, iter(chunks), content_type=content_type)

    def get_bytes(self, key: str) -> bytes:
        """A whole file, for small ones."""
        if self._folder is not None:
            return self._path(self._folder, key).read_bytes()
        return bytes(obstore.get(self._store, check_key(key)).bytes())

    def readable(self, key: str) -> Path | bytes:
        """What a reader opens: the file where it lies in a folder, and nothing is copied; else its bytes."""
        return self.get_bytes(key) if self._folder is None else self._path(self._folder, key)

    def get_file(self, key: str, path: Path) -> None:
        """Copy a file to a local path, which appears whole or not at all."""
        local = None if self._folder is None else self._path(self._folder, key)
        chunks = self._stream(key) if local is None else ()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            try:
                for chunk in chunks:
                    part.write(chunk)
                if local is not None:
                    shutil.copyfile(local, part.name)
            except BaseException:
                Path(part.name).unlink()
                raise
        Path(part.name).replace(path)

    def _stream(self, key: str) -> Iterator[bytes]:
        """A missing key raises here, not on the first chunk."""
        result = obstore.get(self._store, check_key(key))
        return (bytes(chunk) for chunk in result.stream(min_chunk_size=_CHUNK_BYTES))

    def open_range(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Stream a stretch of a file; a missing key raises here, not on the first chunk."""
        check_key(key)
        if length == 0:
            self.head(key)
            return iter(())
        result = obstore.get(self._store, key, options={"range": (start, start + length)})
        return (bytes(chunk) for chunk in result.stream(min_chunk_size=_CHUNK_BYTES))

    def head(self, key: str) -> StoredFile:
        """What is known of a file; its media type is the one its name says."""
        return _stored(obstore.head(self._store, check_key(key)))

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        try:
            self.head(key)
        except FileNotFoundError:
            return False
        return True

    def list(self, prefix: str) -> tuple[StoredFile, ...]:
        """Every file below a folder of keys, in the order of their keys."""
        found = (meta for batch in obstore.list(self._store, check_key(prefix)) for meta in batch)
        return tuple(sorted((_stored(meta) for meta in found), key=lambda file: file.key))

    def page(self, folder: str, *, after: str = "", limit: int = _KEYS_AT_ONCE) -> tuple[StoredFile, ...]:
        """The next files below a folder of keys, in the order of their keys; `after` may be any text."""
        listed = obstore.list(self._store, check_key(folder), offset=after or None)
        found = (meta for batch in listed for meta in batch)
        if self.is_local:  # a folder is listed as it lies on its disk; a bucket is sorted
            first = nsmallest(limit, found, key=lambda meta: meta["path"])
        else:
            first = list(islice(found, limit))
        return tuple(_stored(meta) for meta in first)

    def size(self, prefix: str) -> int:
        """How many bytes lie below a folder of keys."""
        return sum(meta["size"] for batch in obstore.list(self._store, check_key(prefix)) for meta in batch)

    def folders(self) -> tuple[str, ...]:
        """The topmost folders there are."""
        return tuple(sorted(obstore.list_with_delimiter(self._store)["common_prefixes"]))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these files; those already gone are no error."""
        wanted = [check_key(key) for key in keys]
        for first in range(0, len(wanted), _KEYS_AT_ONCE):
            self._delete_batch(wanted[first : first + _KEYS_AT_ONCE])

    def delete_prefix(self, prefix: str, *, sparing: Collection[str] = ()) -> int:
        """Remove everything below a folder of keys but these; how many files that were."""
        keys = [file.key for file in self.list(prefix) if file.key not in sparing]
        self.delete(keys)
        return len(keys)

    def _path(self, folder: Path, key: str) -> Path:
        path = folder / check_key(key)
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {key}.")
        return path

    def _put(self, key: str, source: bytes | Path | Iterator[bytes], *, content_type: str | None) -> None:
        check_key(key)
        attributes = {"Content-Type": content_type or media_type_of(key)}
        try:
            obstore.put(
                self._store,
                key,
                source,
                attributes=None if self.is_local else attributes,  # a folder keeps none; names tell it all
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
                use_multipart=False if self.is_local and isinstance(source, bytes) else None,
            )
        except BaseError as error:
            if self.is_local and (number := no_room(error)) is not None:
                raise StorageFullError(number, os.strerror(number)) from error
            raise

    def _delete_batch(self, keys: Sequence[str]) -> None:
        if not self.is_local:
            obstore.delete(self._store, keys)  # S3 does not mind a missing key
            return
        for key in keys:
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                continue


def open_storage(url: str, *, account: S3Account | None = None) -> Storage:
    """The storage a URL names (`location.parse_location` says how); a folder is made when it is not there."""
    location = parse_location(url, account=account)
    match location:
        case Folder(path):
            return Storage(LocalStore(path, mkdir=True, automatic_cleanup=True), folder=path)
        case Bucket():
            patience, haste = timedelta(seconds=60), timedelta(seconds=3)
            store, probe = (_bucket_store(location, retry_for=time) for time in (patience, haste))
            return Storage(store, probe=probe)
        case _:
            assert_never(location)


def _bucket_store(bucket: Bucket, *, retry_for: timedelta) -> S3Store:
    """Every setting is given: the library would otherwise read the environment behind our back."""
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        endpoint=bucket.origin,
        virtual_hosted_style_request=not bucket.in_path,
        access_key_id=bucket.account.access_key_id,
        secret_access_key=bucket.account.secret_access_key,
        client_options={
            "allow_http": True,  # a store inside the same private network may speak plain HTTP
            "connect_timeout": timedelta(seconds=5),
            "read_timeout": timedelta(seconds=30),
            "timeout": timedelta(hours=2),  # a whole transfer, however large the master
        },
        retry_config={"max_retries": 5, "retry_timeout": retry_for},
    )


def _stored(meta: "obstore.ObjectMeta") -> StoredFile:  # the library names this type in its stubs only
    etag = meta["e_tag"] or f"{meta['size']:x}-{meta['last_modified'].timestamp():.6f}"
    return StoredFile(
        key=meta["path"],
        bytes=meta["size"],
        etag=etag if etag.endswith('"') else f'"{etag}"',
        modified_at=meta["last_modified"],
        media_type=media_type_of(meta["path"]),
    )
