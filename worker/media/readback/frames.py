"""A delivered frame read back from its bytes: EXR by its header, PNG and TIFF by their own tags."""

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import OpenEXR

_AP0: Final = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
_AP1: Final = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
_CLOSE: Final = 1e-4
_PNG_HEAD: Final = 8
_PROFILE_NAME: Final = b"desc"
_TIFF_PROFILE: Final = 34675


@dataclass(frozen=True, slots=True)
class FrameFound:
    """What one frame's file says and holds."""

    width: int
    height: int
    bit_depth: int
    colour: str  # AP0, AP1, or the code points 9-16 of a display's; else what stands there
    frame_rate: Fraction | None = None
    timecode: str | None = None
    reel: str | None = None
    number: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    profile: str | None = None  # of an EXR: its compression, or that it calls itself an ACES container


def read_frame(name: str, source: Path | bytes) -> FrameFound:
    """A file or its bytes, by the name's ending; ValueError for what does not decode."""
    if name.endswith(".exr"):
        return _exr(name, source)
    return _still(name, source if isinstance(source, bytes) else source.read_bytes())


def _exr(name: str, source: Path | bytes) -> FrameFound:
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with OpenEXR.File(opened, separate_channels=True) as file:
            header = dict(file.header())
            depths = {channel.pixels.dtype.itemsize * 8 for channel in file.channels().values()}
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{name} is not a readable EXR: {error}") from error
    low, high = header["displayWindow"]
    rate, counter = header.get("framesPerSecond"), header.get("imageCounter")
    return FrameFound(
        width=int(high[0] - low[0] + 1),
        height=int(high[1] - low[1] + 1),
        bit_depth=min(depths),
        colour=_primaries(header.get("chromaticities")),
        frame_rate=None if rate is None else Fraction(rate),
        timecode=None if rate is None else _label(header.get("timeCode"), rate=Fraction(rate)),
        reel=header.get("reelName"),
        number=None if counter is None else int(counter),
        attributes=_attributes(header),
        profile=_profile(header),
    )


def _attributes(header: Mapping[str, Any]) -> dict[str, str]:
    """What it tells in words; an ACES container has no names of ours, but lines of its comments."""
    told = {key: value for key, value in header.items() if isinstance(value, str)}
    lines = told.get("comments", "").splitlines()
    return dict(line.split("=", 1) for line in lines if ":" in line.partition("=")[0] and "=" in line) | told


def _profile(header: Mapping[str, Any]) -> str:
    compression = header["compression"].name.removesuffix("_COMPRESSION").lower()
    is_container = compression == "no" and header.get("acesImageContainerFlag") == 1
    return "st2065-4" if is_container else str(compression)


def _primaries(found: Any) -> str:
    for label, wanted in (("AP0", _AP0), ("AP1", _AP1)):
        if found is not None and np.allclose(found, wanted, atol=_CLOSE):
            return label
    return "none" if found is None else "others"


def _label(stored: Any, *, rate: Fraction) -> str | None:
    """As an editor writes it: above 30 frames a second, pairs share a number that the field mark parts."""
    if stored is None:
        return None
    frame = stored.frame * 2 + stored.fieldPhase if rate > 30 else stored.frame
    mark = ";" if stored.dropFrame else ":"
    return f"{stored.hours:02}:{stored.minutes:02}:{stored.seconds:02}{mark}{frame:02}"


def _still(name: str, data: bytes) -> FrameFound:
    picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError(f"{name} is not a readable picture.")
    height, width = picture.shape[:2]
    return FrameFound(
        width=width,
        height=height,
        bit_depth=picture.dtype.itemsize * 8,
        colour=_png_colour(data) if name.endswith(".png") else _tiff_colour(data),
    )


def _png_colour(data: bytes) -> str:
    chunks = dict(_png_chunks(data))
    points = chunks.get(b"cICP")
    return "none" if points is None else f"{points[0]}-{points[1]}"


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _PNG_HEAD
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + min(size, 64)]
        at += 12 + size


def _tiff_colour(data: bytes) -> str:
    """Whether it has a profile; which one, its bytes say to those who read profiles."""
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    tags = {struct.unpack_from("<H", data, start + 2 + 12 * number)[0] for number in range(count)}
    return "ICC" if _TIFF_PROFILE in tags else "none"
