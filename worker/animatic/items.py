"""What a scene is made of: things that draw themselves, from back to front, at any moment."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from worker.animatic import kernels
from worker.animatic.affine import Affine
from worker.animatic.ink import Floats
from worker.animatic.view import Raster, View
from worker.animatic.windows import Region, Window, shown


class Item(Protocol):
    """Anything a scene can hold. `still` promises the same picture at every moment of an unmoved camera.

    `soft` promises that it has no edges, so that it may be drawn coarsely.
    """

    @property
    def still(self) -> bool: ...

    @property
    def depth(self) -> float: ...

    @property
    def soft(self) -> bool: ...

    def draw(self, raster: Raster, view: View) -> None:
        """Draw over what is there."""
        ...


@dataclass(frozen=True, slots=True)
class Pose:
    """How a sprite is placed at a moment: moved, turned about its pivot, scaled, brightened, faded."""

    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    scale: float = 1.0
    gain: float = 1.0
    opacity: float = 1.0
    stretch: float = 1.0  # height against width


Motion = Callable[[float], Pose]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A painted picture (premultiplied RGBA) standing at a depth; an opaque one is a backdrop."""

    pixels: Floats
    left: float
    top: float
    density: float
    depth: float
    motion: Motion | None = None
    pivot: tuple[float, float] = (0.0, 0.0)
    opaque: bool = False
    taps: int = 4  # the most exposures a fast move may be blurred over
    windows: tuple[Window, ...] = ()  # what is painted; none means all of it
    soft: bool = False  # without edges: it may be drawn coarsely

    @property
    def still(self) -> bool:
        """A sprite without a motion stands still."""
        return self.motion is None

    def draw(self, raster: Raster, view: View) -> None:
        """Warp onto the picture; several times within the shutter when it moves fast."""
        pose = self.motion(view.time) if self.motion else Pose()
        if pose.opacity <= 0.002:
            return
        opens, closes = self._shutter(view)
        taps = self._exposures(opens, closes, view)
        if taps == 1:
            self._lay(raster, self._matrix(view, pose), pose)
            return
        self._blurred(raster, view, taps, pose)

    def _shutter(self, view: View) -> tuple[Affine, Affine]:
        ends = []
        for offset in (-0.5 * view.shutter, 0.5 * view.shutter):
            seen = view.at(offset)
            ends.append(self._matrix(seen, self.motion(seen.time) if self.motion else Pose()))
        return ends[0], ends[1]

    def _exposures(self, opens: Affine, closes: Affine, view: View) -> int:
        rows, columns = self.pixels.shape[:2]
        before, after = (ends.corners(0, 0, columns, rows) for ends in (opens, closes))
        travel = max(max(abs(x - u), abs(y - v)) for (x, y), (u, v) in zip(before, after, strict=True))
        if travel < 0.004 * view.height or self.taps == 1:
            return 1
        return min(self.taps, 2 if travel < 0.008 * view.height else 4)

    def _matrix(self, view: View, pose: Pose) -> Affine:
        cosine, sine = math.cos(pose.angle) * pose.scale, math.sin(pose.angle) * pose.scale
        turn = Affine(cosine, -sine * pose.stretch, 0.0, sine, cosine * pose.stretch, 0.0)
        (px, py), step = self.pivot, 1.0 / self.density
        x, y = turn.at(self.left + 0.5 * step - px, self.top + 0.5 * step - py)
        own = Affine(
            turn.a * step, turn.b * step, x + px + pose.x, turn.c * step, turn.d * step, y + py + pose.y
        )
        return own.before(view.affine(self.depth))

    def _regions(self, matrix: Affine, raster: Raster) -> list[Region]:
        """Where the frame changes: window by window while the picture stands upright and not too small."""
        if len(self.windows) < 2 or not matrix.upright or min(matrix.a, matrix.d) < 0.3:
            whole = self._region(matrix, raster)
            return [whole] if whole else []
        return shown(self.windows, matrix, self.pixels.shape[0], raster.frame.shape)

    def _region(self, matrix: Affine, raster: Raster) -> Region | None:
        rows, columns = self.pixels.shape[:2]
        across, down = zip(*matrix.corners(-1, -1, columns, rows), strict=True)
        height, width, _ = raster.frame.shape
        left, top = max(0, math.floor(min(across))), max(0, math.floor(min(down)))
        wide = min(width, math.ceil(max(across)) + 1) - left
        tall = min(height, math.ceil(max(down)) + 1) - top
        return (left, top, wide, tall) if wide > 0 and tall > 0 else None

    def _warp(self, raster: Raster, inverse: Affine, region: Region, name: str) -> Floats:
        left, top, wide, tall = region
        patch = raster.scratch(name, tall, wide, 4)
        border = cv2.BORDER_REPLICATE if self.opaque else cv2.BORDER_CONSTANT
        cv2.warpAffine(
            self.pixels,
            inverse.rows(left, top),
            (wide, tall),
            dst=patch,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )
        return patch

    def _lay(self, raster: Raster, matrix: Affine, pose: Pose) -> None:
        inverse = matrix.inverse()
        for region in self._regions(matrix, raster):
            patch = self._warp(raster, inverse, region, "patch")
            self._composite(raster, patch, region[:2], pose)

    def _blurred(self, raster: Raster, view: View, taps: int, pose: Pose) -> None:
        matrices = []
        for tap in range(taps):
            seen = view.at(((tap + 0.5) / taps - 0.5) * view.shutter)
            matrices.append(self._matrix(seen, self.motion(seen.time) if self.motion else Pose()))
        regions = [region for region in (self._region(m, raster) for m in matrices) if region]
        if not regions:
            return
        left, top = min(r[0] for r in regions), min(r[1] for r in regions)
        wide = max(r[0] + r[2] for r in regions) - left
        tall = max(r[1] + r[3] for r in regions) - top
        first, *others = (matrix.inverse() for matrix in matrices)
        total = self._warp(raster, first, (left, top, wide, tall), "exposures")
        for inverse in others:
            cv2.add(total, self._warp(raster, inverse, (left, top, wide, tall), "patch"), dst=total)
        total *= np.float32(1.0 / taps)
        self._composite(raster, total, (left, top), pose)

    def _composite(self, raster: Raster, patch: Floats, place: tuple[int, int], pose: Pose) -> None:
        if self.opaque:
            kernels.paste(raster.frame, patch, *place)
        else:
            kernels.over(raster.frame, patch, *place, float(pose.gain), float(pose.opacity))


