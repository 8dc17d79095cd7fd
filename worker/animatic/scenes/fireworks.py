"""Fireworks over black water, mirrored, with people along the shore."""

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, ink, lit
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.harbour import gulls, water
from worker.animatic.scenes.land import ridge, weather
from worker.animatic.scenes.shells import Burst, show
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_LINE = 0.05  # the horizon: high enough for the bursts to be mirrored whole


def lake(stage: Stage) -> None:
    """A lake; at night under fireworks when the brief has them."""
    stage.vanish, stage.eye = (0.0, _LINE), 0.5
    if stage.subject(SubjectKind.FIREWORKS):
        _festive(stage)
    else:
        _quiet(stage)


def _festive(stage: Stage) -> None:
    sky(stage, horizon=_LINE, cover=0.25, moon=False, shells=False)
    _shores(stage, 0.12)
    _lights(stage)
    shells = show(stage)
    surface = Surface(line=17.0, stretch=0.22, ripple=0.55, speed=0.2, rows=360)
    floor(stage, "water", _black_water, surface, detail=0.3)
    _people(stage, shells)


def _quiet(stage: Stage) -> None:
    painted = {SubjectKind.CROWD, SubjectKind.BIRD, SubjectKind.SUN, SubjectKind.MOON}
    sky(stage, horizon=_LINE, cover=0.5)
    _shores(stage, 0.5)
    water(stage, line=17.0, ripple=0.4)
    gulls(stage, 4)
    cast(stage, depth=2.6, without=frozenset(painted))
    _people(stage, [])
    weather(stage)


def _shores(stage: Stage, shade: float) -> None:
    """Hills beyond the water, and the trees at its far edge."""
    far, near = stage.look.surface("#33435c"), stage.look.surface("#1d2a33")
    ridge(
        stage, "far shore", depth=24.0, height=0.09, line=_LINE + 0.022, colour=lit(far, shade), trees=False
    )
    ridge(
        stage,
        "near shore",
        depth=18.0,
        height=0.035,
        line=_LINE + 0.03,
        colour=lit(near, shade * 0.7),
        trees=True,
    )


def _black_water(canvas: Canvas) -> None:
    canvas.gradient([(canvas.top, ink("#0a1224", 0.2)), (0.6, ink("#04070d", 0.2))])
    canvas.pixels[:, :, 3] = 0.72


def _lights(stage: Stage) -> None:
    """A few house lights on the far shore."""
    box = stage.bounds(18.0)

    def paint(canvas: Canvas) -> None:
        rows = []
        for x, y, power in stage.rng("lights").random((38, 3)):
            at = (box[0] + x * (box[2] - box[0]), _LINE + 0.02 + 0.008 * y)
            rows.append(
                stroke((*at, 0.0009), (*at, 0.0009), ink("#ffc27a", 0.5 + 3.5 * power**3), 0.0, 0.001)
            )
        canvas.strokes(rows)

    stage.sprite("lights", (box[0], _LINE, box[2], _LINE + 0.04), paint, depth=18.0)


def _people(stage: Stage, shells: list[Burst]) -> None:
    """The near shore: grass, and people standing against the light of the water."""
    depth = 1.5
    box = stage.bounds(depth)
    ground = 0.44
    dark = lit(ink("#070910"), 0.35) if shells else lit(stage.look.surface("#22281f", facing=0.1), 0.3)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("people")
        x = np.linspace(box[0], box[2], 200)
        rise = ground + 0.012 * np.sin(x * 5.0) + 0.008 * np.sin(x * 13.0)
        canvas.polygon(
            [(box[0], box[3]), *zip(x.tolist(), rise.tolist(), strict=True), (box[2], box[3])], dark
        )
        rows = [
            stroke(
                (gx, ground + 0.02, 0.003),
                (gx + 0.02 * (rng.random() - 0.5), ground - 0.012 - 0.014 * rng.random(), 0.0008),
                dark,
            )
            for gx in np.arange(box[0], box[2], 0.006)
        ]
        if shells or stage.subject(SubjectKind.CROWD):
            for place in (-0.86, -0.72, -0.66, -0.4, -0.33, -0.2, 0.08, 0.15, 0.42, 0.5, 0.57, 0.78, 0.9):
                small = rng.random() < 0.2
                rows += _onlooker(
                    place * stage.half,
                    ground + 0.02,
                    (0.12 if small else 0.19) + 0.03 * rng.random(),
                    dark,
                    rng.random(),
                )
        canvas.strokes(rows)

    picture = stage.picture("people", (box[0], ground - 0.3, box[2], box[3]), paint, depth=depth)
    stage.place(picture, depth=depth)


def _onlooker(x: float, ground: float, tall: float, colour: Colour, chance: float) -> list[tuple[float, ...]]:
    """Someone seen from behind, looking up; some lift an arm to point or film."""
    hip, chest, head = ground - 0.48 * tall, ground - 0.79 * tall, ground - 0.93 * tall
    rows = []
    for side in (-1.0, 1.0):
        rows.append(
            stroke(
                (x + side * 0.05 * tall, hip, 0.06 * tall),
                (x + side * 0.08 * tall, ground, 0.035 * tall),
                colour,
            )
        )
        rows.append(
            stroke(
                (x + side * 0.12 * tall, chest, 0.035 * tall),
                (x + side * 0.15 * tall, hip, 0.026 * tall),
                colour,
            )
        )
    rows.append(stroke((x, hip, 0.1 * tall), (x, chest, 0.105 * tall), colour))
    rows.append(stroke((x - 0.05 * tall, chest, 0.08 * tall), (x + 0.05 * tall, chest, 0.08 * tall), colour))
    rows.append(
        stroke(
            (x + 0.01 * tall, head, 0.062 * tall), (x + 0.01 * tall, head - 0.02 * tall, 0.06 * tall), colour
        )
    )
    if chance > 0.66:
        rows.append(
            stroke(
                (x + 0.13 * tall, chest, 0.034 * tall),
                (x + 0.3 * tall, chest - 0.24 * tall, 0.02 * tall),
                colour,
            )
        )
    return rows
