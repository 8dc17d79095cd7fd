"""The picture being made, and how scene units land on it at one moment."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from worker.animatic.affine import Affine
from worker.animatic.camera import CameraState, Rig
from worker.animatic.ink import Floats


@dataclass(frozen=True, slots=True)
class View:
    """One moment seen through the camera. `vanish` is the point a dolly heads for."""

    rig: Rig
    state: CameraState
    time: float
    shutter: float  # seconds the shutter stays open, centred on `time`
    width: int
    height: int
    vanish: tuple[float, float]
    moments: dict[float, "View"] = field(default_factory=dict, compare=False)

    def at(self, offset: float) -> "View":
        """The same view a little earlier or later; every layer asks for the same few."""
        found = self.moments.get(offset)
        if found is None:
            time = self.time + offset
            found = self.moments[offset] = replace(
                self, time=time, state=self.rig.state(time), moments=dict[float, View]()
            )
        return found

    def coarser(self, factor: int) -> "View":
        """The same view on a raster `factor` times coarser."""
        wide, tall = self.width // factor, self.height // factor
        return replace(self, width=wide, height=tall, moments=dict[float, View]())

    def scale(self, depth: float) -> float:
        """How much the camera magnifies what stands at a depth."""
        return self.state.zoom * depth / max(depth - self.state.z, 0.05)

    def place(self, x: float, y: float, depth: float) -> tuple[float, float]:
        """Scene units to scene units on the picture plane."""
        s, state = self.scale(depth), self.state
        vx, vy = self.vanish
        return (
            s * (x - vx - state.x / depth) + vx - state.pan,
            s * (y - vy - state.y / depth) + vy - state.tilt,
        )

    def stands(self, x: float, y: float, depth: float) -> tuple[float, float]:
        """The way back: where at a depth something stands that is seen there."""
        s, state = self.scale(depth), self.state
        vx, vy = self.vanish
        return (
            (x + state.pan - vx) / s + vx + state.x / depth,
            (y + state.tilt - vy) / s + vy + state.y / depth,
        )

    def affine(self, depth: float) -> Affine:
        """From scene units at a depth to pixel centres."""
        scale = self.scale(depth) * self.height
        x, y = self.place(0.0, 0.0, depth)
        across, down = x * self.height + self.width / 2 - 0.5, y * self.height + self.height / 2 - 0.5
        return Affine(scale, 0.0, across, 0.0, scale, down)


class Raster:
    """The frame buffer and its scratch memory, allocated once per render."""

    def __init__(self, width: int, height: int, channels: int = 3) -> None:
        self.frame: Floats = np.zeros((height, width, channels), np.float32)
        self._scratch: dict[str, Floats] = {}
        self._coarse: Raster | None = None

    def coarse(self, factor: int) -> "Raster":
        """An empty raster with coverage, `factor` times coarser."""
        if self._coarse is None:
            height, width, _ = self.frame.shape
            self._coarse = Raster(width // factor, height // factor, 4)
        self._coarse.frame[:] = 0.0
        return self._coarse

    def scratch(self, name: str, *shape: int) -> Floats:
        """A contiguous buffer of this shape, reused from frame to frame."""
        size = math.prod(shape)
        held = self._scratch.get(name)
        if held is None or held.size < size:
            held = self._scratch[name] = np.zeros(size, np.float32)
        return held[:size].reshape(shape)
