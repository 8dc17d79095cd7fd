"""HDR facts inside a movie: the SEI messages of HEVC and the sample entry's `mdcv` and `clli` boxes.

PyAV can neither set a packet's SEI nor a stream's side data; it does keep the boxes of a stream it copies. So
the boxes are put into a segment, whose index comes last and moves nothing, before segments are joined.
ITU-T H.265 D.2.28 and D.2.35 hold the messages, ISO/IEC 14496-12 the boxes.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from worker.media.hdr import HdrFacts, Mastering

_PREFIX_SEI: Final = 39
_MASTERING, _LIGHT_LEVEL = 137, 144
_PATH: Final = (b"mdia", b"minf", b"stbl", b"stsd")
_STSD_HEAD: Final = 16  # its own head, version and flags, and how many entries follow
_ENTRY_HEAD: Final = 86  # a picture's, before its boxes


def sei_unit(facts: HdrFacts) -> bytes:
    """A prefix SEI unit with its length before it, as MP4 holds HEVC: to stand first in a key frame."""
    volume, light = _volume(facts.mastering), _light(facts)
    payload = bytes((_MASTERING, len(volume))) + volume + bytes((_LIGHT_LEVEL, len(light))) + light
    unit = struct.pack(">H", _PREFIX_SEI << 9 | 1) + _escaped(payload + b"\x80")
    return struct.pack(">I", len(unit)) + unit


def put_boxes(path: Path, facts: HdrFacts) -> None:
    """Add the boxes to the picture's sample entry of a movie whose index comes last; ValueError elsewhere."""
    with path.open("r+b") as file:
        start = _last_box(file)
        moov = file.read()
        if moov[4:8] != b"moov":
            raise ValueError(f"The index of {path.name} does not come last.")
        file.seek(start)
        file.write(_extended(moov, facts))


def _last_box(file: BinaryIO) -> int:
    """Where the last box begins; the file is left standing there."""
    end = file.seek(0, os.SEEK_END)
    start = following = 0
    while following < end:
        start = file.seek(following)
        size, _ = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        if size < 8:
            raise ValueError("A box without an end.")
        following = start + size
    file.seek(start)
    return start


def _extended(moov: bytes, facts: HdrFacts) -> bytes:
    """The index with the boxes, every box around them as much longer."""
    boxes = _box(b"mdcv", _volume(facts.mastering)) + _box(b"clli", _light(facts))
    around = [0, *_around_entry(moov)]
    entry = around[-1]
    end = _end_of_boxes(moov, entry)
    made = bytearray(moov[:end] + boxes + moov[end:])
    for start in around:
        (held,) = struct.unpack_from(">I", made, start)
        struct.pack_into(">I", made, start, held + len(boxes))
    return bytes(made)


def _around_entry(moov: bytes) -> list[int]:
    """Where the boxes from the picture's track down to its sample entry begin."""
    for track in _children(moov, 8, len(moov), b"trak"):
        found, inside = [track], _size(moov, track)
        for name in _PATH:
            child = next(_children(moov, found[-1] + 8, found[-1] + inside, name), None)
            if child is None:
                break
            found.append(child)
            inside = _size(moov, child)
        else:
            if b"vmhd" in moov[found[2] : found[2] + _size(moov, found[2])]:
                return [*found, found[-1] + _STSD_HEAD]
    raise ValueError("The movie has no picture.")


def _end_of_boxes(moov: bytes, entry: int) -> int:
    """Behind the sample entry's last box: four zero bytes may follow (Avid's do), where readers stop."""
    end, at = entry + _size(moov, entry), entry + _ENTRY_HEAD
    while at + 8 <= end and _size(moov, at) >= 8:
        at += _size(moov, at)
    return at


def _children(data: bytes, start: int, end: int, name: bytes) -> Iterator[int]:
    while start + 8 <= end:
        if data[start + 4 : start + 8] == name:
            yield start
        start += max(8, _size(data, start))


def _size(data: bytes, start: int) -> int:
    size: int = struct.unpack_from(">I", data, start)[0]
    return size


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def _volume(mastering: Mastering) -> bytes:
    """Green, blue, red and white in steps of 0.00002, then luminances in steps of 0.0001 cd/m2."""
    red, green, blue = mastering.primaries
    points = [round(value * 50_000) for point in (green, blue, red, mastering.white) for value in point]
    most, least = round(mastering.max_luminance * 10_000), round(mastering.min_luminance * 10_000)
    return struct.pack(">8H2I", *points, most, least)


def _light(facts: HdrFacts) -> bytes:
    return struct.pack(">2H", facts.max_cll, facts.max_fall)


def _escaped(payload: bytes) -> bytes:
    """Two zero bytes are followed by no byte below four: a three stands between."""
    made, zeros = bytearray(), 0
    for byte in payload:
        if zeros == 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(made)
