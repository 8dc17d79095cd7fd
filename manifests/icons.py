"""The panel's icon, drawn: a frame with a playhead through it, light on dark themes, dark on light ones."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

LIGHT: Final = (0xDD, 0xDD, 0xDD)
DARK: Final = (0x33, 0x33, 0x33)
_FINE: Final = 4
"""Samples a pixel's side, for smooth edges."""


def icons(*, size: int, name: str) -> dict[str, bytes]:
    """Files by path for both themes, at one and two pixels a point: `icons/panel-dark@2x.png`."""
    themes = {"dark": LIGHT, "light": DARK}
    return {
        f"icons/{name}-{theme}@{scale}x.png": png(size * scale, ink)
        for theme, ink in themes.items()
        for scale in (1, 2)
    }


def png(size: int, ink: tuple[int, int, int]) -> bytes:
    """A square picture, the same bytes on every machine: nothing is compressed that could be in two ways."""
    rows = b"".join(b"\0" + bytes(_row(y, size, ink)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", _stored(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _row(y: int, size: int, ink: tuple[int, int, int]) -> Iterator[int]:
    for x in range(size):
        yield from ink
        yield _cover(x, y, size)


def _cover(x: int, y: int, size: int) -> int:
    """How much of a pixel is ink, 0 to 255."""
    step = 1 / (_FINE * size)
    inside = sum(
        _shape((x * _FINE + i + 0.5) * step, (y * _FINE + j + 0.5) * step)
        for i in range(_FINE)
        for j in range(_FINE)
    )
    return round(255 * inside / _FINE**2)


def _shape(x: float, y: float) -> bool:
    outside = _box(x, y, left=0.06, top=0.22, right=0.94, bottom=0.84)
    hollow = _box(x, y, left=0.15, top=0.31, right=0.85, bottom=0.75)
    line = abs(x - 0.5) < 0.045 and 0.1 < y < 0.94
    head = y < 0.24 and abs(x - 0.5) < 0.13 * (0.30 - y) / 0.2 and y > 0.06
    return (outside and not hollow) or line or head


def _box(x: float, y: float, *, left: float, top: float, right: float, bottom: float) -> bool:
    return left < x < right and top < y < bottom


def _stored(data: bytes) -> bytes:
    """A zlib stream that only wraps."""
    blocks = [data[at : at + 0xFFFF] for at in range(0, len(data), 0xFFFF)]
    body = b"".join(
        struct.pack("<BHH", index == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
        for index, block in enumerate(blocks)
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
