"""A zip written front to back: stored, not deflated (media does not shrink), and equal for equal files.

Each entry's size and checksum are known before its bytes are written, and stand in front of them: every
reader opens the result, streaming ones too. Offsets past four gigabytes go into Zip64 records.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_DATE_TIME: Final = (0, 0x21)  # midnight of 1 January 1980, zip's first day: equal files, equal archives
_UTF8_NAMES: Final = 0x0800
_VERSION: Final = 45  # Zip64
_UNIX: Final = 3 << 8
_PERMISSIONS: Final = 0o100644 << 16
_MAX_32: Final = 0xFFFFFFFF
_MAX_16: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file, known before it is written."""

    name: str
    size: int
    crc32: int


class ZipStream:
    """Turns entries into the bytes of an archive; the caller passes each on before asking for the next."""

    def __init__(self) -> None:
        self._offset = 0
        self._entries: list[tuple[ZipEntry, int]] = []

    def add(self, entry: ZipEntry, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The entry's header and bytes; ValueError when they are not as many as promised."""
        header = _local_header(entry)
        start, written = self._offset, 0
        yield header
        for chunk in chunks:
            written += len(chunk)
            yield chunk
        if written != entry.size:
            raise ValueError(f"{entry.name} has {written} bytes, not {entry.size}.")
        self._entries.append((entry, start))
        self._offset = start + len(header) + written

    def close(self) -> Iterator[bytes]:
        """The table of contents, which ends the archive."""
        directory = b"".join(_directory_record(entry, offset) for entry, offset in self._entries)
        yield directory
        yield _end(count=len(self._entries), size=len(directory), offset=self._offset)


def _local_header(entry: ZipEntry) -> bytes:
    name = entry.name.encode()
    large = entry.size >= _MAX_32
    extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.size) if large else b""
    size = _MAX_32 if large else entry.size
    fixed = struct.pack(
        "<4s5H3I2H",
        b"PK\x03\x04",
        _VERSION,
        _UTF8_NAMES,
        0,
        *_DATE_TIME,
        entry.crc32,
        size,
        size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def _directory_record(entry: ZipEntry, offset: int) -> bytes:
    name = entry.name.encode()
    wide = [value for value in (entry.size, entry.size, offset) if value >= _MAX_32]
    extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size = min(entry.size, _MAX_32)
    fixed = struct.pack(
        "<4s6H3I5H2I",
        b"PK\x01\x02",
        _VERSION | _UNIX,
        _VERSION,
        _UTF8_NAMES,
        0,
        *_DATE_TIME,
        entry.crc32,
        size,
        size,
        len(name),
        len(extra),
        0,
        0,
        0,
        _PERMISSIONS,
        min(offset, _MAX_32),
    )
    return fixed + name + extra


def _end(*, count: int, size: int, offset: int) -> bytes:
    record = b""
    if count >= _MAX_16 or size >= _MAX_32 or offset >= _MAX_32:
        place = offset + size
        counts = (0, 0, count, count, size, offset)
        record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, _VERSION | _UNIX, _VERSION, *counts)
        record += struct.pack("<4sIQI", b"PK\x06\x07", 0, place, 1)
    short = (0, 0, min(count, _MAX_16), min(count, _MAX_16), min(size, _MAX_32), min(offset, _MAX_32), 0)
    return record + struct.pack("<4s4HIIH", b"PK\x05\x06", *short)
