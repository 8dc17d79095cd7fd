"""A platform in low sun: a train rushes by behind, a person walks along."""

from itertools import pairwise

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.figures import Cloth, Row, stacked, walker
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, ink, lit
from worker.animatic.items import Strokes
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.land import ridge, tree, weather
from worker.animatic.scenes.sky import sky
from worker.animatic.scenes.street import walking_x
from worker.animatic.scenes.train import TRACK, train
from worker.animatic.stage import Stage

_WALK = 2.0


def platform(stage: Stage) -> None:
    """Hills and trees, the line with its train, the platform's edge, the walker and a long shadow."""
    stage.vanish, stage.eye = (0.0, 0.0), 0.72
    stage.finish.flare = None
    sky(stage, horizon=0.03, cover=0.5, flare=0.6)
    hills = stage.look.air(stage.look.surface("#5a6a63", facing=0.3), 0.6)
    ridge(stage, "hills", depth=20.0, height=0.11, line=0.06, colour=hills, trees=True)
    _trees(stage)
    floor(stage, "ballast", lambda canvas: _ground(stage, canvas), Surface(line=7.5), detail=0.8)
    if stage.subject(SubjectKind.TRAIN) or not stage.plan.concept.subjects:
        train(stage)
    _edge(stage)
    _canopy(stage)
    _walker(stage)
    cast(stage, depth=1.8, tall=0.4, without=frozenset({SubjectKind.TRAIN, SubjectKind.PERSON}))
    weather(stage)


def _trees(stage: Stage) -> None:
    depth = 8.0
    box = stage.bounds(depth)
    foot = stage.ground(depth) - 0.004

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("trees")
        for at in np.arange(box[0], box[2], 0.085):
            colour = stage.look.air(
                lit(stage.look.surface("#4f5d2c", facing=0.3), 0.6), 0.42 + 0.1 * rng.random()
            )
            canvas.strokes(
                np.array(
                    tree(float(at) + 0.03 * rng.random(), foot, 0.1 + 0.1 * rng.random(), colour, rng),
                    np.float32,
                )
            )
        canvas.polygon(
            [(box[0], foot - 0.03), (box[2], foot - 0.03), (box[2], foot + 0.02), (box[0], foot + 0.02)],
            stage.look.air(lit(stage.look.surface("#4c4a2a", facing=0.3), 0.6), 0.45),
            soft=0.008,
        )

    stage.sprite("trees", (box[0], foot - 0.34, box[2], foot + 0.03), paint, depth=depth)


def _ground(stage: Stage, canvas: Canvas) -> None:
    """Ballast and rails beyond, paving slabs with a warning line on this side."""
    edge = stage.ground(TRACK * 0.86)
    look = stage.look
    gravel = look.surface("#6f6152", facing=0.4)
    canvas.gradient([(canvas.top, look.surface("#8d7a5c", facing=0.5)), (edge, gravel), (0.6, gravel)])
    canvas.shade(canvas.noise((60, 150), stage.seed("ballast"), octaves=4, roughness=0.7), 0.3, 1.4)
    for depth in (4.6, 4.2, 3.7):
        y = stage.ground(depth)
        canvas.rect((canvas.left, y, canvas.right, y + 0.004), lit(look.key, 0.75))
    _paving(stage, canvas, edge)
    line = (canvas.left, edge + 0.028, canvas.right, edge + 0.042)
    canvas.rect(line, lit(look.surface("#f2c230", facing=0.7), 0.8), 0.85)
    canvas.pixels[:, :, 3] = 0.0


def _paving(stage: Stage, canvas: Canvas, edge: float) -> None:
    """Slabs in perspective from the platform's edge to the lens, worn unevenly."""
    below = np.maximum(canvas.rows() - stage.vanish[1], 0.01)
    paved = (canvas.rows() >= edge).astype(np.float32)
    across, away = canvas.columns() / below * 1.15, np.log(below) * 5.0
    seam = np.minimum(np.abs(across - np.round(across)) * below, np.abs(away - np.round(away)) * below * 0.25)
    worn = 0.75 + 0.5 * canvas.noise((7, 22), stage.seed("paving"), octaves=6, roughness=0.6)
    shade = np.clip(seam / 0.0035, 0.35, 1.0) * worn
    stone = stage.look.surface("#9c938a", facing=0.42)
    for channel in range(3):
        flat = np.float32(stone[channel]) * shade
        canvas.pixels[:, :, channel] += paved * (flat - canvas.pixels[:, :, channel])


