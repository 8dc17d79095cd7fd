"""The ground plane: every row at its own depth, so that it slides correctly; dry, wet, or water."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from worker.animatic import kernels, noise
from worker.animatic.ink import Colour, Floats
from worker.animatic.kernels import jit
from worker.animatic.mist import sample
from worker.animatic.stage import Painter, Stage
from worker.animatic.view import Raster, View

_RIPPLE_ROWS: Final = 180  # rows per unit of the ripple grid
_TILE: Final = 256
Triple = tuple[np.float32, np.float32, np.float32]


@dataclass(frozen=True, slots=True)
class Surface:
    """How a floor mirrors. Distances in units; `stretch` smears reflections downwards as wet asphalt does."""

    line: float  # depth whose ground line is the mirror's edge
    stretch: float = 0.0
    ripple: float = 0.0
    speed: float = 0.25
    scale: float = 1.0
    rows: int = 270  # resolution of the mirror image
    glint: Colour = (0.0, 0.0, 0.0)
    glint_x: float = 0.0
    glint_width: float = 0.2


@jit
def _ripples(out: Floats, field: Floats, plane: Floats, flow: Floats) -> None:
    """Slopes and glints.

    plane: first row's distance below the horizon, step, left x, eye, camera x, camera z, scale.
    """
    for j in range(out.shape[0]):
        below = max(plane[0] + j * plane[1], 0.004)
        depth = plane[3] / below
        calm = min(1.0, below * 14.0)  # far waves are finer than the grid
        z = (depth + plane[5]) * plane[6]
        for i in range(out.shape[1]):
            x = ((plane[2] + i * plane[1]) * depth + plane[4]) * plane[6]
            first = sample(field, x * 34.0 + flow[0], z * 60.0 + flow[1]) - 0.5
            second = sample(field, x * 61.0 + flow[2], z * 95.0 + flow[3]) - 0.5
            out[j, i, 0] = np.float32((first - second) * calm * below)
            out[j, i, 1] = np.float32((first + 0.7 * second) * calm * (0.012 + below))
            peak = max(0.0, first + 0.8 * second - 0.21) * 5.0
            out[j, i, 2] = np.float32(min(peak * peak, 1.5))


@jit
def _blend(picture: Floats, at: np.float32, row: Floats) -> None:
    """One row of a picture, between two of its own."""
    v = min(max(at, np.float32(0.0)), np.float32(picture.shape[0]) - np.float32(1.01))
    v0 = int(v)
    fv = v - np.float32(v0)
    for i in range(picture.shape[1]):
        for c in range(picture.shape[2]):
            row[i, c] = picture[v0, i, c] + (picture[v0 + 1, i, c] - picture[v0, i, c]) * fv


@jit
def _ground(line: Floats, shine: Floats, row: Floats, step: np.float32, start: np.float32) -> None:
    """One row of the ground, and how much it mirrors."""
    zero, right = np.float32(0.0), np.float32(row.shape[0]) - np.float32(1.01)
    for x in range(line.shape[0]):
        u = min(max(step * np.float32(x) + start, zero), right)
        u0 = np.uint64(u)  # unsigned indices spare the test for negative ones
        u1 = u0 + np.uint64(1)
        f = u - np.float32(u0)
        for c in range(3):
            line[x, c] = row[u0, c] + (row[u1, c] - row[u0, c]) * f
        shine[x] = row[u0, 3] + (row[u1, 3] - row[u0, 3]) * f


@jit
def _mirror_calm(line: Floats, shine: Floats, row: Floats, inverse: np.float32) -> None:
    """Without waves a row of the ground looks into one row of the mirror."""
    zero, half = np.float32(0.0), np.float32(0.5)
    right = np.float32(row.shape[0]) - np.float32(1.01)
    for x in range(line.shape[0]):
        u = min(max(np.float32(x) * inverse - half, zero), right)
        u0 = np.uint64(u)
        u1 = u0 + np.uint64(1)
        f = u - np.float32(u0)
        for c in range(3):
            line[x, c] += (row[u0, c] + (row[u1, c] - row[u0, c]) * f) * shine[x]


@jit
def _wave(waves: Floats, column: np.float32) -> Triple:
    """How far the water bends a glance sideways and down, and how it glints."""
    r0 = np.uint64(min(column, np.float32(waves.shape[0]) - np.float32(1.01)))
    r1 = r0 + np.uint64(1)
    f = column - np.float32(r0)
    dx = waves[r0, 0] + (waves[r1, 0] - waves[r0, 0]) * f
    dy = waves[r0, 1] + (waves[r1, 1] - waves[r0, 1]) * f
    return dx, dy, waves[r0, 2] + (waves[r1, 2] - waves[r0, 2]) * f


@jit
def _seen(mirror: Floats, column: np.float32, row: np.float32, shine: np.float32) -> Triple:
    """What the mirror shows there, as strongly as the ground shines."""
    zero, one = np.float32(0.0), np.float32(1.0)
    x = min(max(column, zero), np.float32(mirror.shape[1]) - np.float32(1.01))
    y = min(max(row, zero), np.float32(mirror.shape[0]) - np.float32(1.01))
    x0, y0 = np.uint64(x), np.uint64(y)
    x1, y1 = x0 + np.uint64(1), y0 + np.uint64(1)
    fx = x - np.float32(x0)
    fy = (y - np.float32(y0)) * shine
    gx, gy = one - fx, shine - fy
    a, b, c, d = gx * gy, fx * gy, gx * fy, fx * fy
    red = mirror[y0, x0, 0] * a + mirror[y0, x1, 0] * b + mirror[y1, x0, 0] * c + mirror[y1, x1, 0] * d
    green = mirror[y0, x0, 1] * a + mirror[y0, x1, 1] * b + mirror[y1, x0, 1] * c + mirror[y1, x1, 1] * d
    blue = mirror[y0, x0, 2] * a + mirror[y0, x1, 2] * b + mirror[y1, x0, 2] * c + mirror[y1, x1, 2] * d
    return red, green, blue


@jit
def _mirror_waves(  # noqa: PLR0917 - compiled code takes no keywords
    line: Floats, shine: Floats, mirror: Floats, at: np.float32, waves: Floats, grid: Floats, sun: Floats
) -> None:
    """Waves bend every glance on its own, and glitter under the sun."""
    half, one, bend, inverse = np.float32(0.5), np.float32(1.0), grid[2], grid[3]
    for x in range(line.shape[0]):
        across = np.float32(x)
        dx, dy, glint = _wave(waves, across * grid[0])
        column = (across + dx * bend) * inverse - half
        seen = _seen(mirror, column, (at + dy * bend) * inverse - half, shine[x])
        away = (across - sun[3]) * sun[4]
        away *= away  # the glitter's edges are steep
        sparkle = glint * shine[x] / (one + away * away)
        for c in range(3):
            line[x, c] += seen[c] + sparkle * sun[c]


@jit
def _lay(  # noqa: PLR0917 - compiled code takes no keywords
    frame: Floats, texture: Floats, lines: Floats, mirror: Floats, ripples: Floats, grid: Floats, sun: Floats
) -> None:
    """Rows of the ground. lines: frame row, texture row, x scale, x offset, mirrored row.

    grid: ripple rows per frame row, its first row, displacement in pixels, mirror pixels per pixel.
    """
    blended = np.empty((texture.shape[1], 4), np.float32)
    image = np.empty((mirror.shape[1], 3), np.float32)
    shine = np.empty(frame.shape[1], np.float32)
    for n in range(lines.shape[0]):
        line = frame[int(lines[n, 0])]
        _blend(texture, lines[n, 1], blended)
        _ground(line, shine, blended, lines[n, 2], lines[n, 3])
        if shine.max() <= 0.0:
            continue
        if grid[2] > 0.0:
            row = min(max(int((lines[n, 0] - grid[1]) * grid[0]), 0), ripples.shape[0] - 1)
            _mirror_waves(line, shine, mirror, lines[n, 4], ripples[row], grid, sun)
        else:
            _blend(mirror, lines[n, 4] * grid[3] - np.float32(0.5), image)
            _mirror_calm(line, shine, image, grid[3])


def _smeared(small: Floats, down: int, across: int) -> None:
    """Two box blurs, which cost the same however far they reach."""
    for _ in range(2):
        cv2.blur(small, (across, down), dst=small, borderType=cv2.BORDER_REPLICATE)


@dataclass(frozen=True, slots=True)
class Floor:
    """Ground from the horizon down. Texture: colour, and in the fourth channel how much it mirrors."""

    texture: Floats
    left: float
    top: float
    density: float
    eye: float
    surface: Surface
    field: Floats
    hertz: tuple[float, float, float, float]
    dry: bool
    soft: bool = False

    @property
    def still(self) -> bool:
        """A dry floor shows the same at every moment."""
        return self.dry

    @property
    def depth(self) -> float:
        """How far it reaches."""
        return self.surface.line

    def draw(self, raster: Raster, view: View) -> None:
        """Lay every visible row at its own depth."""
        lines = self._lines(view)
        if not len(lines):
            return
        mirror, factor = self._mirror(raster, view, int(lines[0, 0]))  # a dry floor's one is never read
        ripples, (share, first, bend) = self._waves(raster, view, lines)
        grid = np.array([share, first, bend, 1.0 / factor], np.float32)
        sun_x = view.place(self.surface.glint_x, 0.0, 1e6)[0] * view.height + view.width / 2
        reach = 1.0 / (self.surface.glint_width * view.height)
        sun = np.array([*self.surface.glint, sun_x, reach], np.float32)
        _lay(raster.frame, self.texture, lines, mirror, ripples, grid, sun)

    def _horizon(self, view: View) -> float:
        return (view.vanish[1] - view.state.tilt) * view.height + view.height / 2

    def _lines(self, view: View) -> Floats:
        state, height, zoom = view.state, view.height, view.state.zoom
        horizon = self._horizon(view)
        eye = max(self.eye - state.y, 0.02)  # a crane raises the eye
        rows = np.arange(max(0, int(np.floor(horizon)) + 1), height)
        below = np.maximum((rows + 0.5 - horizon) / height / zoom, 1e-4)
        depth = eye / below + state.z
        rest = self.eye / np.maximum(depth, 0.05)
        edge = self.eye / self.surface.line
        keep = rest >= edge
        rows, below, depth, rest = rows[keep], below[keep], depth[keep], rest[keep]
        shrink = (depth - state.z) / np.maximum(depth, 0.05)
        texture_row = (view.vanish[1] + rest - self.top) * self.density - 0.5
        step = shrink / (height * zoom)  # units at rest per pixel
        vx = view.vanish[0]
        start = ((0.5 - view.width / 2) / height + state.pan - vx) / zoom * shrink + vx + state.x / depth
        x_scale = step * self.density
        x_offset = (start - self.left) * self.density - 0.5
        far = self.surface.line - state.z
        line = horizon + eye / max(far, 0.05) * height * zoom
        mirrored = line - (rows + 0.5 - line) * (1.0 - 0.5 * min(self.surface.stretch, 1.0))
        return np.asarray(np.stack([rows, texture_row, x_scale, x_offset, mirrored], axis=1), np.float32)

    def _mirror(self, raster: Raster, view: View, last: int) -> tuple[Floats, int]:
        if self.dry:
            return raster.scratch("mirror", 2, 2, 3), 1
        factor = max(1, round(view.height / self.surface.rows))
        tall, wide = max(2, -(-last // factor)), -(-view.width // factor)
        small = raster.scratch("mirror", tall, wide, 3)
        kernels.shrink(raster.frame, small, factor, 0)
        if self.surface.stretch > 0:
            reach = self.surface.stretch * view.height / factor
            _smeared(small, max(1, round(reach * 0.3)), max(1, round(0.02 * view.height / factor)))
        return small, factor

    def _waves(self, raster: Raster, view: View, lines: Floats) -> tuple[Floats, tuple[float, float, float]]:
        rows_per_pixel = min(1.0, _RIPPLE_ROWS / view.height)
        tall = int(len(lines) * rows_per_pixel) + 2
        wide = int(view.width * rows_per_pixel) + 3
        out = raster.scratch("ripples", tall, wide, 3)
        first = float(lines[0, 0])
        state = view.state
        step = 1.0 / (view.height * rows_per_pixel * state.zoom)  # waves grow with all else
        below = (first + 0.5 - self._horizon(view)) / view.height / state.zoom
        left = (-view.width / view.height / 2 + state.pan) / state.zoom
        plane = np.array(
            [below, step, left, self.eye - state.y, state.x, state.z, self.surface.scale], np.float32
        )
        flow = np.array([_TILE * ((h * view.time) % 1.0) for h in self.hertz], np.float32)
        if self.surface.ripple > 0:
            _ripples(out, self.field, plane, flow)
        else:
            out[:] = 0.0
        return out, (rows_per_pixel, first, self.surface.ripple * view.height)


def floor(stage: Stage, name: str, paint: Painter, surface: Surface, *, detail: float = 1.0) -> None:
    """Paint the ground (as seen at rest, from the horizon down) and lay it."""
    top = stage.vanish[1] + stage.eye / surface.line
    reach = [stage.bounds(depth) for depth in (stage.eye / 0.7, stage.eye / 0.35, surface.line)]
    left, right = min(box[0] for box in reach), max(box[2] for box in reach)
    bottom = max(0.5, *(box[3] for box in reach)) + 0.1
    picture = stage.picture(name, (left, top, right, bottom), paint, depth=surface.line, detail=detail)
    field = noise.tile(_TILE, cells=9, seed=stage.seed(name + "/waves"))
    speed = surface.speed
    turns = (
        stage.hertz(0.21 * speed),
        -stage.hertz(0.43 * speed),
        -stage.hertz(0.31 * speed),
        -stage.hertz(0.27 * speed),
    )
    stage.add(
        Floor(
            np.asarray(picture.pixels),
            picture.left,
            picture.top,
            picture.density,
            stage.eye,
            surface,
            field,
            turns,
            dry=float(picture.pixels[:, :, 3].max()) <= 0.0,
        )
    )
