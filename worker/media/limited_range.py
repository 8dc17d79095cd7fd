"""Display-encoded RGB into video's limited-range YCbCr, straight into an encoder's planes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.media.kernels import Rgb16, compiled, inlined

Plane8 = NDArray[np.uint8]
Plane16 = NDArray[np.uint16]
PlaneOf = Plane8 | Plane16


def rgb16_to_yuv422p10(
    rgb: Rgb16, y: Plane16, u: Plane16, v: Plane16, *, luma_weights: tuple[float, float]
) -> None:
    """Fill 10-bit limited-range 4:2:2 planes; chroma is co-sited with even luma columns, filtered 1 2 1."""
    _to_422p10(np.ascontiguousarray(rgb), y, u, v, np.array(luma_weights, dtype=np.float32))


def rgb16_to_yuv420(
    rgb: Rgb16, y: PlaneOf, u: PlaneOf, v: PlaneOf, *, luma_weights: tuple[float, float], depth: int
) -> None:
    """Fill limited-range 4:2:0 planes of 8 to 16 bits; chroma is left-sited: 1 2 1 across, 1 1 down."""
    weights, unit = np.array(luma_weights, dtype=np.float32), np.float32(1 << (depth - 8))
    _to_420(np.ascontiguousarray(rgb), (y, u, v), weights, unit)


def rgb16_to_yuv444p10(
    rgb: Rgb16, y: Plane16, u: Plane16, v: Plane16, *, luma_weights: tuple[float, float]
) -> None:
    """Fill 10-bit limited-range 4:4:4 planes."""
    _to_444p10(np.ascontiguousarray(rgb), y, u, v, np.array(luma_weights, dtype=np.float32))


@inlined
def _split_row(row: Any, weights: Any, luma: Any, blue: Any, red: Any) -> None:
    """Add a row's chroma (-0.5..0.5) to `blue` and `red`, which begin one sample left of the picture."""
    kr, kb = weights[0], weights[1]
    kg = np.float32(1) - kr - kb
    to_blue = np.float32(0.5 / 65535) / (np.float32(1) - kb)
    to_red = np.float32(0.5 / 65535) / (np.float32(1) - kr)
    for i in range(luma.size):
        r, g, b = np.float32(row[3 * i]), np.float32(row[3 * i + 1]), np.float32(row[3 * i + 2])
        value = kr * r + kg * g + kb * b
        luma[i] = value
        blue[i + 1] += (b - value) * to_blue
        red[i + 1] += (r - value) * to_red


@inlined
def _store(samples: Any, scale: Any, offset: Any, out: Any) -> None:
    for i in range(samples.size):
        out[i] = np.int32(samples[i] * scale + offset)


@inlined
def _store_chroma(chroma: Any, scale: Any, middle: Any, out: Any) -> None:
    """Every second sample, filtered 1 2 1 about itself; the picture's edge repeats."""
    chroma[0], chroma[chroma.size - 1] = chroma[1], chroma[chroma.size - 2]
    for k in range((chroma.size - 2) // 2):
        total = chroma[2 * k] + np.float32(2) * chroma[2 * k + 1] + chroma[2 * k + 2]
        out[k] = np.int32(total * scale + middle)


@compiled
def _to_422p10(rgb: Any, y: Any, u: Any, v: Any, weights: Any) -> None:
    height, width = rgb.shape[0], rgb.shape[1]
    luma = np.empty(width, dtype=np.float32)
    for j in range(height):
        blue = np.zeros(width + 2, dtype=np.float32)
        red = np.zeros(width + 2, dtype=np.float32)
        _split_row(rgb[j].reshape(-1), weights, luma, blue, red)
        _store(luma, np.float32(876 / 65535), np.float32(64.5), y[j])
        _store_chroma(blue, np.float32(896 / 4), np.float32(512.5), u[j])
        _store_chroma(red, np.float32(896 / 4), np.float32(512.5), v[j])


@compiled
def _to_444p10(rgb: Any, y: Any, u: Any, v: Any, weights: Any) -> None:
    height, width = rgb.shape[0], rgb.shape[1]
    luma = np.empty(width, dtype=np.float32)
    for j in range(height):
        blue = np.zeros(width + 2, dtype=np.float32)
        red = np.zeros(width + 2, dtype=np.float32)
        _split_row(rgb[j].reshape(-1), weights, luma, blue, red)
        _store(luma, np.float32(876 / 65535), np.float32(64.5), y[j])
        _store(blue[1:-1], np.float32(896), np.float32(512.5), u[j])
        _store(red[1:-1], np.float32(896), np.float32(512.5), v[j])


@compiled
def _to_420(rgb: Any, planes: Any, weights: Any, unit: Any) -> None:
    y, u, v = planes
    height, width = rgb.shape[0], rgb.shape[1]
    luma, half = np.empty(width, dtype=np.float32), np.float32(0.5)
    for n in range(height // 2):
        blue = np.zeros(width + 2, dtype=np.float32)
        red = np.zeros(width + 2, dtype=np.float32)
        for j in range(2 * n, 2 * n + 2):
            _split_row(rgb[j].reshape(-1), weights, luma, blue, red)
            _store(luma, unit * np.float32(219 / 65535), unit * np.float32(16) + half, y[j])
        _store_chroma(blue, unit * np.float32(224 / 8), unit * np.float32(128) + half, u[n])
        _store_chroma(red, unit * np.float32(224 / 8), unit * np.float32(128) + half, v[n])
