"""A cabin among firs, its window lit, snow falling past."""

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind, Weather
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, ink, lit
from worker.animatic.items import Pose
from worker.animatic.mist import mist, plume
from worker.animatic.particles import fall, snow
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.land import fir, ridge, weather
from worker.animatic.scenes.log_house import DEPTH, LAMP, log_house
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage, wave


def cabin(stage: Stage) -> None:
    """Hills, a wall of firs, the cabin with its light on the snow, firs near the lens, snow everywhere."""
    stage.vanish, stage.eye = (0.0, 0.05), 0.62
    stage.finish.bloom, stage.finish.vignette = 0.07, 0.6
    sky(stage, horizon=0.06, cover=0.35, moon=False)
    ridge(
        stage,
        "hills",
        depth=18.0,
        height=0.16,
        line=0.1,
        colour=lit(ink("#3b5688"), 0.3),
        trees=True,
        roughness=0.5,
    )
    for row, (depth, shade) in enumerate(((8.0, 0.55), (5.5, 0.3))):
        _firs(stage, row, depth, lit(ink("#2f4a70"), 0.3 * shade + 0.04))
    floor(stage, "snowfield", lambda canvas: _snowfield(stage, canvas), Surface(line=5.5), detail=0.6)
    _smoke(stage)
    x = 0.06 * stage.half
    size, foot = _size(stage), (x, stage.ground(DEPTH))
    stage.sprite(
        "cabin",
        (x - 0.62, -0.4, x + 0.55, 0.34),
        lambda canvas: log_house(stage, canvas, x),
        depth=DEPTH,
        motion=None if size == 1.0 else lambda _: Pose(scale=size),
        pivot=foot,
    )
    _glow(stage, x)
    if stage.plan.concept.weather is Weather.SNOW or stage.plan.concept.weather is Weather.CLEAR:
        snow(stage, 420, colour=ink("#b8c8e8", 0.42), depths=(2.2, 8.0))
    _near(stage)
    cast(stage, depth=2.2, tall=0.26, without=frozenset({SubjectKind.HOUSE, SubjectKind.TREE}))
    if stage.plan.concept.weather is Weather.SNOW:
        snow_near(stage)
    else:
        weather(stage)


def _size(stage: Stage) -> float:
    """The cabin fits its picture: smaller where that is narrow."""
    return min(1.0, stage.aspect / 1.15)


def snow_near(stage: Stage) -> None:
    """Large soft flakes before the lens."""
    fall(
        stage,
        "near snow",
        150,
        depths=(0.55, 2.2),
        speed=0.24,
        slant=0.16,
        sway=0.035,
        size=0.0052,
        colour=ink("#d6e0f4", 0.55),
        alpha=0.7,
    )


def _firs(stage: Stage, row: int, depth: float, colour: Colour) -> None:
    box = stage.bounds(depth)
    foot = stage.ground(depth) + 0.01

    def paint(canvas: Canvas) -> None:
        rng = stage.rng(f"firs{row}")
        for at in np.arange(box[0], box[2], 0.075 if row == 0 else 0.13):
            x, tall = float(at) + 0.05 * rng.random(), (0.24 + 0.2 * rng.random()) * (1.0 + 0.35 * row)
            canvas.strokes(np.array(fir(x, foot, tall, colour, rng=rng, tiers=11), np.float32))
            _snow_on(canvas, x, foot, tall, lit(ink("#a9bde0"), 0.16 + 0.05 * row))

    stage.sprite(f"firs{row}", (box[0], foot - 0.66, box[2], foot + 0.02), paint, depth=depth)


def _snow_on(canvas: Canvas, x: float, foot: float, tall: float, colour: Colour) -> None:
    rows = []
    for tier in range(2, 10):
        share = tier / 11
        y = foot - tall * (0.13 + 0.8 * share)
        reach = tall * 0.2 * (1.0 - share)
        rows += [
            stroke(
                (x + side * reach * 0.3, y - 0.03 * tall, 0.008 * tall),
                (x + side * reach, y + 0.045 * tall, 0.006 * tall),
                colour,
                0.75,
                0.006 * tall,
            )
            for side in (-1.0, 1.0)
        ]
    canvas.strokes(rows)


