"""Tall trunks in drifting fog, the sun low behind them."""

import math

import numpy as np
from numpy.random import Generator

from plugin_backend.domain.direction.terms import SubjectKind, Weather
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, lit, mix
from worker.animatic.mist import mist, shelf
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.land import weather
from worker.animatic.scenes.sky import sky, sun_at
from worker.animatic.stage import Stage

_BARK = "#3b2a20"
_NEEDLE = "#27331f"
_HUNG = tuple(np.linspace(0.2, 1.0, 7).tolist())  # along a bough: where needles hang
_LINE = -0.02  # the sun stands above the ground's horizon, between the trunks


def forest(stage: Stage) -> None:
    """Far trees to near trunks, each row paler with distance, with light shafts between."""
    stage.vanish = (0.12 * stage.half, 0.16)
    stage.eye = 0.36
    foggy = stage.plan.concept.weather in {Weather.FOG, Weather.HAZE}
    sky(stage, horizon=_LINE, cover=0.2, flare=1.0)
    _far(stage, 7.0, ((9.0, 46), (6.0, 26)))
    _veil(stage, 0, 7.0, 0.85 if foggy else 0.35)
    _far(stage, 4.2, ((4.2, 14),))
    _veil(stage, 2, 4.2, 0.85 if foggy else 0.35)
    _shafts(stage)
    _ground(stage)
    for row, (depth, count) in enumerate(((2.9, 8), (2.0, 5), (1.45, 3)), start=3):
        _near(stage, row, depth, count)
        if row == 3:
            _veil(stage, row, depth, 0.6 if foggy else 0.2)
    cast(stage, without=frozenset({SubjectKind.TREE, SubjectKind.SUN}))
    _undergrowth(stage)
    if not foggy:
        weather(stage)


def _air(stage: Stage, depth: float, colour: Colour, x: float) -> Colour:
    """Fog between here and there: glowing towards the sun, cool away from it."""
    away = min(1.0, abs(x - sun_at(stage, _LINE)[0]) / (1.1 * stage.half))
    fog = mix(lit(stage.look.fog, 1.25), mix(stage.look.fog, stage.look.zenith, 0.6), away**0.8)
    share = (1.0 - math.exp(-max(0.0, depth - 1.6) / 4.2)) * stage.look.haze
    return mix(colour, fog, share)


def _places(stage: Stage, name: str, depth: float, count: int) -> tuple[list[float], Generator]:
    """Where trunks stand, a clearing left for the sun; and the chance that shapes them."""
    box = stage.bounds(depth)
    rng = stage.rng(name)
    wide = box[2] - box[0]
    places = [box[0] + (i + 0.15 + 0.7 * rng.random()) / count * wide for i in range(count)]
    gap = (0.012 + 0.4 / depth) * min(1.0, stage.half / 0.89)
    return [x for x in places if abs(x - sun_at(stage, _LINE)[0]) > gap], rng


def _far(stage: Stage, depth: float, rows: tuple[tuple[float, int], ...]) -> None:
    """Distant rows on one layer: between them the camera cannot tell."""
    box = stage.bounds(depth)

    def paint(canvas: Canvas) -> None:
        for at, count in rows:
            places, rng = _places(stage, f"row{at}", at, count)
            for x in places:
                _trunk(stage, canvas, x, at, rng)

    foot = stage.ground(min(at for at, _ in rows)) + 0.03
    stage.sprite(f"far{depth}", (box[0], box[1], box[2], foot), paint, depth=depth, detail=0.7)


def _near(stage: Stage, row: int, depth: float, count: int) -> None:
    """Near trunks are single pictures, because the gaps between them are wide."""
    places, rng = _places(stage, f"row{row}", depth, count)
    for number, x in enumerate(places):
        _trunk_sprite(stage, f"row{row}/{number}", x, depth, rng)


def _trunk_sprite(stage: Stage, name: str, x: float, depth: float, rng: Generator) -> None:
    top = stage.bounds(depth)[1]
    reach = 0.16 + 0.5 / depth

    def paint(canvas: Canvas) -> None:
        _trunk(stage, canvas, x, depth, rng)
        bark = canvas.noise((60.0, 5.0), stage.seed(name), octaves=4, roughness=0.6)
        canvas.shade(bark, 0.35, 1.5)

    stage.sprite(name, (x - reach, top, x + reach, stage.ground(depth) + 0.05), paint, depth=depth)


def _trunk(stage: Stage, canvas: Canvas, x: float, depth: float, rng: Generator) -> None:
    """A tapering trunk with boughs, its edge towards the sun catching light."""
    foot, top = stage.ground(depth), stage.bounds(depth)[1] - 0.05
    width = (0.055 + 0.03 * rng.random()) / depth
    lean = (rng.random() - 0.5) * 0.05
    dark = _air(stage, depth, lit(stage.look.surface(_BARK, facing=0.05), 0.4), x)
    sun = sun_at(stage, _LINE)[0]
    side = math.copysign(1.0, sun - x)
    _boughs(stage, canvas, (x, foot, lean), depth, rng)
    ends = (x + lean, top, width * 0.62)
    canvas.strokes(np.array([stroke((x, foot - width * 0.5, width), ends, dark)], np.float32))
    for spread in (-1.0, 0.1, 1.2):
        root = stroke(
            (x, foot - 2.2 * width, width * 0.8), (x + spread * width * 1.5, foot, width * 0.25), dark
        )
        canvas.strokes(np.array([root], np.float32))
    near = 1.0 / (1.0 + ((x - sun) / 0.35) ** 2)
    rim = lit(stage.look.key, (0.12 + 0.9 * near) * min(1.0, 2.2 / depth))
    edge = stroke(
        (x + side * width * 0.86, foot, width * 0.1),
        (x + lean + side * width * 0.54, top, width * 0.05),
        rim,
        0.0,
        soft=width * 0.3,
    )
    canvas.strokes(np.array([edge], np.float32))


