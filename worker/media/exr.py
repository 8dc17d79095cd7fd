"""EXR frames: half float, ACES chromaticities, and what a conform reads: rate, timecode, reel, counter."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenEXR

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from worker.media import kernels
from worker.media.kernels import Half, Picture

AP0: Final = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
"""x and y of red, green, blue and white, by SMPTE ST 2065-1."""
DWA_LEVEL: Final = 45.0
"""How much DWA may lose: a number of OpenEXR's own."""
_AP1: Final = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


class ExrCompression(StrEnum):
    """PIZ is the lossless default; DWA is lossy, at level 45, which OpenEXR's authors call visually lossless.

    HTJ2K is lossless too, smaller than PIZ and a quarter to a third faster both ways, but few hosts read it
    yet: it is for frames that only we read.
    """

    ZIPS = "zips"
    ZIP = "zip"
    PIZ = "piz"
    DWAA = "dwaa"
    DWAB = "dwab"
    HTJ2K = "htj2k"


_COMPRESSIONS: Final[Mapping[ExrCompression, Any]] = {
    ExrCompression.ZIPS: OpenEXR.ZIPS_COMPRESSION,
    ExrCompression.ZIP: OpenEXR.ZIP_COMPRESSION,
    ExrCompression.PIZ: OpenEXR.PIZ_COMPRESSION,
    ExrCompression.DWAA: OpenEXR.DWAA_COMPRESSION,
    ExrCompression.DWAB: OpenEXR.DWAB_COMPRESSION,
    ExrCompression.HTJ2K: OpenEXR.HTJ2K256_COMPRESSION,
}


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What a frame says about itself; `attributes` are strings, as EXR loses integers past 31 bits."""

    frame_rate: Fraction
    timecode: Timecode | None = None
    reel: str = ""
    image_counter: int | None = None
    owner: str = ""
    comments: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def write_exr(
    path: Path,
    picture: Picture | Half,
    *,
    space: ColourSpace,
    header: FrameHeader,
    compression: ExrCompression = ExrCompression.PIZ,
) -> None:
    """Write an ACEScg picture as half float in `space`; halves in ACEScg are stored as they are."""
    pixels = exr_pixels(picture, space=space)
    with _opened(pixels, space=space, header=header, compression=compression) as file:
        file.write(str(path))


def encode_exr(
    picture: Picture | Half,
    *,
    space: ColourSpace,
    header: FrameHeader,
    compression: ExrCompression = ExrCompression.PIZ,
    found_in: ColourSpace = ColourSpace.ACESCG,
    is_spent: bool = False,
) -> bytes:
    """The same file in memory, for storage that takes bytes; the picture's space is `found_in`.

    One that is spent may be written over: nobody looks at it again.
    """
    stream = io.BytesIO()
    pixels = exr_pixels(picture, space=space, found_in=found_in, is_spent=is_spent)
    with _opened(pixels, space=space, header=header, compression=compression) as file:
        file.write(stream)
    return stream.getvalue()


def read_exr(source: Path | bytes) -> tuple[Picture, FrameHeader]:
    """Any of our frames as an ACEScg picture, with what it says about itself."""
    pixels, header, space = _read(source)
    picture = kernels.to_float(pixels)
    return (kernels.from_ap0(picture) if space is ColourSpace.ACES2065_1 else picture), header


def read_source_exr(
    source: Path | bytes, *, space: ColourSpace = ColourSpace.ACESCG
) -> tuple[Half, FrameHeader]:
    """A take's own source frame with no conversion at all."""
    pixels, header, found = _read(source)
    if found is not space:
        raise ValueError(f"The frame is {found}, not a source frame in {space}.")
    return pixels, header


def _opened(pixels: Half, *, space: ColourSpace, header: FrameHeader, compression: ExrCompression) -> Any:
    attributes = _attributes(header) | _colour(space)
    attributes["type"] = OpenEXR.scanlineimage
    attributes["compression"] = _COMPRESSIONS[compression]
    if compression in (ExrCompression.DWAA, ExrCompression.DWAB):
        attributes["dwaCompressionLevel"] = DWA_LEVEL
    return OpenEXR.File(attributes, {"RGB": np.ascontiguousarray(pixels)})


