"""What lens and film do to every frame: bloom, flare, vignette, grain."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from worker.animatic import kernels
from worker.animatic.ink import LUMA, Floats
from worker.animatic.stage import Finish, Picture, Stage
from worker.animatic.view import Raster, View

_GLOW_ROWS: Final = 135  # the bloom's own resolution, the same for every size of picture
_GRAIN_ROWS: Final = 512
_WEIGHTS: Final = np.array(LUMA, np.float32)
# Ghosts of the flare: place along the axis through the middle, radius, strength, tint.
_GHOSTS: Final = (
    (-0.35, 0.050, 0.020, (1.0, 0.75, 0.45)),
    (-0.6, 0.026, 0.030, (0.55, 1.0, 0.7)),
    (-0.85, 0.085, 0.012, (0.5, 0.7, 1.0)),
    (-1.3, 0.035, 0.020, (1.0, 0.6, 0.8)),
    (0.4, 0.020, 0.030, (1.0, 0.85, 0.5)),
)


@dataclass(frozen=True, slots=True)
class Finisher:
    """The last pass over a frame."""

    finish: Finish
    grain: Floats
    seed: int

    def apply(self, raster: Raster, view: View, index: int) -> None:
        """Bloom, flare, vignette and this frame's grain."""
        factor = max(2, round(view.height / _GLOW_ROWS))
        tall, wide = -(-view.height // factor), -(-view.width // factor)
        small = raster.scratch("glow", tall, wide, 3)
        kernels.shrink(raster.frame, small, factor, 0)
        glow = self._bloom(small)
        if self.finish.flare:
            self._flare(glow, small, view, factor)
        spot = np.random.default_rng([self.seed & 0xFFFFFFFF, index]).integers(0, _GRAIN_ROWS, 2)
        across = cv2.resize(glow, (view.width, glow.shape[0]), interpolation=cv2.INTER_LINEAR)
        kernels.finish(
            raster.frame,
            np.asarray(across, np.float32),
            self.grain,
            self._fall(raster, view),
            int(spot[0]),
            int(spot[1]),
            float(self.finish.grain),
        )

    def _fall(self, raster: Raster, view: View) -> Floats:
        """What the lens loses towards the edges: for every value of a row, then for every row."""
        fall = raster.scratch("fall", 3 * view.width + view.height)
        across = (np.arange(view.width) + 0.5) / view.width - 0.5
        down = (np.arange(view.height) + 0.5) / view.height - 0.5
        fall[: 3 * view.width] = np.repeat(self.finish.vignette * across**2, 3)
        fall[3 * view.width :] = self.finish.vignette * down**2
        return fall

    def _bloom(self, small: Floats) -> Floats:
        light = small @ _WEIGHTS
        bright = small * (light * light / (light * light + 1.0))[:, :, None]
        glow = np.asarray(cv2.GaussianBlur(bright, (0, 0), 1.3), np.float32) * np.float32(0.5)
        size = (small.shape[1], small.shape[0])
        for step, weight, reach in ((2, 0.32, 2.2), (4, 0.18, 4.0)):  # the wider, the coarser
            coarse = (max(1, size[0] // step), max(1, size[1] // step))
            part = cv2.resize(bright, coarse, interpolation=cv2.INTER_AREA)
            wide = cv2.GaussianBlur(part, (0, 0), reach)
            spread = cv2.resize(wide, size, interpolation=cv2.INTER_LINEAR)
            glow = np.asarray(cv2.scaleAdd(spread, weight, glow), np.float32)
        return glow * np.float32(self.finish.bloom * 4.0)

    def _flare(self, glow: Floats, small: Floats, view: View, factor: int) -> None:
        flare = self.finish.flare
        if flare is None:
            return
        x, y = view.place(flare.x, flare.y, flare.depth)
        column, row = (
            (x * view.height + view.width / 2) / factor,
            (y * view.height + view.height / 2) / factor,
        )
        near = small[max(0, int(row) - 2) : int(row) + 3, max(0, int(column) - 2) : int(column) + 3]
        if not near.size:
            return
        power = float(np.clip(near.mean() - 1.0, 0.0, 9.0)) * flare.strength
        if power <= 0.01:
            return
        unit = view.height / factor
        rows = []
        for place, radius, strength, tint in _GHOSTS:
            gx = (x * place) * unit + glow.shape[1] / 2
            gy = (y * place) * unit + glow.shape[0] / 2
            light = [power * strength * part for part in tint]
            rows.append((gx, gy, radius * unit, gx, gy, radius * unit, *light, 0.0, 0.02 * unit))
        streak = [power * 0.012 * part for part in (1.0, 0.8, 0.55)]
        rows.append(
            (column - 0.5 * unit, row, 0.3, column + 0.5 * unit, row, 0.3, *streak, 0.0, 0.035 * unit)
        )
        kernels.capsules(glow, np.array(rows, np.float32))


def finisher(stage: Stage) -> Finisher:
    """The finish of a shot; its grain is a strip of noise that every frame enters elsewhere."""
    held = stage.store.get("grain")
    if held is None:
        held = stage.store["grain"] = Picture(_grain(stage), 0.0, 0.0, 1.0)
    return Finisher(stage.finish, held.pixels, stage.spec.seed)


def _grain(stage: Stage) -> Floats:
    """Grain as large on a 2160-row picture as on a 1080-row one, seen from the same chair."""
    spec = stage.spec
    shape = (_GRAIN_ROWS, spec.width + _GRAIN_ROWS)
    speckle: Floats = stage.rng("grain").random(shape, np.float32) - np.float32(0.5)
    size = max(0.45, 0.75 * spec.height / 1080)
    soft = np.asarray(cv2.GaussianBlur(speckle, (0, 0), size), np.float32)
    return np.asarray(soft / np.float32(soft.std()), np.float32)
