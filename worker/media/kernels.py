"""The pixel loops that must be exact and fast: half floats, ACES2065-1, luminance.

Compiled once per machine (numba keeps them beside the source) and single-threaded: each releases the GIL, so
callers run two frames in two threads instead.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from worker.media.lanes import HAS_HALVES, LANES, Lanes, in_lanes

Picture = NDArray[np.float32]  # height x width x 3, scene-linear ACEScg, 1.0 = diffuse white
Half = NDArray[np.float16]  # the same in half floats, as our EXR frames hold it
Rgb16 = NDArray[np.uint16]  # height x width x 3, display-encoded, 0..65535
Rgb8 = NDArray[np.uint8]  # height x width x 3, display-encoded, 0..255

# AP1 to AP0 (both D60), as the ACES specification S-2014-004 derives it.
ACESCG_TO_AP0: Final = np.array(
    [
        [0.6954522413574519, 0.1406786964702942, 0.1638690621722542],
        [0.0447945633720377, 0.8596711184564216, 0.0955343181715403],
        [-0.0055258825581135, 0.0040252103059787, 1.0015006722521343],
    ]
)
_AP1_LUMINANCE: Final = np.array([0.2722287168, 0.6740817658, 0.0536895174], dtype=np.float32)
_TO_AP0: Final = ACESCG_TO_AP0.astype(np.float32)
_FROM_AP0: Final = np.linalg.inv(ACESCG_TO_AP0).astype(np.float32)

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(cache=True, nogil=True, inline="never")
inlined: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(cache=True, nogil=True, inline="always")


def to_half(picture: Picture | Half) -> Half:
    """Round to nearest even; finite values past the half range stop at +-65504 instead of infinity."""
    if picture.dtype == np.float16:
        return np.asarray(picture, dtype=np.float16)
    source = np.ascontiguousarray(picture)
    out = np.empty(source.shape, dtype=np.uint16)
    _floats_to_half(source.reshape(-1), out.reshape(-1))
    return out.view(np.float16)


def to_float(picture: Picture | Half) -> Picture:
    """The same numbers in single precision (numpy converts halves one at a time)."""
    if picture.dtype == np.float32:
        return np.ascontiguousarray(picture, dtype=np.float32)
    source = np.ascontiguousarray(picture)
    out = np.empty(source.shape, dtype=np.float32)
    _halves_to_float(source.reshape(-1).view(np.uint16), out.reshape(-1))
    return out


def to_ap0_half(picture: Picture | Half, *, is_spent: bool = False) -> Half:
    """ACEScg to ACES2065-1, rounded once to half; halves that nobody needs any more are written over."""
    source = np.ascontiguousarray(picture)
    # The last sixteen pixels may overlap those before them: they would be converted twice.
    in_place = is_spent and source.dtype == np.float16 and source.size % (3 * LANES) == 0
    out = source.view(np.uint16) if in_place else np.empty(source.shape, dtype=np.uint16)
    rows = out.reshape(source.shape[0], -1)
    if source.dtype == np.float16 and source.size >= 3 * LANES and HAS_HALVES:
        _halves_matrixed(source.view(np.uint16).reshape(-1, 3), _TO_AP0, out.reshape(-1, 3))
    else:
        _matrixed_to_half(to_float(picture), _TO_AP0, rows)
    return out.view(np.float16)


def to_ap0(picture: Picture) -> Picture:
    """ACEScg to ACES2065-1."""
    return _matrixed(picture, _TO_AP0)


def from_ap0(picture: Picture) -> Picture:
    """ACES2065-1 to ACEScg."""
    return _matrixed(picture, _FROM_AP0)


def rgb16_to_rgb8(rgb: Rgb16 | Rgb8) -> Rgb8:
    """Round 16 bits to 8 (65535 / 255 = 257 exactly); 8 bits stay as they are."""
    if rgb.dtype == np.uint8:
        return np.asarray(rgb, dtype=np.uint8)
    out = np.empty(rgb.shape, dtype=np.uint8)
    _to_rgb8(np.ascontiguousarray(rgb).reshape(-1), out.reshape(-1))
    return out


def averaged(halves: Half, box: int) -> Picture:
    """The means of boxes of so many pixels a side, which fill the picture exactly."""
    source = np.ascontiguousarray(halves)
    out = np.zeros((source.shape[0] // box, source.shape[1] // box, 3), dtype=np.float32)
    _average_boxes(source.view(np.uint16), box, out)
    return out


def luminance_thumbnail(picture: Picture | Half, *, width: int = 160) -> tuple[NDArray[np.float32], float]:
    """Box-averaged luminance at about `width` across, and the brightest single pixel."""
    source = np.ascontiguousarray(picture)
    box = max(1, source.shape[1] // width)
    out = np.zeros((max(1, source.shape[0] // box), max(1, source.shape[1] // box)), dtype=np.float32)
    if source.dtype == np.float16 and source.shape[1] >= LANES and HAS_HALVES:
        peak = _half_luminance_boxes(source.view(np.uint16), box, _AP1_LUMINANCE, out)
    else:
        peak = _luminance_boxes(to_float(picture), box, _AP1_LUMINANCE, out)
    return out, float(peak)


def _matrixed(picture: Picture, matrix: NDArray[np.float32]) -> Picture:
    source = np.ascontiguousarray(picture, dtype=np.float32)
    out = np.empty(source.shape, dtype=np.float32)
    _apply_matrix(source, matrix, out.reshape(source.shape[0], -1))
    return out


@inlined
def _half_bits(value: Any) -> Any:
    """Half bits of a single, ties to even; uint32() after sums, or numba widens to 64 bits and crawls."""
    bits = np.float32(value).view(np.uint32)
    magnitude = bits & np.uint32(0x7FFFFFFF)
    odd = (magnitude >> np.uint32(13)) & np.uint32(1)
    normal = np.uint32(magnitude + np.uint32(0xC8000FFF) + odd) >> np.uint32(13)  # exponent - 112, then round
    # Below 2^-14 halves are multiples of 2^-24, which is what 0.5 leaves room for: the addition rounds.
    tiny = np.uint32(np.float32(abs(value) + np.float32(0.5)).view(np.uint32) - np.uint32(0x3F000000))
    finite = tiny if magnitude < np.uint32(0x38800000) else min(normal, np.uint32(0x7BFF))
    special = np.uint32(0x7C00) if magnitude == np.uint32(0x7F800000) else np.uint32(0x7E00)
    rounded = finite if magnitude < np.uint32(0x7F800000) else special
    return np.uint16((bits >> np.uint32(16)) & np.uint32(0x8000) | rounded)


@compiled
def _floats_to_half(source: Any, out: Any) -> None:
    for i in range(source.size):
        out[i] = _half_bits(source[i])


@inlined
def _single(half: Any) -> Any:
    """The single of half bits; halves below 2^-14 count in units of 2^-24."""
    magnitude = np.uint32(np.uint32(half) & np.uint32(0x7FFF))
    normal = np.uint32(np.uint32(magnitude << np.uint32(13)) + np.uint32(0x38000000))
    special = np.uint32(np.uint32(magnitude << np.uint32(13)) | np.uint32(0x7F800000))
    tiny = np.float32(np.float32(np.int32(magnitude)) * np.float32(2**-24)).view(np.uint32)
    bits = tiny if magnitude < np.uint32(0x0400) else normal
    bits = special if magnitude >= np.uint32(0x7C00) else bits
    sign = np.uint32(np.uint32(np.uint32(half) & np.uint32(0x8000)) << np.uint32(16))
    return np.uint32(bits | sign).view(np.float32)


@compiled
def _halves_to_float(source: Any, out: Any) -> None:
    for i in range(source.size):
        out[i] = _single(source[i])


@inlined
def _matrix_row(source: Any, m: Any, out: Any) -> None:
    for i in range(source.shape[0]):
        r, g, b = source[i, 0], source[i, 1], source[i, 2]
        out[3 * i] = m[0, 0] * r + m[0, 1] * g + m[0, 2] * b
        out[3 * i + 1] = m[1, 0] * r + m[1, 1] * g + m[1, 2] * b
        out[3 * i + 2] = m[2, 0] * r + m[2, 1] * g + m[2, 2] * b


@compiled
def _apply_matrix(source: Any, m: Any, out: Any) -> None:
    for j in range(source.shape[0]):
        _matrix_row(source[j], m, out[j])


@compiled
def _matrixed_to_half(source: Any, m: Any, out: Any) -> None:
    row = np.empty(source.shape[1] * 3, dtype=np.float32)
    for j in range(source.shape[0]):
        _matrix_row(source[j], m, row)
        for i in range(row.size):
            out[j, i] = _half_bits(row[i])


@in_lanes
def _sixteen_matrixed(lanes: Lanes, pixels: Any, m: Any, out: Any) -> None:
    light = [lanes.singles(each) for each in lanes.pixels(pixels)]
    rows = [[(lanes.spread(m, 3 * row + n), light[n]) for n in range(3)] for row in range(3)]
    lanes.keep_pixels([lanes.halves(lanes.total(row)) for row in rows], out)


@compiled
def _halves_matrixed(pixels: Any, m: Any, out: Any) -> None:
    """At least sixteen pixels."""
    source, matrix, made = pixels.ctypes.data, np.uint64(m.ctypes.data), np.uint64(out.ctypes.data)
    for start in range(0, pixels.shape[0], LANES):
        at = np.uint64(6) * np.uint64(min(start, pixels.shape[0] - LANES))
        _sixteen_matrixed(np.uint64(source) + at, matrix, made + at)


@inlined
def _row_to_float(source: Any, out: Any) -> None:
    for i in range(source.size):
        out[i] = _single(source[i])


@compiled
def _average_boxes(source: Any, box: Any, out: Any) -> None:
    line = np.empty((source.shape[1], 3), dtype=np.float32)
    for j in range(source.shape[0]):
        _row_to_float(source[j].reshape(-1), line.reshape(-1))
        sums = out[j // box]
        for i in range(line.shape[0]):
            for channel in range(3):
                sums[i // box, channel] += line[i, channel]
    out *= np.float32(1) / np.float32(box * box)


@inlined
def _add_row(line: Any, total: Any, most: Any) -> None:
    for i in range(line.size):
        total[i] += line[i]
        most[i] = max(most[i], line[i])


@inlined
def _add_across(total: Any, box: Any, out: Any) -> None:
    for k in range(out.size):
        for i in range(k * box, min((k + 1) * box, total.size)):
            out[k] += total[i]


@compiled
def _luminance_boxes(source: Any, box: Any, weights: Any, out: Any) -> Any:
    """Means, into `out`, which begins as zeros, summed down each box and then across; the brightest pixel."""
    width = source.shape[1]
    line, most = np.empty(width, dtype=np.float32), np.zeros(width, dtype=np.float32)
    for n in range(out.shape[0]):
        total = np.zeros(width, dtype=np.float32)
        for j in range(n * box, min((n + 1) * box, source.shape[0])):
            row = source[j]
            for i in range(width):
                line[i] = weights[0] * row[i, 0] + weights[1] * row[i, 1] + weights[2] * row[i, 2]
            _add_row(line, total, most)
        _add_across(total, box, out[n])
    out *= np.float32(1) / np.float32(box * box)
    return most[: min(out.shape[1] * box, width)].max()


@in_lanes
def _sixteen_luminances(lanes: Lanes, pixels: Any, weights: Any, out: Any) -> None:
    light = [lanes.singles(each) for each in lanes.pixels(pixels)]
    lanes.keep(lanes.total([(lanes.spread(weights, n), light[n]) for n in range(3)]), out)


@inlined
def _luminances(row: Any, weights: Any, out: Any) -> None:
    """Of a row of at least sixteen pixels."""
    source, factors, made = row.ctypes.data, np.uint64(weights.ctypes.data), np.uint64(out.ctypes.data)
    for start in range(0, out.size, LANES):
        at = np.uint64(min(start, out.size - LANES))
        _sixteen_luminances(np.uint64(source) + np.uint64(6) * at, factors, made + np.uint64(4) * at)


@compiled
def _half_luminance_boxes(source: Any, box: Any, weights: Any, out: Any) -> Any:
    """As `_luminance_boxes`, of at least sixteen pixels a row."""
    width = source.shape[1]
    line, most = np.empty(width, dtype=np.float32), np.zeros(width, dtype=np.float32)
    for n in range(out.shape[0]):
        total = np.zeros(width, dtype=np.float32)
        for j in range(n * box, min((n + 1) * box, source.shape[0])):
            _luminances(source[j], weights, line)
            _add_row(line, total, most)
        _add_across(total, box, out[n])
    out *= np.float32(1) / np.float32(box * box)
    return most[: min(out.shape[1] * box, width)].max()


@compiled
def _to_rgb8(source: Any, out: Any) -> None:
    for i in range(source.size):
        out[i] = (np.uint32(source[i]) * np.uint32(255) + np.uint32(32895)) >> np.uint32(16)
