"""The ACES image container (SMPTE ST 2065-4): uncompressed scan lines of half floats in ACES2065-1.

It is the OpenEXR of version 1.6, narrowed: no compression, one set of channels, the attributes that it lists.
OpenEXR's own library adds its later ones, so these few bytes are written here. What other frames of ours tell
under names of their own stands in `comments`.
"""

import struct
from collections.abc import Iterable
from typing import Final

import numpy as np

from plugin_backend.domain.sequence import ColourSpace, Timecode
from worker.media.exr import AP0, FrameHeader, exr_pixels, timecode_parts
from worker.media.kernels import Half, Picture

_MAGIC, _VERSION = 20_000_630, 2
_UNCOMPRESSED, _RISING, _HALF = 0, 0, 1
_ROW_HEAD: Final = struct.calcsize("<ii")

Attribute = tuple[str, str, bytes]
"""Name, type and value of one attribute, as the header spells them."""


def encode_aces_container(
    picture: Picture | Half, *, header: FrameHeader, found_in: ColourSpace = ColourSpace.ACESCG
) -> bytes:
    """A frame of light, found in one of the scene spaces, as an ACES image container."""
    pixels = exr_pixels(picture, space=ColourSpace.ACES2065_1, found_in=found_in)
    height, width = pixels.shape[:2]
    attributes = sorted([*_required(width, height), *_told(header)])
    head = struct.pack("<II", _MAGIC, _VERSION) + b"".join(map(_attribute, attributes)) + b"\0"
    row_bytes = _ROW_HEAD + 6 * width
    offsets = len(head) + 8 * height + row_bytes * np.arange(height, dtype="<u8")
    return b"".join((head, offsets.tobytes(), _rows(pixels).tobytes()))


def _rows(pixels: Half) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Every row with its number and size before it; channels one after the other, by their names."""
    height, width = pixels.shape[:2]
    rows = np.empty(height, dtype=[("y", "<i4"), ("size", "<i4"), ("channels", "<f2", (3, width))])
    rows["y"], rows["size"] = np.arange(height), 6 * width
    for place, channel in enumerate((2, 1, 0)):  # B, G, R
        rows["channels"][:, place] = pixels[..., channel]
    return rows


def _required(width: int, height: int) -> Iterable[Attribute]:
    """What every container says; `adoptedNeutral` beside it, which is ACES' own white."""
    channels = b"".join(name + struct.pack("<xiB3xii", _HALF, 0, 1, 1) for name in (b"B", b"G", b"R"))
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    return (
        ("acesImageContainerFlag", "int", struct.pack("<i", 1)),
        ("adoptedNeutral", "v2f", struct.pack("<2f", *AP0[-2:])),
        ("channels", "chlist", channels + b"\0"),
        ("chromaticities", "chromaticities", struct.pack("<8f", *AP0)),
        ("compression", "compression", bytes([_UNCOMPRESSED])),
        ("dataWindow", "box2i", window),
        ("displayWindow", "box2i", window),
        ("lineOrder", "lineOrder", bytes([_RISING])),
        ("pixelAspectRatio", "float", struct.pack("<f", 1)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1)),
    )


def _told(header: FrameHeader) -> Iterable[Attribute]:
    rate = header.frame_rate
    yield "framesPerSecond", "rational", struct.pack("<iI", rate.numerator, rate.denominator)
    own = [f"{name}={value}" for name, value in header.attributes.items()]
    comments = "\n".join([*filter(None, [header.comments]), *own])
    for name, text in (("reelName", header.reel), ("owner", header.owner), ("comments", comments)):
        if text:
            yield name, "string", text.encode()
    if header.image_counter is not None:
        yield "imageCounter", "int", struct.pack("<i", header.image_counter)
    if header.timecode is not None and (stored := _timecode(header.timecode)):
        yield "timeCode", "timecode", stored


def _timecode(timecode: Timecode) -> bytes:
    """Two words: ST 12-1's digits and flags (drop-frame bit 6, field mark bit 15), and no user bits."""
    parts = timecode_parts(timecode)
    if parts is None:
        return b""
    *label, mark = parts
    hours, minutes, seconds, frame = (part // 10 << 4 | part % 10 for part in label)
    word = hours << 24 | minutes << 16 | mark << 15 | seconds << 8 | timecode.drop << 6 | frame
    return struct.pack("<II", word, 0)


def _attribute(attribute: Attribute) -> bytes:
    name, kind, value = attribute
    return f"{name}\0{kind}\0".encode() + struct.pack("<i", len(value)) + value
