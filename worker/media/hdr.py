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
    looked_at = np.ascontiguousarray(source[::_GRID, ::_GRID])
    if space is ColourSpace.REC2100_PQ:
        curve = _pq_curve()
        peak, total = _brightest_codes(source.reshape(-1, 3), curve)
        linear = curve[looked_at]
    elif space is ColourSpace.REC2100_HLG:
        shown = _hlg_shown(source)
        largest = shown.max(axis=-1)
        peak, total = float(largest.max()), float(largest.sum(dtype=np.float64))
        linear = shown[::_GRID, ::_GRID]
    else:
        raise ValueError(f"{space} says nothing in cd/m2.")
    pixels = source.shape[0] * source.shape[1]
    outside = int((linear @ _TO_P3.T < -0.01 * linear.max(axis=-1, keepdims=True) - 0.01).any(axis=-1).sum())
    return LightLevels((float(peak),), (float(total) / pixels,), outside, looked_at.size // 3)


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
    gain = _HLG_PEAK * np.maximum(luminance, np.float32(1e-9)) ** np.float32(_HLG_GAMMA - 1)
    shown: NDArray[np.float32] = scene * gain[..., None].astype(np.float32)
    return shown


@compiled
def _brightest_codes(pixels: Any, curve: Any) -> Any:
    """The curve only rises, so the largest code is the brightest: one look-up a pixel."""
    top, total = np.uint16(0), 0.0
    for i in range(pixels.shape[0]):
        code = max(pixels[i, 0], pixels[i, 1], pixels[i, 2])
        top = max(top, code)
        total += curve[code]
    return curve[top], total
