"""A perfume bottle on black marble: rim light, softboxes sliding over glass as the camera orbits."""

import math
from dataclasses import dataclass

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic import kernels
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.kernels import jit
from worker.animatic.mist import mist, shelf
from worker.animatic.scenes.extras import cast
from worker.animatic.stage import Stage
from worker.animatic.view import Raster, View

_DEPTH = 2.0
# Where lights stand around the bottle (radians from the lens), how wide, how strong.
_LIGHTS = ((-1.15, 0.16, 5.0), (1.05, 0.10, 9.0), (2.35, 0.3, 3.0), (-2.5, 0.25, 4.0), (-0.15, 0.05, 0.5))


@jit
def _turned(patch: Floats, shape: Floats, faces: Floats, liquid: float) -> None:
    """Fill a premultiplied patch: half width, shade and part per row; light across each part."""
    rows, columns, _ = patch.shape
    steps = faces.shape[0]
    for j in range(rows):
        half = shape[j, 0]
        kind = int(shape[j, 2])
        for i in range(columns):
            u = (i + 0.5 - columns / 2) / max(half, 1e-3)
            cover = min(1.0, max(0.0, (1.0 - abs(u)) * half + 0.5))
            if half <= 0.0 or cover <= 0.0:
                for c in range(4):
                    patch[j, i, c] = 0.0
                continue
            at = min(max((u * 0.5 + 0.5) * (steps - 1), 0.0), steps - 1.001)
            k = int(at)
            f = at - k
            for c in range(3):
                glass = faces[k, c] + (faces[k + 1, c] - faces[k, c]) * f
                fill = faces[k, 3 + c] + (faces[k + 1, 3 + c] - faces[k, 3 + c]) * f
                cap = faces[k, 6 + c] + (faces[k + 1, 6 + c] - faces[k, 6 + c]) * f
                if kind == 1:
                    value = cap
                elif j > liquid:
                    value = glass + fill
                else:
                    value = glass + 0.12 * fill
                patch[j, i, c] = np.float32(value * shape[j, 1] * cover)
            patch[j, i, 3] = np.float32(cover * (1.0 if kind == 1 else 0.94))