@dataclass(frozen=True, slots=True)
class Strokes:
    """Capsules drawn afresh every frame, in scene units at a depth: figures, ropes, sparks, streams."""

    at: Callable[[float], Floats]  # rows as kernels.capsules wants them, in units
    depth: float
    still: bool = False
    soft: bool = False

    def draw(self, raster: Raster, view: View) -> None:
        """Project and draw."""
        rows = np.array(self.at(view.time), np.float32).reshape(-1, 11)
        matrix = view.affine(self.depth)
        project(rows, matrix)
        kernels.capsules(raster.frame, rows)


def project(rows: Floats, matrix: Affine) -> None:
    """Capsules in units become capsules in pixels, in place."""
    scale = matrix.a
    rows[:, (0, 3)] = rows[:, (0, 3)] * scale + matrix.x
    rows[:, (1, 4)] = rows[:, (1, 4)] * scale + matrix.y
    rows[:, (2, 5, 10)] *= scale


@dataclass(frozen=True, slots=True)
class Shimmer:
    """Heat haze over a band of the picture (units from the middle, at a depth)."""

    top: float
    bottom: float
    depth: float
    power: float
    clock: Callable[[float], float]
    still: bool = False
    soft: bool = False

    def draw(self, raster: Raster, view: View) -> None:
        """Bend the band sideways."""
        matrix = view.affine(self.depth)
        first = max(0, int(self.top * matrix.a + matrix.y))
        last = min(view.height, int(self.bottom * matrix.a + matrix.y))
        if last - first < 4:
            return
        source = raster.scratch("shimmer", last - first, view.width, 3)
        source[:] = raster.frame[first:last]
        power, reach = self.power * view.height, float(view.height)
        kernels.shimmer(raster.frame, source, first, float(self.clock(view.time)), reach, float(power))
