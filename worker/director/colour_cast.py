"""Watching colour: the picture's mean in CIELAB, how colourful it is, and which hues there are."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.director.frames import SmallFrame

_EVERY: Final = 4  # frames
HUES: Final = 36
_COLOURFUL: Final = 12.0  # chroma from which a hue is seen as one
_NEAR_DEGREES: Final = 25.0
_NEAR_LIGHTNESS: Final = 18.0
_GREY: Final = 10.0


@dataclass(slots=True)
class ColourWatch:
    """Feed every frame; a few figures stay."""

    _means: list[NDArray[np.float64]] = field(default_factory=list)
    _hues: NDArray[np.float64] = field(default_factory=lambda: np.zeros(HUES))
    _greys: NDArray[np.float64] = field(default_factory=lambda: np.zeros(101))

    def add(self, frame: SmallFrame) -> None:
        """Look at some of the frames."""
        if frame.number % _EVERY:
            return
        lab = cv2.cvtColor(frame.rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB).reshape(-1, 3)
        chroma = np.hypot(lab[:, 1], lab[:, 2])
        self._means.append(np.append(lab.mean(axis=0, dtype=np.float64), chroma.mean(dtype=np.float64)))
        coloured = chroma > _COLOURFUL
        turned = np.degrees(np.arctan2(lab[coloured, 2], lab[coloured, 1])) % 360
        bins = (turned / (360 / HUES)).astype(np.int64) % HUES
        self._hues += np.bincount(bins, minlength=HUES) / len(lab)
        dull = lab[chroma < _GREY, 0].clip(0, 100).astype(np.int64)
        self._greys += np.bincount(dull, minlength=101) / len(lab)

    @property
    def colours(self) -> "Colours":
        """What was seen."""
        count = max(1, len(self._means))
        mean = np.mean(self._means, axis=0) if self._means else np.zeros(4)
        lightness, green_red, blue_yellow, chroma = (float(value) for value in mean)
        hues, greys = self._hues / count, self._greys / count
        return Colours(lightness, green_red, blue_yellow, chroma, hues, greys)


@dataclass(frozen=True, slots=True)
class Colours:
    """A take's colours: means of CIELAB (D65); shares of the picture by hue, of its greys by lightness."""

    lightness: float
    green_red: float
    blue_yellow: float
    chroma: float
    hues: NDArray[np.float64]
    greys: NDArray[np.float64]

    def share_of(self, code: str) -> float:
        """How much of the picture has a colour like `#rrggbb`: its hue; of a grey, its lightness."""
        lightness, green_red, blue_yellow = lab_of(code)
        if np.hypot(green_red, blue_yellow) < _COLOURFUL:
            low, high = max(0, round(lightness - _NEAR_LIGHTNESS)), round(lightness + _NEAR_LIGHTNESS)
            return float(self.greys[low : high + 1].sum())
        hue = float(np.degrees(np.arctan2(blue_yellow, green_red)) % 360)
        middles = (np.arange(HUES) + 0.5) * 360 / HUES
        apart = np.abs((middles - hue + 180) % 360 - 180)
        return float(self.hues[apart <= _NEAR_DEGREES].sum())

    def cast_against(self, codes: tuple[str, ...]) -> float:
        """How strongly the whole picture leans to a hue that none of these colours has, in CIELAB units."""
        lean = float(np.hypot(self.green_red, self.blue_yellow))
        own = float(np.degrees(np.arctan2(self.blue_yellow, self.green_red)))
        apart = []
        for code in codes:
            _, green_red, blue_yellow = lab_of(code)
            if np.hypot(green_red, blue_yellow) >= _COLOURFUL:
                hue = float(np.degrees(np.arctan2(blue_yellow, green_red)))
                apart.append(abs((own - hue + 180) % 360 - 180))
        return lean if apart and min(apart) > 90 else 0.0


def lab_of(code: str) -> tuple[float, float, float]:
    """CIELAB of a `#rrggbb` colour."""
    rgb = np.array([[[int(code[n : n + 2], 16) / 255 for n in (1, 3, 5)]]], np.float32)
    lightness, green_red, blue_yellow = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0]
    return float(lightness), float(green_red), float(blue_yellow)