@dataclass(frozen=True, slots=True)
class Bottle:
    """A squared bottle turned about its own axis; drawn upright, or upside down as its reflection."""

    x: float
    foot: float
    tall: float
    depth: float
    tint: Colour
    flipped: bool
    still: bool = False
    soft: bool = False

    def draw(self, raster: Raster, view: View) -> None:
        """Shade once per column, then fill row by row."""
        matrix = view.affine(self.depth)
        unit = float(matrix.a)
        rows = max(2, int(self.tall * unit))
        columns = max(2, int(0.66 * self.tall * unit) // 2 * 2)
        patch = raster.scratch("bottle", rows, columns, 4)
        shape = self._outline(rows, unit, view.state.orbit)
        _turned(patch, shape, self._faces(view.state.orbit), 0.46 * rows)
        foot = self.foot * unit + float(matrix.y)
        left = round(self.x * unit + float(matrix.x) - columns / 2)
        if self.flipped:
            fade = np.linspace(0.42, 0.0, rows, dtype=np.float32)[:, None, None] ** 1.2
            patch = np.ascontiguousarray(patch[::-1] * fade)
        self._lay(raster, patch, left, round(foot if self.flipped else foot - rows))

    def _lay(self, raster: Raster, patch: Floats, left: int, top: int) -> None:
        height, width, _ = raster.frame.shape
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(width, left + patch.shape[1]), min(height, top + patch.shape[0])
        if x1 > x0 and y1 > y0:
            part = np.ascontiguousarray(patch[y0 - top : y1 - top, x0 - left : x1 - left])
            kernels.over(raster.frame, part, x0, y0, 1.0, 1.0)

    def _outline(self, rows: int, unit: float, turn: float) -> Floats:
        """Half width, brightness and part (0 glass, 1 metal) of every row, cap to base."""
        y = (np.arange(rows) + 0.5) / rows
        square = (
            abs(math.cos(turn + 0.35)) + abs(math.sin(turn + 0.35))
        ) ** 0.75  # seen on edge, a square is wider
        body = 0.215 * self.tall * square
        half = np.where(y < 0.27, 0.085 * self.tall, np.where(y < 0.335, 0.05 * self.tall, body))
        corner = np.clip((y - 0.335) / 0.045, 0.0, 1.0)
        round_foot = np.clip((1.0 - y) / 0.02, 0.0, 1.0)
        body_shape = np.sqrt(np.clip(1.0 - (1.0 - corner) ** 2, 0.0, 1.0)) * (
            0.93 + 0.07 * np.sqrt(round_foot)
        )
        half = np.where(y >= 0.335, 0.05 * self.tall + (half - 0.05 * self.tall) * body_shape, half)
        half = np.where(y < 0.02, half * (0.94 + 3.0 * y), half)
        glow = 0.75 + 0.4 * np.exp(-(((y - 0.5) / 0.2) ** 2)) + 0.9 * np.exp(-(((y - 0.965) / 0.016) ** 2))
        glow = np.where((y > 0.25) & (y < 0.27), 0.3, glow)
        return np.stack([half * unit, glow, (y < 0.335).astype(float)], axis=1).astype(np.float32)

    def _faces(self, turn: float) -> Floats:
        """Light across the body (glass, liquid) and the metal cap, by the direction each part faces."""
        u = np.linspace(-1.0, 1.0, 257)
        bearing = np.arcsin(np.clip(u, -1.0, 1.0))
        corner = (np.mod(turn + 0.35, math.pi / 2) / (math.pi / 2) - 0.5) * -1.7
        flat = np.tanh((u - corner) * 9.0) * 0.62 + bearing * 0.42  # two faces, meeting at a moving edge
        glass = np.zeros_like(u)
        metal = np.zeros_like(u)
        for place, width, power in _LIGHTS:
            glass += power * 0.22 * np.exp(-(((flat * 2.0 - place - turn * 0.9 + 0.3) / (width * 1.4)) ** 2))
            metal += power * 0.3 * np.exp(-(((bearing * 2.0 - place - turn * 0.6) / (width + 0.1)) ** 2))
        rim = 3.2 * np.exp(-(((np.abs(u) - 0.972) / 0.018) ** 2)) * np.where(u > 0, 1.0, 0.65)
        edge = 1.1 * np.exp(-(((u - corner) / 0.012) ** 2))
        core = (
            np.exp(-(((u - 0.35 * math.sin(turn)) / 0.55) ** 2)) * 0.42
            + 0.10
            + 0.5 * np.exp(-(((np.abs(u) - 0.86) / 0.06) ** 2))
        )
        white, gold = ink("#fff4e2"), ink("#e8b768")
        out = np.empty((257, 9), np.float32)
        for channel in range(3):
            out[:, channel] = white[channel] * (glass + rim + edge + 0.012)
            out[:, 3 + channel] = self.tint[channel] * core
            out[:, 6 + channel] = gold[channel] * (metal + rim * 0.5 + 0.03)
        return out


def tabletop(stage: Stage) -> None:
    """A dark set: strip lights far behind, black marble, the bottle and its reflection."""
    stage.vanish, stage.eye = (0.0, -0.02), 0.62
    stage.finish.bloom, stage.finish.vignette, stage.finish.grain = 0.06, 0.6, 0.02
    stage.backdrop("set", lambda canvas: _set(stage, canvas), depth=4.4, detail=0.4)
    floor(
        stage,
        "marble",
        lambda canvas: _marble(stage, canvas),
        Surface(line=4.4, stretch=0.1, rows=360),
        detail=0.8,
    )
    box = stage.bounds(3.2)
    mist(
        stage,
        "haze",
        (box[0], -0.2, box[2], 0.25),
        depth=3.2,
        colour=ink("#c9a27a", 0.12),
        alpha=0.35,
        shape=shelf(0.6, 0.4),
        size=(0.5, 0.8),
        drift=(0.012, -0.006),
    )
    if stage.subject(SubjectKind.BOTTLE) or not stage.plan.concept.subjects:
        tint = ink(stage.colour(SubjectKind.BOTTLE, "#d9822b"))
        tint = ink("#d9822b") if max(tint) < 0.05 else tint
        tall, foot = 0.6 * min(1.0, stage.fit + 0.15), stage.ground(_DEPTH) - 0.01
        stage.add(Bottle(0.0, foot, tall, _DEPTH, tint, flipped=True))
        stage.add(Bottle(0.0, foot, tall, _DEPTH, tint, flipped=False))
    cast(stage, depth=_DEPTH, tall=0.4, without=frozenset({SubjectKind.BOTTLE}))


def _set(stage: Stage, canvas: Canvas) -> None:
    canvas.gradient([(-0.6, ink("#0c0d11", 0.25)), (0.12, ink("#2b241f", 0.3)), (0.3, ink("#0a0a0c", 0.2))])
    canvas.glow((0.0, 0.02), 0.32, ink("#a86a3c", 0.18), 1.8)
    for x, power in ((-0.62, 1.3), (0.66, 1.9)):
        at = x * stage.half
        canvas.light(
            [(at - 0.02, 0.08), (at - 0.02, -0.42), (at + 0.02, -0.42), (at + 0.02, 0.08)],
            ink("#ffe6c4", power),
            soft=0.022,
        )
        canvas.glow((at, -0.17), 0.12, ink("#ffcf98", 0.1 * power), 1.4)
    rng = stage.rng("bokeh")
    rows = []
    for x, y, size, power in rng.random((26, 4)):
        spot = (canvas.left + x * (canvas.right - canvas.left), -0.34 + 0.4 * y)
        radius = 0.008 + 0.022 * size
        rows.append(
            stroke((*spot, radius), (*spot, radius), ink("#ffb766", 0.10 + 0.5 * power**4), 0.0, 0.004)
        )
    canvas.strokes(rows)


def _marble(stage: Stage, canvas: Canvas) -> None:
    """Black stone with gold and white veins, drawn in the plane of the table."""
    below = np.maximum(canvas.rows() - stage.vanish[1], 0.02)
    canvas.gradient([(canvas.top, ink("#17171a", 0.12)), (0.5, ink("#0d0d10", 0.12))])
    warp = canvas.noise((2.6, 9.0), stage.seed("warp"), octaves=6, roughness=0.6)
    second = canvas.noise((4.3, 15.0), stage.seed("second"), octaves=6, roughness=0.6)
    veins = np.exp(-np.abs(warp - 0.5) / 0.006) + 0.6 * np.exp(-np.abs(second - 0.48) / 0.004)
    patchy = canvas.noise((1.5, 4.0), stage.seed("patchy"), octaves=3)
    strength = np.clip((patchy - 0.35) * 3.0, 0.0, 1.0) * veins
    canvas.wash(
        np.asarray(np.clip(strength, 0.0, 1.0), np.float32), mix(ink("#d8c6a8"), ink("#b9853f"), 0.4), 0.22
    )
    sheen = np.exp(-((canvas.columns() / (0.3 + below)) ** 2)) * np.exp(-(((below - 0.2) / 0.16) ** 2))
    for channel, part in enumerate(lit(ink("#d99a5c"), 0.05)):
        canvas.pixels[:, :, channel] += np.asarray(sheen * part, np.float32)
    canvas.pixels[:, :, 3] = 0.34 + 0.25 * np.exp(-below / 0.18)
