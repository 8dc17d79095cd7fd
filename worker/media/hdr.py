"""How bright an HDR delivery is: MaxCLL, MaxFALL and the display it asks for, measured from its own pixels.

CTA-861.3 defines the two: the brightest pixel, and the brightest frame's average, of the largest of a pixel's
red, green and blue in cd/m2. HLG has no cd/m2 of its own: it is read as on a display of 1,000 (BT.2100).
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from worker.media.kernels import Rgb16, compiled
from worker.media.light import hlg_light, pq_light

_PQ_PEAK: Final = 10_000.0
_HLG_PEAK: Final = 1_000.0
_HLG_GAMMA: Final = 1.2
_BT2020_LUMA: Final = (0.2627, 0.6780, 0.0593)
_GRID: Final = 4  # the gamut is looked at in every fourth pixel of every fourth row
_OUTSIDE_SHARE: Final = 1e-4

# A single's exponent and the first eight bits of its fraction are the table's index: 2^-30 to just below 2.
_LEAST_LIGHT: Final = 1e-9
_GAIN_SHIFT: Final = 15
_FIRST_GAIN: Final = (127 - 30) << 8
_GAINS: Final = 31 << 8

_P3_D65: Final = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_BT2020: Final = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_WHITE: Final = (0.3127, 0.3290)
_PEAKS: Final = (1_000, 2_000, 4_000, 10_000)
_BLACK: Final = 0.0001
_A_CODE_OVER: Final = 1.01  # a display's peak in ten bits reads a little more or less

# Linear BT.2020 to linear P3-D65, from their primaries (the white is the same).
_TO_P3: Final = np.array(
    [
        [1.3435783, -0.2821797, -0.0613986],
        [-0.0652975, 1.0757879, -0.0104905],
        [0.0028218, -0.0195985, 1.0167767],
    ],
    dtype=np.float32,
)


@dataclass(frozen=True, slots=True)
class Mastering:
    """A display that can show all of it (SMPTE ST 2086); chromaticities of red, green, blue and white."""

    gamut: str
    primaries: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    white: tuple[float, float]
    max_luminance: int
    min_luminance: float

    def to_json(self) -> dict[str, Any]:
        """As the API tells it: cd/m2, and x, y."""
        named = dict(zip(("red", "green", "blue"), map(list, self.primaries), strict=True))
        return {
            "gamut": self.gamut,
            "primaries": named | {"white": list(self.white)},
            "max_luminance": self.max_luminance,
            "min_luminance": self.min_luminance,
        }


@dataclass(frozen=True, slots=True)
class HdrFacts:
    """What every place that speaks of a delivery's light says, in whole cd/m2."""

    max_cll: int
    max_fall: int
    mastering: Mastering

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "max_cll": self.max_cll,
            "max_fall": self.max_fall,
            "mastering": self.mastering.to_json(),
        }


