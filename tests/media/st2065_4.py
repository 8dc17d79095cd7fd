"""SMPTE ST 2065-4 written out: what an ACES image container may be, checked in its bytes alone."""

import struct
from collections.abc import Iterator, Mapping

Header = dict[str, tuple[str, bytes]]

MAGIC = 20_000_630
REQUIRED = {
    "acesImageContainerFlag": "int",
    "channels": "chlist",
    "chromaticities": "chromaticities",
    "compression": "compression",
    "dataWindow": "box2i",
    "displayWindow": "box2i",
    "lineOrder": "lineOrder",
    "pixelAspectRatio": "float",
    "screenWindowCenter": "v2f",
    "screenWindowWidth": "float",
}
OPTIONAL = {
    "adoptedNeutral": "v2f",
    "capDate": "string",
    "comments": "string",
    "framesPerSecond": "rational",
    "imageCounter": "int",
    "owner": "string",
    "reelName": "string",
    "timeCode": "timecode",
    "utcOffset": "float",
    "uuid": "string",
}
SIZES = {
    "int": 4,
    "float": 4,
    "v2f": 8,
    "rational": 8,
    "timecode": 8,
    "box2i": 16,
    "chromaticities": 32,
    "compression": 1,
    "lineOrder": 1,
}
PRIMARIES = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077)
NEUTRAL = (0.32168, 0.33767)
LONGEST_NAME = 31
LARGEST_HEADER = 1 << 20


def faults(data: bytes) -> list[str]:
    """What is wrong with a file, in words; nothing for a container."""
    if len(data) < 8 or struct.unpack_from("<I", data)[0] != MAGIC:
        return ["it does not begin as an EXR"]
    version = struct.unpack_from("<I", data, 4)[0]
    if version not in (2, 1026):
        return [f"its version is {version}: tiles, parts or deep pixels"]
    header, end = read_header(data)
    found = [*_attributes(header, long_names=version == 1026)]
    if found:
        return found
    found += [*_values(header)]
    if end > LARGEST_HEADER:
        found.append(f"its header takes {end} bytes")
    return [*found, *_rows(data, header, end)]


def read_header(data: bytes) -> tuple[Header, int]:
    """Every attribute's type and bytes by name, and where the table of rows begins."""
    header: Header = {}
    at = 8
    while data[at]:
        name, at = _word(data, at)
        kind, at = _word(data, at)
        size = struct.unpack_from("<i", data, at)[0]
        header[name] = (kind, data[at + 4 : at + 4 + size])
        at += 4 + size
    return header, at + 1


def _word(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(0, at)
    return data[at:end].decode("ascii"), end + 1


def _attributes(header: Mapping[str, tuple[str, bytes]], *, long_names: bool) -> Iterator[str]:
    for name in REQUIRED:
        if name not in header:
            yield f"{name} is missing"
    for name, (kind, value) in header.items():
        wanted = (REQUIRED | OPTIONAL).get(name)
        if wanted is None:
            yield f"{name} is none of its attributes"
        elif kind != wanted:
            yield f"{name} is a {kind}, not a {wanted}"
        elif len(value) != SIZES.get(kind, len(value)):
            yield f"{name} takes {len(value)} bytes"
        if len(name) > LONGEST_NAME and not long_names:
            yield f"{name} is too long a name for version 2"


def _values(header: Mapping[str, tuple[str, bytes]]) -> Iterator[str]:
    value = {name: each for name, (_, each) in header.items()}
    if struct.unpack("<i", value["acesImageContainerFlag"]) != (1,):
        yield "acesImageContainerFlag is not 1"
    if value["compression"] != b"\0":
        yield "it is compressed"
    if value["lineOrder"] not in (b"\0", b"\1"):
        yield "its rows neither rise nor fall"
    if value["chromaticities"] != struct.pack("<8f", *PRIMARIES, *NEUTRAL):
        yield "its chromaticities are not those of ST 2065-1"
    if "adoptedNeutral" in value and value["adoptedNeutral"] != struct.pack("<2f", *NEUTRAL):
        yield "its neutral is not that of ST 2065-1"
    if [*channels(value["channels"])] != [(name, 1, 0, 1, 1) for name in ("B", "G", "R")]:
        yield "its channels are not B, G and R in half floats"
    if not struct.unpack("<f", value["pixelAspectRatio"])[0] > 0:
        yield "its pixels have no shape"


def channels(value: bytes) -> Iterator[tuple[str, int, int, int, int]]:
    """Name, type (1: half), whether it is perceptually linear, and samplings, as they are listed."""
    at = 0
    while value[at]:
        name, at = _word(value, at)
        kind, linear, across, down = struct.unpack_from("<iB3xii", value, at)
        yield name, kind, linear, across, down
        at += 16


def _rows(data: bytes, header: Mapping[str, tuple[str, bytes]], table: int) -> Iterator[str]:
    left, top, right, bottom = struct.unpack("<4i", header["dataWindow"][1])
    width, height = right - left + 1, bottom - top + 1
    size = 8 + 6 * width
    first = table + 8 * height
    if len(data) != first + size * height:
        yield f"it has {len(data)} bytes, not {first + size * height}"
        return
    numbers = set()
    for offset in struct.unpack_from(f"<{height}Q", data, table):
        if (offset - first) % size or not first <= offset < len(data):
            yield f"a row is said to lie at {offset}"
            return
        number, told = struct.unpack_from("<ii", data, offset)
        numbers.add(number)
        if told != size - 8:
            yield f"row {number} says {told} bytes"
    if numbers != set(range(top, bottom + 1)):
        yield "a row is there twice or not at all"
