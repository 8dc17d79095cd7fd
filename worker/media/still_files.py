"""Stills of 16 bits a channel for programs that edit pictures: PNG and TIFF, tagged with what they mean."""

import struct
import zlib
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from plugin_backend.domain.sequence import ColourSpace
from worker.media.colour import colour_tags
from worker.media.icc import icc_profile
from worker.media.kernels import Rgb16

_PNG_HEAD: Final = 33  # the signature and the first chunk
_FULL_RANGE: Final = 1
_SDR: Final = (ColourSpace.REC709, ColourSpace.P3_D65)

# TIFF 6.0's field types, with their sizes.
_SHORT, _LONG, _BYTES = 3, 4, 7
_DEFLATE: Final = 8
_CODES: Final = {_SHORT: "H", _LONG: "I"}
_INLINE: Final = 4


def encode_png16(rgb: Rgb16, *, space: ColourSpace) -> bytes:
    """A PNG with the code points of its space (`cICP`); in SDR with an ICC profile, known more widely."""
    made, data = cv2.imencode(".png", rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 4])
    assert made, "sixteen bits and three channels are what PNG takes"
    plain, tags = data.tobytes(), colour_tags(space)
    chunks = _chunk(b"cICP", bytes((tags.primaries, tags.transfer, 0, _FULL_RANGE)))
    if space in _SDR:
        chunks += _chunk(b"iCCP", b"ICC\0\0" + zlib.compress(icc_profile(space)))
    return plain[:_PNG_HEAD] + chunks + plain[_PNG_HEAD:]


def encode_tiff16(rgb: Rgb16, *, space: ColourSpace) -> bytes:
    """A TIFF in one compressed strip with its ICC profile; SDR only."""
    height, width = rgb.shape[:2]
    strip = zlib.compress(_differences(rgb).astype("<u2").tobytes(), 4)
    return _tiff(
        [
            (256, _LONG, [width]),
            (257, _LONG, [height]),
            (258, _SHORT, [16, 16, 16]),
            (259, _SHORT, [_DEFLATE]),
            (262, _SHORT, [2]),  # RGB
            (273, _LONG, strip),
            (274, _SHORT, [1]),  # the first row is the top
            (277, _SHORT, [3]),
            (278, _LONG, [height]),
            (279, _LONG, [len(strip)]),
            (284, _SHORT, [1]),  # channels side by side
            (317, _SHORT, [2]),  # each sample as its difference from the last
            (34675, _BYTES, icc_profile(space)),
        ]
    )


def _tiff(fields: Sequence[tuple[int, int, bytes | Sequence[int]]]) -> bytes:
    """A little-endian file of one directory; bytes and what takes more than four of them stand after it."""
    start = 8 + 2 + 12 * len(fields) + 4
    directory, data = struct.pack("<H", len(fields)), b""
    for tag, kind, value in fields:
        is_strip = isinstance(value, bytes) and kind == _LONG  # told by where it is
        body = value if isinstance(value, bytes) else struct.pack(f"<{len(value)}{_CODES[kind]}", *value)
        count = 1 if is_strip else len(value)
        if is_strip or len(body) > _INLINE:
            told = struct.pack("<I", start + len(data))
            data += body + bytes(len(body) % 2)
        else:
            told = body.ljust(_INLINE, b"\0")
        directory += struct.pack("<HHI", tag, kind, count) + told
    return struct.pack("<2sHI", b"II", 42, 8) + directory + bytes(4) + data


def _differences(rgb: Rgb16) -> Rgb16:
    """Each pixel's difference from its left neighbour, which compresses better."""
    out = rgb.copy()
    out[:, 1:] -= rgb[:, :-1]
    return np.asarray(out, dtype=np.uint16)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