def _boughs(
    stage: Stage, canvas: Canvas, stem: tuple[float, float, float], depth: float, rng: Generator
) -> None:
    x, foot, lean = stem
    colour = _air(stage, depth, lit(stage.look.surface(_NEEDLE, facing=0.1), 0.55), x)
    rows: list[tuple[float, ...]] = []
    lowest = foot - (0.75 + 0.4 * rng.random()) * 1.7 / depth
    height = max(0.0, lowest - canvas.top)
    for step in range(int(height * depth * 9) + 1):
        y = lowest - step / (depth * 9) - 0.03 * rng.random()
        for side in (-1.0, 1.0):
            if rng.random() < 0.75:
                rows += _bough(
                    (x + lean * (foot - y), y), side * (0.5 + rng.random()) * 0.3 / depth, colour, rng
                )
    if rows:
        canvas.strokes(rows)


def _bough(
    base: tuple[float, float], reach: float, colour: Colour, rng: Generator
) -> list[tuple[float, ...]]:
    """A drooping bough hung with needles."""
    droop = abs(reach) * (0.25 + 0.4 * rng.random())
    size = abs(reach)
    tip = (base[0] + reach, base[1] + droop)
    rows = [stroke((*base, size * 0.035), (*tip, size * 0.012), colour)]
    for share in _HUNG:
        px, py = base[0] + reach * share, base[1] + droop * share**1.4
        hang = size * (0.16 + 0.14 * rng.random())
        rows.append(
            stroke(
                (px, py, size * 0.06), (px + reach * 0.12, py + hang, size * 0.015), colour, 0.95, size * 0.02
            )
        )
    return rows


def _veil(stage: Stage, row: int, depth: float, alpha: float) -> None:
    box = stage.bounds(depth)
    foot = stage.ground(depth)
    colour = mix(stage.look.fog, lit(stage.look.key, 0.9), 0.3)
    mist(
        stage,
        f"veil{row}",
        (box[0], foot - 0.42, box[2], foot + 0.16),
        depth=depth,
        colour=colour,
        alpha=alpha,
        shape=shelf(0.75, 0.25),
        size=(0.35, 0.8),
        drift=(0.014 * (1 if row % 2 else -1), 0.0),
        cut=(0.25, 0.75),
    )


def _shafts(stage: Stage) -> None:
    """Beams fanning out from the sun between the trunks."""
    box = stage.bounds(3.6)
    x, y = sun_at(stage, _LINE)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("shafts")
        across, down = canvas.columns() - x, canvas.rows() - y
        angle = np.arctan2(down, across)
        beams = np.zeros(canvas.shape, np.float32)
        for centre, width, power in rng.random((16, 3)):
            turn = (centre * 2.0 - 0.5) * math.pi
            beams += ((0.3 + power) * np.exp(-(((angle - turn) / (0.03 + 0.07 * width)) ** 2))).astype(
                np.float32
            )
        fade = np.exp(-np.sqrt(across**2 + down**2) / 0.5) * (1.0 - np.exp(-(across**2 + down**2) / 0.004))
        colour = lit(stage.look.key, 0.5)
        field: Floats = np.asarray(np.minimum(beams, 1.5) * fade, np.float32)
        for channel in range(3):
            canvas.pixels[:, :, channel] += field * np.float32(colour[channel])

    stage.sprite("shafts", (box[0], box[1], box[2], 0.5), paint, depth=3.6, detail=0.3, soft=True)


def _ground(stage: Stage) -> None:
    def paint(canvas: Canvas) -> None:
        below = np.maximum(canvas.rows() - stage.vanish[1], 0.004)
        far = stage.look.air(lit(stage.look.surface("#4a3b22", facing=0.5), 0.9), 0.9)
        near = lit(stage.look.surface("#33301c", facing=0.15), 0.45)
        canvas.gradient([(canvas.top, far), (canvas.top + 0.12, mix(far, near, 0.7)), (0.5, near)])
        litter = canvas.noise((26.0, 90.0), stage.seed("litter"), octaves=5, roughness=0.65)
        canvas.shade(litter, 0.25, 1.6)
        path = np.exp(-(((canvas.columns() - sun_at(stage, _LINE)[0]) / (0.05 + 0.9 * below)) ** 2))
        canvas.wash(np.asarray(path * litter, np.float32), lit(stage.look.key, 0.45), 0.7)
        canvas.pixels[:, :, 3] = 0.0

    floor(stage, "ground", paint, Surface(line=4.2))


def _undergrowth(stage: Stage) -> None:
    """Ferns at the very front, out of focus, that frame the picture."""
    depth = 1.15
    box = stage.bounds(depth)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("ferns")
        dark = lit(stage.look.surface("#1d2414", facing=0.05), 0.35)
        rows = []
        for x in np.arange(box[0], box[2], 0.012):
            tall = (0.05 + 0.1 * rng.random()) * (0.5 + min(1.0, (abs(x) / stage.half) ** 2))
            lean = (rng.random() - 0.5) * 0.16
            rows.append(stroke((x, box[3] + 0.02, 0.006), (x + lean, box[3] - tall, 0.001), dark))
        canvas.strokes(rows)
        canvas.blur(0.004)

    stage.sprite("ferns", (box[0], box[3] - 0.24, box[2], box[3]), paint, depth=depth, detail=0.5)
