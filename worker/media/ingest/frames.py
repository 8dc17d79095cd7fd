"""One EXR frame of a provider's: its header looked at before its pixels, its light in a space of ours.

Frames are kept rewritten: half floats in AP0 or AP1, over the display window, red, green and blue and nothing
else. Halves in AP0 or AP1 keep every bit.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenEXR

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.colour import linear_to_aces2065_1
from worker.media.ingest.bounds import check_size
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.kernels import Half, Picture

_CHANNELS: Final = ("R", "G", "B")
_NEARNESS: Final = 0.002  # how exactly primaries are written

_PRIMARIES: Final = {
    (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767): ColourSpace.ACES2065_1,
    (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767): ColourSpace.ACESCG,
}
# Linear light of other displays' primaries, by the name our colour configuration has for it.
_CONVERTED: Final = {
    (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.329): "Linear Rec.709 (sRGB)",
    (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329): "Linear P3-D65",
    (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329): "Linear Rec.2020",
}


@dataclass(frozen=True, slots=True)
class TakenFrame:
    """A frame as it is kept."""

    pixels: Half
    space: ColourSpace
    compression: str
    broken_values: int
    """Not numbers, or infinite: kept as black, or as the brightest half."""


def take_frame(path: Path, *, number: int, declared: ColourSpace) -> TakenFrame:
    """Read a frame; TakeRefusedError says what is wrong with it."""
    try:
        with OpenEXR.File(str(path), separate_channels=True, header_only=True) as file:
            header = dict(file.header())
        _check(header, number=number)
        with OpenEXR.File(str(path), separate_channels=True) as file:
            found = file.channels()
            channels = [np.asarray(found[name].pixels) for name in _CHANNELS]
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        detail = f"Frame {number} of what the provider sent is damaged or no EXR frame."
        raise TakeRefusedError(Refusal.DAMAGED, detail) from error
    light = _over_display_window(np.stack(channels, axis=-1), header)
    return _kept(light, header, declared=declared)


def _check(header: dict[str, Any], *, number: int) -> None:
    width, height = _extent(header["displayWindow"])
    check_size(width, height)
    check_size(*_extent(header["dataWindow"]))
    channels = {channel.name: channel for channel in header["channels"]}
    plain = all(
        name in channels and channels[name].xSampling == 1 and channels[name].ySampling == 1
        for name in _CHANNELS
    )
    kinds = (OpenEXR.scanlineimage, OpenEXR.tiledimage)
    if not plain or header["type"] not in kinds or len(channels) > 16:
        detail = f"Frame {number} of what the provider sent holds no plain red, green and blue."
        raise TakeRefusedError(Refusal.WRONG_TYPE, detail)


def _extent(window: Any) -> tuple[int, int]:
    low, high = window
    return int(high[0]) - int(low[0]) + 1, int(high[1]) - int(low[1]) + 1


def _over_display_window(pixels: Any, header: dict[str, Any]) -> Half | Picture:
    """Laid where it shows; a frame usually fills its display window exactly."""
    if pixels.dtype not in (np.float16, np.float32):
        raise TakeRefusedError(Refusal.WRONG_TYPE, "The provider's EXR frames hold whole numbers, not light.")
    display, data = header["displayWindow"], header["dataWindow"]
    if all(np.array_equal(display[side], data[side]) for side in (0, 1)):
        return np.ascontiguousarray(pixels)
    width, height = _extent(display)
    canvas = np.zeros((height, width, 3), dtype=pixels.dtype)
    left, top = (int(data[0][axis]) - int(display[0][axis]) for axis in (0, 1))
    shown = pixels[max(0, -top) : height - top, max(0, -left) : width - left]
    canvas[max(0, top) : max(0, top) + shown.shape[0], max(0, left) : max(0, left) + shown.shape[1]] = shown
    return canvas


def _kept(light: Half | Picture, header: dict[str, Any], *, declared: ColourSpace) -> TakenFrame:
    broken = _broken_values(light)
    if broken:
        np.nan_to_num(light, copy=False, nan=0.0, posinf=65504.0, neginf=0.0)
    compression = str(header["compression"]).rpartition(".")[2].partition("_COMPRESSION")[0].lower()
    name, space = _space(header, declared=declared)
    if name is not None:
        light = linear_to_aces2065_1(kernels.to_float(light), name=name)
    return TakenFrame(kernels.to_half(light), space, compression, broken)


def _broken_values(light: Half | Picture) -> int:
    if light.dtype == np.float16:  # by their bits: numpy asks halves one at a time
        bits = light.view(np.uint16) & np.uint16(0x7C00)
        return int(np.count_nonzero(bits == 0x7C00))
    return int(np.count_nonzero(~np.isfinite(light)))


def _space(header: dict[str, Any], *, declared: ColourSpace) -> tuple[str | None, ColourSpace]:
    """What the primaries say, as a space of ours, or as one to convert from; else what was declared."""
    if header.get("acesImageContainerFlag") == 1:
        return None, ColourSpace.ACES2065_1
    found = header.get("chromaticities")
    if found is None:
        return None, declared
    numbers = np.asarray(found, dtype=np.float64).reshape(-1)
    for primaries, space in _PRIMARIES.items():
        if np.allclose(numbers, primaries, atol=_NEARNESS):
            return None, space
    for primaries, name in _CONVERTED.items():
        if np.allclose(numbers, primaries, atol=_NEARNESS):
            return name, ColourSpace.ACES2065_1
    raise TakeRefusedError(Refusal.WRONG_TYPE, "The provider's EXR frames have primaries not read here.")
