"""Video samples as a movie codes them, into display-encoded RGB and into another layout of samples.

The way to RGB is a compiled loop, exact to a rounding; chroma is left-sited, as H.264, HEVC and ProRes have
it. The way to another layout never leaves the samples: luma only changes its number of bits.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.media.kernels import Rgb16, compiled, inlined

Samples = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Planes:
    """One frame's samples; rows may be longer than the picture is wide."""

    y: Samples
    u: Samples
    v: Samples
    width: int
    height: int
    depth: int
    halved_across: bool
    halved_down: bool
    full_range: bool
    luma_weights: tuple[float, float]  # of red and blue; green has the rest

    @property
    def chroma_size(self) -> tuple[int, int]:
        """Columns and rows of the colour planes; an odd last column or row has a sample of its own."""
        across = (self.width + 1) // 2 if self.halved_across else self.width
        down = (self.height + 1) // 2 if self.halved_down else self.height
        return across, down


def to_rgb16(planes: Planes) -> Rgb16:
    """Display-encoded RGB; what lies outside its cube (coded footroom, headroom) stops at its faces."""
    out = np.empty((planes.height, planes.width, 3), dtype=np.uint16)
    _to_rgb16(
        (planes.y, planes.u, planes.v),
        (planes.halved_across, planes.halved_down),
        np.array(_scales(planes), dtype=np.float32),
        np.array(planes.luma_weights, dtype=np.float32),
        out.reshape(planes.height, -1),
    )
    return out


