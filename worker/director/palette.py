"""The few colours that most of a take has, with their shares."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.director.frames import SmallFrame

_EVERY: Final = 6  # frames: a palette does not change quickly
_CELL: Final = 8  # codes of red, green and blue that are counted as one colour
_CELLS: Final = 256 // _CELL
_MOST: Final = 6
_TOGETHER: Final = 14.0  # CIELAB units: nearer ones are one colour
_LEAST: Final = 0.02  # of the picture

Sums = NDArray[np.float64]


@dataclass(slots=True)
class PaletteWatch:
    """Feed every frame; counts stay, no frame does."""

    _counts: Sums = field(default_factory=lambda: np.zeros(_CELLS**3))
    _sums: Sums = field(default_factory=lambda: np.zeros((_CELLS**3, 3)))

    def add(self, frame: SmallFrame) -> None:
        """Look at some of the frames."""
        if frame.number % _EVERY:
            return
        codes = frame.rgb.reshape(-1, 3)
        cells = codes.astype(np.int64) // _CELL @ np.array([_CELLS * _CELLS, _CELLS, 1])
        self._counts += np.bincount(cells, minlength=_CELLS**3)
        for channel in range(3):
            self._sums[:, channel] += np.bincount(cells, weights=codes[:, channel], minlength=_CELLS**3)

    def colours(self) -> tuple[tuple[str, float], ...]:
        """`#rrggbb` and share, the largest first; what is left over is spread over many small ones."""
        filled = np.flatnonzero(self._counts)
        if not len(filled):
            return ()
        counts = self._counts[filled]
        means = self._sums[filled] / counts[:, None]
        groups = _grouped(means, counts)
        whole = counts.sum()
        found = [
            (_code(np.average(means[each], axis=0, weights=counts[each])), counts[each].sum() / whole)
            for each in groups
        ]
        kept = sorted((each for each in found if each[1] >= _LEAST), key=lambda each: -each[1])[:_MOST]
        return tuple((code, round(float(share), 4)) for code, share in kept)


def _grouped(means: Sums, counts: Sums) -> list[NDArray[np.int64]]:
    """Cells about the fullest one that is left, again and again."""
    labs = cv2.cvtColor((means / 255).astype(np.float32)[None], cv2.COLOR_RGB2LAB)[0].astype(np.float64)
    left, groups = np.ones(len(counts), bool), list[NDArray[np.int64]]()
    while left.any() and len(groups) < 4 * _MOST:
        middle = int(np.argmax(np.where(left, counts, 0)))
        near = left & (np.linalg.norm(labs - labs[middle], axis=1) <= _TOGETHER)
        groups.append(np.flatnonzero(near))
        left &= ~near
    return groups


def _code(rgb: Sums) -> str:
    red, green, blue = (int(value + 0.5) for value in rgb)
    return f"#{red:02x}{green:02x}{blue:02x}"
