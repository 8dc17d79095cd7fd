"""What the samples of decoded frames hold: how many bits they have, and how many of those ever change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

_FEWEST_LEVELS: Final = 64  # of fewer different values, test cards and black, nothing can be told


@dataclass(frozen=True, slots=True)
class Depth:
    """Bits of the samples as they decode, and from the highest of those to the lowest that changes."""

    decoded: int
    used: int


def depth_of(planes: Iterable[NDArray[Any]], *, bits: int) -> Depth:
    """Of whole-numbered samples that have so many bits."""
    seen: set[int] = set()
    ever, always = 0, -1
    for plane in planes:
        ever |= int(np.bitwise_or.reduce(plane, axis=None))
        always &= int(np.bitwise_and.reduce(plane, axis=None))
        if len(seen) < _FEWEST_LEVELS:
            seen.update(np.unique(plane[::4]).tolist())
    changing = ever & ~always
    if len(seen) < _FEWEST_LEVELS or not changing:
        return Depth(bits, bits)
    lowest = (changing & -changing).bit_length() - 1
    return Depth(bits, bits - lowest)


def luma_of(frame: av.VideoFrame) -> NDArray[Any]:
    """A decoded frame's first plane, without its padding."""
    plane = frame.planes[0]
    wide = frame.format.components[0].bits > 8
    samples = np.frombuffer(memoryview(plane), dtype=np.uint16 if wide else np.uint8)
    stride = plane.line_size // samples.itemsize
    return samples[: stride * plane.height].reshape(plane.height, stride)[:, : plane.width]