def exr_pixels(
    picture: Picture | Half,
    *,
    space: ColourSpace,
    found_in: ColourSpace = ColourSpace.ACESCG,
    is_spent: bool = False,
) -> Half:
    """A picture's light as frames hold it, in the place of a spent one; ValueError for a display's space."""
    if space is found_in:
        return kernels.to_half(picture)
    if found_in is ColourSpace.ACES2065_1:
        picture = kernels.from_ap0(kernels.to_float(picture))
    match space:
        case ColourSpace.ACES2065_1:
            return kernels.to_ap0_half(picture, is_spent=is_spent)
        case ColourSpace.ACESCG:
            return kernels.to_half(picture)
        case _:
            raise ValueError(f"EXR frames are scene-linear; {space} is a display space.")


def _colour(space: ColourSpace) -> dict[str, object]:
    """Primaries and interop id; the ACES container's flag is for uncompressed files, made elsewhere."""
    if space is ColourSpace.ACESCG:
        return {"chromaticities": _AP1, "colorInteropID": "lin_ap1_scene"}
    return {"chromaticities": AP0, "colorInteropID": "lin_ap0_scene"}


def _attributes(header: FrameHeader) -> dict[str, object]:
    found: dict[str, object] = dict(header.attributes)
    found["framesPerSecond"] = header.frame_rate
    texts = {"reelName": header.reel, "owner": header.owner, "comments": header.comments}
    found |= {name: text for name, text in texts.items() if text}
    if header.image_counter is not None:
        found["imageCounter"] = header.image_counter
    if header.timecode is not None:
        found |= _timecode(header.timecode)
    return found


def timecode_parts(timecode: Timecode) -> tuple[int, int, int, int, int] | None:
    """Hours, minutes, seconds, frame and field mark as frames store them; None where they cannot.

    ST 12-1 counts up to 30 frames a second; above, pairs share a number and the field mark parts them.
    """
    if timecode.rate.nominal > 60:
        return None  # the image counter still orders the frames
    hours, minutes, seconds, frame = (int(part) for part in str(timecode).replace(";", ":").split(":"))
    pair, mark = divmod(frame, 2) if timecode.rate.nominal > 30 else (frame, 0)
    return hours, minutes, seconds, pair, mark


def _timecode(timecode: Timecode) -> dict[str, object]:
    parts = timecode_parts(timecode)
    if parts is None:
        return {}
    *label, mark = parts
    flags_and_user_bits = [0, mark, *[0] * 11]
    return {"timeCode": OpenEXR.TimeCode(*label, int(timecode.drop), *flags_and_user_bits)}


def _read(source: Path | bytes) -> tuple[Half, FrameHeader, ColourSpace]:
    stream = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with OpenEXR.File(stream) as file:
            attributes = dict(file.header())
            pixels = {name: channel.pixels for name, channel in file.channels().items()}.get("RGB")
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"The frame is not a readable EXR: {error}") from error
    if pixels is None or pixels.dtype != np.float16:
        raise ValueError("The frame does not hold R, G and B in half float, as ours do.")
    return pixels, _header(attributes), _space(attributes)


def _space(attributes: Mapping[str, Any]) -> ColourSpace:
    if attributes.get("acesImageContainerFlag") == 1:
        return ColourSpace.ACES2065_1
    match attributes.get("colorInteropID"):
        case "lin_ap0_scene":
            return ColourSpace.ACES2065_1
        case "lin_ap1_scene":
            return ColourSpace.ACESCG
        case other:
            raise ValueError(f"The frame's colour is {other!r}; ours are lin_ap0_scene and lin_ap1_scene.")


def _header(attributes: Mapping[str, Any]) -> FrameHeader:
    if "framesPerSecond" not in attributes:
        raise ValueError("The frame does not say its rate (framesPerSecond).")
    rate = Fraction(attributes["framesPerSecond"])
    counter = attributes.get("imageCounter")
    return FrameHeader(
        frame_rate=rate,
        timecode=_read_timecode(attributes.get("timeCode"), rate=rate),
        reel=str(attributes.get("reelName", "")),
        image_counter=None if counter is None else int(counter),
        owner=str(attributes.get("owner", "")),
        comments=str(attributes.get("comments", "")),
        attributes={
            name: value for name, value in attributes.items() if ":" in name and isinstance(value, str)
        },
    )


def _read_timecode(stored: Any, *, rate: Fraction) -> Timecode | None:
    if stored is None:
        return None
    counted = FrameRate(rate)
    frame = stored.frame * 2 + stored.fieldPhase if counted.nominal > 30 else stored.frame
    mark = ";" if stored.dropFrame else ":"
    label = f"{stored.hours:02}:{stored.minutes:02}:{stored.seconds:02}{mark}{frame:02}"
    return Timecode.parse(label, rate=counted)
