"""How bright a display-encoded picture is, by its own numbers: for measuring, not for converting.

1.0 is diffuse white: the top code of SDR, and 203 cd/m2 in HDR (ITU-R BT.2408). SDR is read by BT.1886's 2.4
exponent, P3 by sRGB's curve, PQ and HLG by BT.2100, HLG as on a display of 1,000 cd/m2.
"""

import functools
from dataclasses import dataclass
from typing import Any, Final, assert_never

import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from worker.media.kernels import Rgb16, compiled

_HDR_WHITE: Final = 203.0
_HLG_PEAK: Final = 1000.0
_HLG_GAMMA: Final = 1.2
_CODES: Final = 65536

_BT709: Final = (0.2126, 0.7152, 0.0722)
_P3_D65: Final = (0.2290, 0.6917, 0.0793)
_BT2020: Final = (0.2627, 0.6780, 0.0593)


@dataclass(frozen=True, slots=True)
class _Display:
    """What a display makes of a code: a curve for each channel, summed, then a power and a gain."""

    curve: NDArray[np.float32]
    weights: NDArray[np.float32]
    power: float = 1.0
    gain: float = 1.0


def shown_luminance(rgb: Rgb16, *, space: ColourSpace, width: int = 160) -> tuple[NDArray[np.float32], float]:
    """As `kernels.luminance_thumbnail`, of a picture as its display shows it."""
    display = _display(space)
    box = max(1, rgb.shape[1] // width)
    out = np.empty((max(1, rgb.shape[0] // box), max(1, rgb.shape[1] // box)), dtype=np.float32)
    source = np.ascontiguousarray(rgb)
    peak = float(_boxes(source, box, display.curve, display.weights, out))
    if display.power != 1:
        out = out ** np.float32(display.power)
        peak = peak**display.power
    return out * np.float32(display.gain), peak * display.gain


@functools.cache
def _display(space: ColourSpace) -> _Display:
    code = _codes()
    match space:
        case ColourSpace.REC709:
            return _Display(_curve(code**2.4), _weights(_BT709))
        case ColourSpace.P3_D65:
            low, high = code / 12.92, ((code + 0.055) / 1.055) ** 2.4
            return _Display(_curve(np.where(code <= 0.04045, low, high)), _weights(_P3_D65))
        case ColourSpace.REC2100_PQ:
            return _Display(_curve(pq_light()), _weights(_BT2020), gain=10_000 / _HDR_WHITE)
        case ColourSpace.REC2100_HLG:
            gain = _HLG_PEAK / _HDR_WHITE
            return _Display(_curve(hlg_light()), _weights(_BT2020), power=_HLG_GAMMA, gain=gain)
        case ColourSpace.ACESCG | ColourSpace.ACES2065_1:
            raise ValueError(f"{space} is light itself: no display encodes it.")
        case _:
            assert_never(space)


def pq_light() -> NDArray[np.float64]:
    """What each of the 65,536 codes means in SMPTE ST 2084: 1.0 is 10,000 cd/m2."""
    code = _codes()
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = code ** (1 / m2)
    return (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


def hlg_light() -> NDArray[np.float64]:
    """What each of the 65,536 codes means by BT.2100's inverse HLG curve: scene light, 1.0 at the top."""
    code = _codes()
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _codes() -> NDArray[np.float64]:
    return np.linspace(0, 1, _CODES)


def _curve(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype(np.float32)


def _weights(values: tuple[float, float, float]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


@compiled
def _boxes(source: Any, box: Any, curve: Any, weights: Any, out: Any) -> Any:
    """Fill `out` with the boxes' means; the brightest pixel."""
    peak = np.float32(0)
    scale = np.float32(1) / np.float32(box * box)
    for n in range(out.shape[0]):
        for k in range(out.shape[1]):
            total = np.float32(0)
            for j in range(n * box, min((n + 1) * box, source.shape[0])):
                for i in range(k * box, min((k + 1) * box, source.shape[1])):
                    value = (
                        weights[0] * curve[source[j, i, 0]]
                        + weights[1] * curve[source[j, i, 1]]
                        + weights[2] * curve[source[j, i, 2]]
                    )
                    total += value
                    peak = max(peak, value)
            out[n, k] = total * scale
    return peak
