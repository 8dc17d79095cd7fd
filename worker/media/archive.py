"""A delivery as one archive, streamed from storage to storage: memory and disk do not grow with it."""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from plugin_backend.files.storage import Storage
from worker.media.operations import OperationContext, OperationError
from worker.media.zip_stream import ZipEntry, ZipStream

_READ_AT_ONCE: Final = 8 << 20
_HELD: Final = 64 << 20  # up to this, a file is read once and held; a larger one is read twice


@dataclass(frozen=True, slots=True)
class _Member:
    """A stored file and what its delivery recorded of it."""

    name: str
    key: str
    bytes: int
    sha256: str | None
    """As it was recorded; None where nobody did, and the size has to do."""


def build_archive(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Write `files` (`name, key, bytes, sha256` each) as a zip to `key`; gives `key, bytes, sha256, files`.

    Every file is checked against its recorded checksum on the way, where it has one: an archive holds the
    bytes that its list names, or is not made.
    """
    members = [_Member(**{name: file[name] for name in _Member.__slots__}) for file in arguments["files"]]
    total = sum(member.bytes for member in members)
    written = _Written(on_bytes=lambda done: context.progress(min(done, total), total))
    chunks = written.counted(_archive(members, storage=context.storage, checked=written.checked))
    context.storage.put_stream(arguments["key"], _read_apart(chunks), content_type="application/zip")
    context.progress(total, total)
    return {
        "key": arguments["key"],
        "bytes": written.bytes,
        "sha256": written.digest.hexdigest(),
        "files": len(members),
    }


def _read_apart(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Read in a thread of its own, one ahead: storage asking for bytes to write cannot be read meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(next, chunks, None)
        while (chunk := upcoming.result()) is not None:
            upcoming = pool.submit(next, chunks, None)
            yield chunk


class _Written:
    """Counts and digests what goes out, and reports reading too: a first look at a large file is progress."""

    def __init__(self, on_bytes: Callable[[int], None]) -> None:
        self.bytes = 0
        self.digest = hashlib.sha256()
        self._looked_at = 0
        self._on_bytes = on_bytes

    def counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.bytes += len(chunk)
            self.digest.update(chunk)
            self._on_bytes((self.bytes + self._looked_at) // 2)
            yield chunk

    def checked(self, count: int) -> None:
        self._looked_at += count
        self._on_bytes((self.bytes + self._looked_at) // 2)


def _archive(members: list[_Member], *, storage: Storage, checked: Callable[[int], None]) -> Iterator[bytes]:
    archive = ZipStream()
    for member in members:
        held: list[bytes] = []
        crc32 = _check(member, storage=storage, held=held, checked=checked)
        chunks = iter(held) if member.bytes <= _HELD else _read(member, storage=storage)
        yield from archive.add(ZipEntry(member.name, member.bytes, crc32), chunks)
    yield from archive.close()


def _check(member: _Member, *, storage: Storage, held: list[bytes], checked: Callable[[int], None]) -> int:
    """Read a file through against what was recorded, keeping a small one; its CRC-32."""
    digest, crc32, size = hashlib.sha256(), 0, 0
    for chunk in _read(member, storage=storage):
        digest.update(chunk)
        crc32 = zlib.crc32(chunk, crc32)
        size += len(chunk)
        checked(len(chunk))
        if member.bytes <= _HELD:
            held.append(chunk)
    if size != member.bytes or member.sha256 not in (None, digest.hexdigest()):
        raise OperationError(
            "altered", f"{member.name} in storage is not the file that was delivered; deliver the take again."
        )
    return crc32


def _read(member: _Member, *, storage: Storage) -> Iterator[bytes]:
    for start in range(0, member.bytes, _READ_AT_ONCE):
        yield from storage.open_range(member.key, start, min(_READ_AT_ONCE, member.bytes - start))