def laid(planes: Planes, *, left: int, top: int, width: int, height: int) -> Planes:
    """The same samples in a frame of this size, on black or cut off; offsets even where chroma is halved."""
    if (left, top, width, height) == (0, 0, planes.width, planes.height):
        return planes
    across, down = 1 + planes.halved_across, 1 + planes.halved_down
    if left % across or top % down:
        raise ValueError("Half a sample of colour has no place.")
    whole = replace(planes, width=width, height=height)
    unit = 1 << (planes.depth - 8)
    black = 0 if planes.full_range else 16 * unit
    seen = planes.y[: planes.height, : planes.width]
    columns, rows = planes.chroma_size
    wide, high = whole.chroma_size
    u, v = (
        _framed(plane[:rows, :columns], (left // across, top // down), (wide, high), empty=128 * unit)
        for plane in (planes.u, planes.v)
    )
    return replace(whole, y=_framed(seen, (left, top), (width, height), empty=black), u=u, v=v)


def relaid(planes: Planes, *, depth: int, halved_down: bool) -> tuple[Samples, Samples, Samples]:
    """The samples with chroma halved across, at another depth and perhaps halved down: 4:2:0 or 4:2:2.

    Only for limited range, whose codes scale by powers of two; full range goes by way of RGB.
    """
    if planes.full_range:
        raise ValueError("Full-range samples do not become limited ones by a shift.")
    across, down = planes.chroma_size
    if (depth, halved_down, True) == (planes.depth, planes.halved_down, planes.halved_across):
        return planes.y, planes.u, planes.v
    seen = planes.y[: planes.height, : planes.width]
    luma: Samples
    if depth >= planes.depth:
        luma = _at_depth(seen.astype(np.uint16), planes.depth, depth)
    else:  # rounding adds before it shifts
        luma = _at_depth(seen.astype(np.int32), planes.depth, depth)
    colours = []
    for plane in (planes.u, planes.v):
        # Sixteen times the sample: the filters are then exact in whole numbers, and rounding happens once.
        chroma = plane[:down, :across].astype(np.int32)
        chroma = chroma * 4 if planes.halved_across else _narrowed(chroma)
        chroma = _heightened(chroma, rows=planes.height, halved=planes.halved_down, wanted=halved_down)
        colours.append(_at_depth(chroma, planes.depth + 4, depth))
    return luma, colours[0], colours[1]


def _scales(planes: Planes) -> tuple[float, float, float, float]:
    """Black and reach of luma, middle and reach of chroma, in codes."""
    if planes.full_range:
        top = float((1 << planes.depth) - 1)
        return 0.0, top, float(1 << (planes.depth - 1)), top
    unit = float(1 << (planes.depth - 8))
    return 16 * unit, 219 * unit, 128 * unit, 224 * unit


def _framed(samples: Samples, offset: tuple[int, int], size: tuple[int, int], *, empty: int) -> Samples:
    """A plane at its place; a window of it is not copied."""
    (left, top), (width, height) = offset, size
    window: Samples = samples[max(0, -top) : max(0, -top) + height, max(0, -left) : max(0, -left) + width]
    if window.shape == (height, width):
        return window
    out: Samples = np.full((height, width), empty, dtype=samples.dtype)
    down, across = max(0, top), max(0, left)
    seen = window[: height - down, : width - across]
    out[down : down + seen.shape[0], across : across + seen.shape[1]] = seen
    return out


def _narrowed(chroma: NDArray[np.int32]) -> NDArray[np.int32]:
    """Every second column, filtered 1 2 1; four times the sample."""
    wide = np.pad(chroma, ((0, 0), (1, 1)), mode="edge")
    return wide[:, 0:-2:2] + 2 * wide[:, 1:-1:2] + wide[:, 2::2]


def _heightened(chroma: NDArray[np.int32], *, rows: int, halved: bool, wanted: bool) -> NDArray[np.int32]:
    """As many rows as wanted; four times the sample."""
    if halved == wanted:
        return chroma * 4
    if wanted:
        even = chroma[: rows // 2 * 2]
        pairs = 2 * (even[0::2] + even[1::2])
        return pairs if rows % 2 == 0 else np.concatenate([pairs, 4 * chroma[-1:]])
    above = np.concatenate([chroma[:1], chroma[:-1]])
    below = np.concatenate([chroma[1:], chroma[-1:]])
    out = np.empty((2 * chroma.shape[0], chroma.shape[1]), dtype=np.int32)
    out[0::2], out[1::2] = 3 * chroma + above, 3 * chroma + below
    return out[:rows]


def _at_depth(samples: NDArray[np.int32] | NDArray[np.uint16], found: int, wanted: int) -> Samples:
    """Shifted, rounding half up where bits are lost."""
    if wanted >= found:
        shifted = samples << (wanted - found)
    else:
        lost = found - wanted
        shifted = np.minimum((samples + (1 << (lost - 1))) >> lost, (1 << wanted) - 1)
    return shifted.astype(np.uint8) if wanted == 8 else shifted.astype(np.uint16)


@inlined
def _chroma_row(plane: Any, row: Any, halved: Any, small: Any, wide: Any) -> None:
    """A row's colour samples, one for each of luma: 4:2:0 has them between two rows, on even columns."""
    columns = (wide.size + 1) >> 1 if halved[0] else wide.size
    near = row >> 1 if halved[1] else row
    far = near
    if halved[1]:
        far = min(near + 1, plane.shape[0] - 1) if row & 1 else max(near - 1, 0)
    for i in range(columns):
        small[i] = np.float32(0.75) * np.float32(plane[near, i]) + np.float32(0.25) * np.float32(
            plane[far, i]
        )
    small[columns] = small[columns - 1]
    if not halved[0]:
        wide[:] = small[:columns]
        return
    for k in range(wide.size >> 1):
        wide[2 * k] = small[k]
        wide[2 * k + 1] = np.float32(0.5) * (small[k] + small[k + 1])
    if wide.size & 1:
        wide[wide.size - 1] = small[columns - 1]


@inlined
def _code(value: Any) -> Any:
    return np.uint16(min(max(value + np.float32(0.5), np.float32(0)), np.float32(65535)))


@compiled
def _to_rgb16(samples: Any, halved: Any, scales: Any, weights: Any, out: Any) -> None:
    y, u, v = samples
    kr, kb = weights[0], weights[1]
    to_green = np.float32(1) / (np.float32(1) - kr - kb)
    luma_scale, chroma_scale = np.float32(65535) / scales[1], np.float32(65535) / scales[3]
    to_red = np.float32(2) * (np.float32(1) - kr) * chroma_scale
    to_blue = np.float32(2) * (np.float32(1) - kb) * chroma_scale
    width = out.shape[1] // 3
    small = np.empty(width + 1, dtype=np.float32)
    blue = np.empty(width, dtype=np.float32)
    red = np.empty(width, dtype=np.float32)
    for j in range(out.shape[0]):
        _chroma_row(u, j, halved, small, blue)
        _chroma_row(v, j, halved, small, red)
        for i in range(width):
            value = (np.float32(y[j, i]) - scales[0]) * luma_scale
            r = value + (red[i] - scales[2]) * to_red
            b = value + (blue[i] - scales[2]) * to_blue
            out[j, 3 * i] = _code(r)
            out[j, 3 * i + 1] = _code((value - kr * r - kb * b) * to_green)
            out[j, 3 * i + 2] = _code(b)