@dataclass(frozen=True, slots=True)
class LightLevels:
    """Of a run of frames: each one's brightest pixel and average in cd/m2, and how much lies outside P3."""

    peaks: tuple[float, ...]
    averages: tuple[float, ...]
    outside: int
    looked_at: int

    def __add__(self, other: "LightLevels") -> "LightLevels":
        """This run followed by the next."""
        return LightLevels(
            self.peaks + other.peaks,
            self.averages + other.averages,
            self.outside + other.outside,
            self.looked_at + other.looked_at,
        )

    def facts(self) -> HdrFacts:
        """What the whole run comes to."""
        brightest = max(self.peaks)
        peak = next((each for each in _PEAKS if brightest <= each * _A_CODE_OVER), _PEAKS[-1])
        is_wide = self.outside > _OUTSIDE_SHARE * self.looked_at
        gamut, primaries = ("BT.2020", _BT2020) if is_wide else ("P3-D65", _P3_D65)
        mastering = Mastering(gamut, primaries, _WHITE, peak, _BLACK)
        return HdrFacts(_whole(brightest), _whole(max(self.averages)), mastering)

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return {
            "peaks": [round(each, 3) for each in self.peaks],
            "averages": [round(each, 3) for each in self.averages],
            "outside": self.outside,
            "looked_at": self.looked_at,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(
            tuple(document["peaks"]),
            tuple(document["averages"]),
            document["outside"],
            document["looked_at"],
        )


def light_levels(rgb: Rgb16, *, space: ColourSpace) -> LightLevels:
    """Of one frame, display-encoded as PQ or HLG."""
    source = np.ascontiguousarray(rgb)
    if space is ColourSpace.REC2100_PQ:
        peak, total = _brightest_codes(source.reshape(-1, 3), _pq_curve())
        linear = _pq_curve()[source[::_GRID, ::_GRID]]
    elif space is ColourSpace.REC2100_HLG:
        peak, total = _brightest_shown(source.reshape(-1, 3), _hlg_curve(), *_gains())
        linear = _hlg_shown(source[::_GRID, ::_GRID])
    else:
        raise ValueError(f"{space} says nothing in cd/m2.")
    pixels = source.shape[0] * source.shape[1]
    outside = int(_outside(linear.reshape(-1, 3), _TO_P3))
    return LightLevels((float(peak),), (float(total) / pixels,), outside, linear.size // 3)


def repeated(levels: LightLevels, *, times: int) -> LightLevels:
    """A frame that is shown several times."""
    return LightLevels(levels.peaks * times, levels.averages * times, levels.outside, levels.looked_at)


def summed(runs: Sequence[LightLevels]) -> LightLevels:
    """Runs in order, as one."""
    return functools.reduce(LightLevels.__add__, runs)


def _whole(value: float) -> int:
    """As the two are signalled: 16 bits, halves up."""
    return min(65_535, int(value + 0.5))


@functools.cache
def _pq_curve() -> NDArray[np.float32]:
    return (_PQ_PEAK * pq_light()).astype(np.float32)


@functools.cache
def _hlg_curve() -> NDArray[np.float32]:
    return hlg_light().astype(np.float32)


def _hlg_shown(rgb: Rgb16) -> NDArray[np.float32]:
    """BT.2100's OOTF: scene light times its own luminance to the power of gamma less one."""
    scene = _hlg_curve()[rgb]
    luminance = scene @ np.array(_BT2020_LUMA, dtype=np.float32)
    gain = _HLG_PEAK * np.maximum(luminance, np.float32(_LEAST_LIGHT)) ** np.float32(_HLG_GAMMA - 1)
    shown: NDArray[np.float32] = scene * gain[..., None].astype(np.float32)
    return shown


@functools.cache
def _gains() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The gain of the OOTF at luminances 256 to the octave, and how much it grows to the next one's."""
    steps = np.arange(_FIRST_GAIN, _FIRST_GAIN + _GAINS + 1, dtype=np.uint32) << np.uint32(_GAIN_SHIFT)
    luminance = steps.view(np.float32).astype(np.float64)
    gains = _HLG_PEAK * luminance ** (_HLG_GAMMA - 1)
    return gains[:-1].astype(np.float32), np.diff(gains).astype(np.float32)


@compiled
def _brightest_codes(pixels: Any, curve: Any) -> Any:
    """The curve only rises, so the largest code is the brightest; each is counted, and summed at the end."""
    counts = np.zeros(curve.size, dtype=np.int64)
    for i in range(pixels.shape[0]):
        counts[max(pixels[i, 0], pixels[i, 1], pixels[i, 2])] += 1
    top, total = 0, 0.0
    for code in range(curve.size):
        if counts[code]:
            top = code
            total += counts[code] * np.float64(curve[code])
    return curve[top], total


@compiled
def _brightest_shown(pixels: Any, curve: Any, gains: Any, growth: Any) -> Any:
    """By the OOTF's own numbers, its power from a table: to a millionth of what they are."""
    weights = np.float32(_BT2020_LUMA[0]), np.float32(_BT2020_LUMA[1]), np.float32(_BT2020_LUMA[2])
    top, total = np.float32(0), 0.0
    for i in range(pixels.shape[0]):
        r, g, b = curve[pixels[i, 0]], curve[pixels[i, 1]], curve[pixels[i, 2]]
        luminance = max(weights[0] * r + weights[1] * g + weights[2] * b, np.float32(_LEAST_LIGHT))
        bits = np.float32(luminance).view(np.uint32)
        step = np.uint32(bits >> np.uint32(_GAIN_SHIFT)) - np.uint32(_FIRST_GAIN)
        part = np.float32(bits & np.uint32((1 << _GAIN_SHIFT) - 1)) * np.float32(2.0**-_GAIN_SHIFT)
        shown = max(r, g, b) * (gains[step] + part * growth[step])
        top = max(top, shown)
        total += shown
    return top, total


@compiled
def _outside(linear: Any, matrix: Any) -> Any:
    """How many pixels lie outside a gamut by more than noise."""
    found = 0
    for i in range(linear.shape[0]):
        r, g, b = linear[i, 0], linear[i, 1], linear[i, 2]
        least = np.float32(-0.01) * max(r, g, b) - np.float32(0.01)
        is_out = False
        for row in range(3):
            is_out |= matrix[row, 0] * r + matrix[row, 1] * g + matrix[row, 2] * b < least
        found += is_out
    return found