def _snowfield(stage: Stage, canvas: Canvas) -> None:
    """Blue snow with drifts; warm where the window's light falls."""
    blue = ink("#6f8fc8", 0.16)
    canvas.gradient([(canvas.top, lit(blue, 0.55)), (0.3, blue), (0.6, lit(blue, 0.6))])
    drifts = canvas.noise((1.6, 9.0), stage.seed("drifts"), octaves=5)
    sparkle = canvas.noise((150, 260), stage.seed("sparkle"), octaves=2)
    canvas.shade(drifts, 0.45, 1.5)
    canvas.shade(np.clip((sparkle - 0.25) * 1.6, 0.0, 1.0), 0.85, 1.2)
    x, y = 0.06 * stage.half, stage.ground(DEPTH)
    for shift, power in ((-0.3, 0.8), (0.02, 1.0)):
        lean = (canvas.rows() - y) * 0.25
        across = (canvas.columns() - x - shift + lean) / (0.09 + 0.55 * np.maximum(canvas.rows() - y, 0.0))
        down = np.maximum(canvas.rows() - y + 0.02, 0.0)
        pool = (
            np.exp(-(across**4)) * np.exp(-down / 0.16) * (canvas.rows() > y - 0.015) * (0.55 + 0.9 * drifts)
        )
        for channel, part in enumerate(ink(LAMP, 1.1 * power)):
            canvas.pixels[:, :, channel] += np.asarray(pool * part, np.float32)
    canvas.pixels[:, :, 3] = 0.0


def _glow(stage: Stage, x: float) -> None:
    """The air around the windows, breathing with the fire inside."""
    slow, quick, size = stage.hertz(0.7), stage.hertz(2.3), _size(stage)

    def paint(canvas: Canvas) -> None:
        for centre in (x - 0.3, x + 0.02):
            canvas.glow((centre, 0.06), 0.1, ink(LAMP, 0.4), 1.8)
        edge = np.clip(
            1.0 - np.sqrt((canvas.columns() - x + 0.14) ** 2 + (canvas.rows() - 0.06) ** 2) / 0.6, 0.0, 1.0
        )
        canvas.shade(np.asarray(edge, np.float32), 0.0)

    box = (x - 0.76, -0.56, x + 0.48, 0.68)
    stage.sprite(
        "glow",
        box,
        paint,
        depth=DEPTH,
        detail=0.25,
        motion=lambda time: Pose(
            scale=size, gain=0.9 + 0.07 * wave(time, slow) + 0.04 * wave(time, quick, 0.3)
        ),
        pivot=(x, stage.ground(DEPTH)),
    )


def _smoke(stage: Stage) -> None:
    size, ground = _size(stage), stage.ground(DEPTH)
    x, top = 0.06 * stage.half + 0.055 * size, ground - (ground + 0.38) * size
    mist(
        stage,
        "smoke",
        (x - 0.16, top - 0.2, x + 0.2, top),
        depth=DEPTH,
        colour=ink("#8d9cc0", 0.2),
        alpha=0.7,
        shape=plume,
        size=(1.4, 1.0),
        drift=(0.04, -0.16),
    )


def _near(stage: Stage) -> None:
    """Firs at the edges of the frame, dark and large."""
    depth = 1.6
    box = stage.bounds(depth)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("near firs")
        for x, height in ((-1.0, 1.25), (1.02, 1.1), (0.86, 0.55)):
            tall = height * min(1.0, stage.fit)
            dark = lit(ink("#16233a"), 0.12)
            canvas.strokes(np.array(fir(x * stage.half, 0.52, tall, dark, rng=rng, tiers=17), np.float32))
            _snow_on(canvas, x * stage.half, 0.52, tall, lit(ink("#9db4de"), 0.17))

    stage.sprite("near firs", (box[0] - 0.3, -0.85, box[2] + 0.3, box[3]), paint, depth=depth, detail=0.8)
