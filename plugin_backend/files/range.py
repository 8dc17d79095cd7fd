"""The Range header of RFC 9110: one range of bytes is honoured, anything else means the whole file."""

import re
from dataclasses import dataclass
from typing import Final

_SINGLE: Final = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})", re.IGNORECASE)


class RangeNotSatisfiableError(ValueError):
    """The range starts beyond the file; the answer is 416 with `content_range`."""

    def __init__(self, size: int) -> None:
        self.content_range = f"bytes */{size}"
        super().__init__(f"The file has {size} bytes; the range lies outside.")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A stretch of a file: where it starts, how long it is, and the size of the whole."""

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """The Content-Range header of a 206 answer."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def parse_range(header: str | None, *, size: int) -> ByteRange | None:
    """What a Range header asks of a file; None when it is absent, malformed or asks for several ranges."""
    match = _SINGLE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = match[1], match[2]
    if not first:
        return _suffix(int(last), size=size) if last else None
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None  # malformed, says the RFC, not unsatisfiable
    if start >= size:
        raise RangeNotSatisfiableError(size)
    return ByteRange(start, min(end, size - 1) - start + 1, size)


def range_applies(if_range: str | None, *, etag: str) -> bool:
    """Whether If-Range lets the Range count: only a strong match does; a date never matches an ETag."""
    return if_range is None or (if_range.strip() == etag and not etag.startswith("W/"))


def _suffix(length: int, *, size: int) -> ByteRange | None:
    if length == 0:
        raise RangeNotSatisfiableError(size)
    if size == 0:
        return None  # the last bytes of nothing: a Content-Range cannot say it, the whole file can
    length = min(length, size)
    return ByteRange(size - length, length, size)