def _edge(stage: Stage) -> None:
    """The platform's lip hides the wheels."""
    depth = TRACK * 0.86
    y = stage.ground(depth)
    box = stage.bounds(depth)

    def paint(canvas: Canvas) -> None:
        canvas.polygon(
            [(box[0], y - 0.028), (box[2], y - 0.028), (box[2], y + 0.008), (box[0], y + 0.008)],
            stage.look.surface("#b3a998", facing=0.55),
        )
        canvas.polygon(
            [(box[0], y - 0.028), (box[2], y - 0.028), (box[2], y - 0.022), (box[0], y - 0.022)],
            lit(stage.look.key, 0.8),
        )

    stage.sprite("lip", (box[0], y - 0.03, box[2], y + 0.01), paint, depth=depth)


def _canopy(stage: Stage) -> None:
    """Columns, the roof's edge with its lace, and a sign hanging against the light."""
    depth = 1.7
    box = stage.bounds(depth)
    dark = lit(stage.look.surface("#33403c", facing=0.15), 0.55)
    foot = stage.ground(2.4)

    def paint(canvas: Canvas) -> None:
        rows: list[Row] = []
        for place in (-0.84, 0.72):
            rows += _column(place * stage.half, foot, dark, lit(stage.look.key, 0.8))
        canvas.strokes(rows)
        canvas.rect((box[0], -0.8, box[2], -0.43), lit(dark, 0.7))
        lace = [
            [(x, -0.435), (x + 0.017, -0.408), (x + 0.034, -0.435)]
            for x in np.arange(box[0], box[2], 0.034).tolist()
        ]
        canvas.polygons(lace, lit(dark, 0.8))
        canvas.rect((box[0], -0.44, box[2], -0.434), lit(stage.look.key, 0.35))
        _sign(canvas, 0.28 * stage.half, dark)

    stage.sprite("canopy", (box[0], min(box[1], -0.5), box[2], foot + 0.04), paint, depth=depth)


def _column(x: float, foot: float, dark: Colour, light: Colour) -> list[Row]:
    """An iron column with arched brackets, one edge in the sun."""
    rows = [
        stroke((x, foot, 0.017), (x, -0.42, 0.014), dark),
        stroke((x, foot, 0.03), (x, foot - 0.03, 0.022), dark),
    ]
    for side in (-1.0, 1.0):
        arch = [(x + side * 0.13 * t, -0.3 - 0.14 * t**0.5) for t in np.linspace(0, 1, 9)]
        rows += [stroke((*a, 0.008), (*b, 0.007), dark) for a, b in pairwise(arch)]
    rows.append(stroke((x - 0.012, foot, 0.002), (x - 0.01, -0.4, 0.002), light, 0.0, 0.003))
    return rows


def _sign(canvas: Canvas, x: float, dark: Colour) -> None:
    canvas.rect((x - 0.12, -0.31, x + 0.12, -0.245), lit(ink("#20426b"), 0.55))
    canvas.rect((x - 0.095, -0.285, x + 0.075, -0.27), ink("#f4efe2", 0.7))
    canvas.strokes([stroke((at, -0.43, 0.003), (at, -0.31, 0.003), dark) for at in (x - 0.09, x + 0.09)])


def _walker(stage: Stage) -> None:
    heading = stage.heading(SubjectKind.PERSON, -1.0)
    tall, ground = 0.47 * stage.fit, stage.ground(_WALK) + 0.02
    coat = stage.look.surface(stage.colour(SubjectKind.PERSON, "#2f4a63"), facing=0.22)
    cloth = Cloth(
        lit(coat, 0.7),
        lit(stage.look.surface("#2a2622", facing=0.15), 0.6),
        stage.look.surface("#a8795a", facing=0.35),
        lit(stage.look.key, 0.95),
        -1.0,
    )
    bag = lit(stage.look.surface("#7a4a26", facing=0.3), 0.7)

    def rows(time: float) -> Floats:
        x = walking_x(stage, _WALK, tall, heading, time)
        figure = walker((x, ground), tall, x / (0.62 * tall), heading, cloth)
        shade = _shadow(x, ground, tall)
        satchel = [
            stroke(
                (x - heading * 0.06 * tall, ground - 0.5 * tall, 0.06 * tall),
                (x - heading * 0.1 * tall, ground - 0.46 * tall, 0.055 * tall),
                bag,
            )
        ]
        return stacked(shade, figure[:-2], satchel, figure[-2:])

    stage.add(Strokes(rows, _WALK))


def _shadow(x: float, ground: float, tall: float) -> list[Row]:
    """A long shadow away from the low sun: legs, then body, then head, none on top of another."""
    spots = [
        (x + share * 1.15 * tall, ground + share * 0.22 * tall) for share in (0.02, 0.44, 0.5, 0.8, 0.9, 0.95)
    ]
    widths = (0.02, 0.035, 0.05, 0.06, 0.035, 0.035)
    ends = [(*spot, width * tall) for spot, width in zip(spots, widths, strict=True)]
    black = (0.0, 0.0, 0.0)
    return [stroke(a, b, black, 0.5, 0.012) for a, b in zip(ends[::2], ends[1::2], strict=True)]
