"""Fog, steam, smoke and clouds: drifting noise, computed coarsely and laid over softly."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from worker.animatic import noise
from worker.animatic.canvas import Box
from worker.animatic.ink import Colour, Floats
from worker.animatic.items import Sprite
from worker.animatic.kernels import jit
from worker.animatic.stage import Stage
from worker.animatic.view import Raster, View

_GRID = 96.0  # samples per unit: fog has no finer detail
_TILE = 256


@jit
def sample(field: Floats, u: float, v: float) -> float:
    """A tile of 256 x 256, repeated for ever, between its samples."""
    u0 = int(math.floor(u))  # noqa: RUF046 - compiled, floor gives a float
    v0 = int(math.floor(v))  # noqa: RUF046 - as above
    fu = u - u0
    fv = v - v0
    a = np.uint64(u0 & 255)
    b = np.uint64((u0 + 1) & 255)
    c = np.uint64(v0 & 255)
    d = np.uint64((v0 + 1) & 255)
    upper = field[c, a] + (field[c, b] - field[c, a]) * fu
    lower = field[d, a] + (field[d, b] - field[d, a]) * fu
    return float(upper + (lower - upper) * fv)


@jit
def _condense(  # noqa: PLR0917 - compiled code takes no keywords
    out: Floats, field: Floats, mask: Floats, scroll: Floats, cells: Floats, tone: Floats
) -> None:
    for j in range(out.shape[0]):
        for i in range(out.shape[1]):
            share = mask[j, i]
            if share <= 0.0:
                for c in range(4):
                    out[j, i, c] = 0.0
                continue
            x = i * cells[0]
            y = j * cells[1]
            large = sample(field, x + scroll[0], y + scroll[1])
            small = sample(field, x * 2.0 + scroll[2] + 40.0 * large, y * 2.0 + scroll[3])
            density = (0.62 * large + 0.38 * small - tone[4]) / (tone[5] - tone[4])
            density = min(1.0, max(0.0, density))
            alpha = np.float32(density * density * (3.0 - 2.0 * density) * share * tone[3])
            out[j, i, 0] = tone[0] * alpha
            out[j, i, 1] = tone[1] * alpha
            out[j, i, 2] = tone[2] * alpha
            out[j, i, 3] = alpha


@dataclass(frozen=True, slots=True)
class Mist:
    """A drifting veil. `drift` and `second` are tile lengths per second of the two layers of noise."""

    field: Floats
    mask: Floats
    box: Box
    depth: float
    colour: Colour
    alpha: float
    cells: tuple[float, float]  # noise tiles per unit
    drift: tuple[float, float]
    second: tuple[float, float]
    cut: tuple[float, float]
    gain: Callable[[float], float] | None = None
    still: bool = False
    soft: bool = True

    def draw(self, raster: Raster, view: View) -> None:
        """Condense at this moment and lay over."""
        time = view.time
        strength = self.alpha * (self.gain(time) if self.gain else 1.0)
        if strength <= 0.003:
            return
        out = raster.scratch("mist", *self.mask.shape, 4)
        turns = (*self.drift, *self.second)
        scroll = np.array([_TILE * ((-turn * time) % 1.0) for turn in turns], np.float32)
        cells = np.array([_TILE * c / _GRID for c in self.cells], np.float32)
        tone = np.array([*self.colour, strength, *self.cut], np.float32)
        _condense(out, self.field, self.mask, scroll, cells, tone)
        Sprite(out, self.box[0], self.box[1], _GRID, self.depth, taps=1).draw(raster, view)


def mist(
    stage: Stage,
    name: str,
    box: Box,
    *,
    depth: float,
    colour: Colour,
    alpha: float,
    shape: Callable[[Floats, Floats], Floats],
    size: tuple[float, float] = (0.5, 1.0),
    drift: tuple[float, float] = (0.02, 0.0),
    cut: tuple[float, float] = (0.35, 0.7),
    gain: Callable[[float], float] | None = None,
) -> None:
    """Add a veil; `shape` gives its density (0..1) from the columns and rows of its box, each 0..1."""
    wide, tall = max(2, int((box[2] - box[0]) * _GRID)), max(2, int((box[3] - box[1]) * _GRID))
    across = (np.arange(wide, dtype=np.float32) / (wide - 1))[None, :]
    down = (np.arange(tall, dtype=np.float32) / (tall - 1))[:, None]
    density = shape(np.asarray(across, np.float32), np.asarray(down, np.float32))
    mask = np.ascontiguousarray(np.broadcast_to(density, (tall, wide)), np.float32)
    field = noise.tile(_TILE, cells=5, seed=stage.seed(name))
    flow = (_turns(stage, drift[0]), _turns(stage, drift[1]))
    second = (_turns(stage, drift[0] * 1.7), _turns(stage, drift[1] * 1.6))
    stage.add(Mist(field, mask, box, depth, colour, alpha, size, flow, second, cut, gain))


def _turns(stage: Stage, rate: float) -> float:
    """Tiles per second; in a loop a whole number of tiles per shot."""
    if not stage.spec.loop or rate == 0.0:
        return rate
    return math.copysign(max(1, round(abs(rate) * stage.seconds)), rate) / stage.seconds


def shelf(low: float, high: float) -> Callable[[Floats, Floats], Floats]:
    """Density that fades in over the top share `low` and out over the bottom share `high`."""

    def shape(across: Floats, down: Floats) -> Floats:
        rise = noise.band(down, 0.0, max(low, 1e-3))
        fall = noise.band(1.0 - down, 0.0, max(high, 1e-3))
        return np.asarray(rise * fall + 0.0 * across, np.float32)

    return shape


def plume(across: Floats, down: Floats) -> Floats:
    """A rising column: narrow and dense below, wide and thin above."""
    width = 0.12 + 0.3 * (1.0 - down)
    body = np.exp(-(((across - 0.5) / width) ** 2) * 2.0)
    return np.asarray(body * noise.band(1.0 - down, 0.0, 0.12) * noise.band(down, 0.0, 0.6), np.float32)
