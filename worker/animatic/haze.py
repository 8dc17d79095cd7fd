"""Soft layers that follow one another are drawn on a coarse raster and laid over the picture together."""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

import cv2
import numpy as np

from worker.animatic import kernels
from worker.animatic.items import Item
from worker.animatic.view import Raster, View

_ROWS: Final = 160  # what has no edges needs no more, however large the picture


@dataclass(frozen=True, slots=True)
class Haze:
    """Neighbouring soft layers as one."""

    layers: tuple[Item, ...]
    soft: bool = True

    @property
    def still(self) -> bool:
        """Still when every layer is."""
        return all(layer.still for layer in self.layers)

    @property
    def depth(self) -> float:
        """Of the nearest layer, which moves most."""
        return min(layer.depth for layer in self.layers)

    def draw(self, raster: Raster, view: View) -> None:
        """Draw every layer coarsely, then all of them once."""
        factor = _coarseness(view)
        coarse, seen = (raster.coarse(factor), view.coarser(factor)) if factor > 1 else (raster, view)
        for layer in self.layers:
            layer.draw(coarse, seen)
        if factor > 1:
            _lay(coarse, raster)


def _coarseness(view: View) -> int:
    """The largest factor that leaves enough rows and divides the picture."""
    largest = max(1, view.height // _ROWS)
    return next(f for f in range(largest, 0, -1) if view.height % f == view.width % f == 0)


def _lay(coarse: Raster, raster: Raster) -> None:
    """Stretch the rows that hold anything across, and lay them over, smooth in between."""
    filled = np.flatnonzero(coarse.frame.any(axis=(1, 2)))
    if not filled.size:
        return
    first, last = max(0, int(filled[0]) - 1), min(coarse.frame.shape[0], int(filled[-1]) + 2)
    wide = raster.scratch("haze", last - first, raster.frame.shape[1], 4)
    size = (wide.shape[1], wide.shape[0])
    cv2.resize(coarse.frame[first:last], size, dst=wide, interpolation=cv2.INTER_LINEAR)
    kernels.veil(raster.frame, wide, first, raster.frame.shape[0] // coarse.frame.shape[0])


def gathered(items: list[Item]) -> list[Item]:
    """The same items, soft neighbours made one."""
    found: list[Item] = []
    for soft, group in groupby(items, key=lambda item: item.soft):
        neighbours = tuple(group)
        found += [Haze(neighbours)] if soft else neighbours
    return found
