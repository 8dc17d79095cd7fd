"""Open country and mountains: where every brief without a place of its own finds one."""

import math

import numpy as np

from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import lit
from worker.animatic.items import Pose
from worker.animatic.mist import mist, shelf
from worker.animatic.scenes.extras import SKY_ONLY, cast
from worker.animatic.scenes.land import fir, ridge, tree, weather
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_PEAKS = (  # depth, height, foot, colour, how much air lies before them
    (26.0, 0.42, 0.12, "#6d7fa6", 0.95),
    (17.0, 0.3, 0.17, "#566a8c", 0.75),
    (11.0, 0.22, 0.22, "#43566d", 0.55),
    (6.5, 0.16, 0.28, "#33463f", 0.3),
)


def meadow(stage: Stage) -> None:
    """Rolling fields under a large sky, trees at the hedge, grass at the lens."""
    stage.vanish, stage.eye = (0.0, 0.06), 0.6
    sky(stage, horizon=0.06, flare=0.5)
    look = stage.look
    ridge(
        stage,
        "blue hills",
        depth=26.0,
        height=0.09,
        line=0.075,
        colour=look.air(look.surface("#50658a", facing=0.3), 0.8),
    )
    ridge(
        stage,
        "woods",
        depth=14.0,
        height=0.05,
        line=0.095,
        colour=look.air(look.surface("#3f5535", facing=0.25), 0.5),
        trees=True,
    )
    floor(stage, "field", lambda canvas: _field(stage, canvas), Surface(line=12.0), detail=0.7)
    _grove(stage, 6.0, 5)
    cast(stage, without=SKY_ONLY)
    _grass(stage)
    weather(stage)


def mountains(stage: Stage) -> None:
    """Peak behind peak, each paler, with mist in the valleys and firs in front."""
    stage.vanish, stage.eye = (0.0, 0.1), 0.6
    sky(stage, horizon=0.06, flare=0.5)
    look = stage.look
    for number, (depth, height, line, code, distance) in enumerate(_PEAKS):
        ridge(
            stage,
            f"peaks{number}",
            depth=depth,
            height=height,
            line=line,
            colour=look.air(lit(look.surface(code, facing=0.25), 0.8), distance),
            roughness=0.56,
            cells=1.1 + 0.35 * number,
            trees=number == 3,
            light=lit(look.key, 0.3 * (1.2 - distance)),
        )
        if number < 3:
            _valley(stage, number, depth, line)
    floor(stage, "slope", lambda canvas: _field(stage, canvas), Surface(line=3.6), detail=0.7)
    cast(stage, without=SKY_ONLY)
    _firs(stage)
    weather(stage)


def _valley(stage: Stage, number: int, depth: float, line: float) -> None:
    """Mist before a row of peaks."""
    box = stage.bounds(depth)
    mist(
        stage,
        f"valley{number}",
        (box[0], line - 0.13, box[2], line + 0.06),
        depth=depth * 0.9,
        colour=stage.look.fog,
        alpha=0.6,
        shape=shelf(0.7, 0.2),
        size=(0.3, 1.6),
        drift=(0.012, 0.0),
    )


def _field(stage: Stage, canvas: Canvas) -> None:
    look = stage.look
    snowy = stage.plan.concept.weather.value == "snow"
    near, far = ("#c9d4e4", "#dbe4f0") if snowy else ("#55682c", "#9aa457")
    canvas.gradient(
        [
            (canvas.top, look.air(look.surface(far, facing=0.6), 0.55)),
            (canvas.top + 0.15, look.surface(far, facing=0.5)),
            (0.55, lit(look.surface(near, facing=0.35), 0.7)),
        ]
    )
    canvas.shade(canvas.noise((4, 26), stage.seed("swathes"), octaves=5), 0.65, 1.3)
    canvas.shade(canvas.noise((46, 170), stage.seed("blades"), octaves=3, roughness=0.7), 0.55, 1.4)
    sun = look.sun_at[0] * stage.half
    below = np.maximum(canvas.rows() - stage.vanish[1], 0.0)
    path = np.exp(-(((canvas.columns() - sun) / (0.1 + 1.2 * below)) ** 2)) * np.exp(-below / 0.2)
    for channel, part in enumerate(lit(look.key, 0.22)):
        canvas.pixels[:, :, channel] += np.asarray(path * part, np.float32)
    canvas.pixels[:, :, 3] = 0.0


def _grove(stage: Stage, depth: float, count: int) -> None:
    box = stage.bounds(depth)
    foot = stage.ground(depth)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("grove")
        for _ in range(count):
            x = box[0] + rng.random() * (box[2] - box[0])
            if abs(x) < 0.18 * stage.half:
                continue
            colour = stage.look.air(lit(stage.look.surface("#3d5227", facing=0.25), 0.55), 0.3)
            canvas.polygon(
                [(x - 0.12, foot), (x + 0.16, foot), (x + 0.1, foot + 0.012), (x - 0.08, foot + 0.012)],
                (0, 0, 0),
                0.35,
                soft=0.006,
            )
            canvas.strokes(np.array(tree(x, foot, 0.16 + 0.14 * rng.random(), colour, rng), np.float32))

    stage.sprite("grove", (box[0] - 0.1, foot - 0.4, box[2] + 0.1, foot + 0.03), paint, depth=depth)


def _grass(stage: Stage) -> None:
    depth = 1.2
    box = stage.bounds(depth)
    hertz = stage.hertz(0.35)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("grass")
        rows = []
        for x in np.arange(box[0], box[2], 0.006).tolist():
            tall, lean = 0.04 + 0.1 * rng.random(), 0.09 * (rng.random() - 0.4)
            green = lit(stage.look.surface("#3c4a1e", facing=0.2 + 0.4 * rng.random()), 0.45)
            rows.append(stroke((x, box[3] + 0.02, 0.004), (x + lean, box[3] - tall, 0.001), green))
        canvas.strokes(rows)
        canvas.blur(0.003)

    stage.sprite(
        "grass",
        (box[0], box[3] - 0.2, box[2], box[3]),
        paint,
        depth=depth,
        detail=0.5,
        motion=lambda time: Pose(x=0.006 * math.sin(2 * math.pi * hertz * time)),
    )


def _firs(stage: Stage) -> None:
    depth = 1.8
    box = stage.bounds(depth)
    foot = stage.ground(depth) - 0.02

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("firs")
        dark = lit(stage.look.surface("#22332a", facing=0.1), 0.5)
        for x in np.arange(box[0], box[2], 0.11).tolist():
            edge = min(1.0, abs(x) / stage.half)
            if rng.random() < edge * 0.95:
                canvas.strokes(
                    np.array(
                        fir(
                            x,
                            foot + 0.14,
                            (0.2 + 0.42 * edge**2) * (0.7 + 0.5 * rng.random()),
                            dark,
                            rng=rng,
                            tiers=12,
                        ),
                        np.float32,
                    )
                )

    stage.sprite("firs", (box[0], foot - 0.7, box[2], box[3]), paint, depth=depth, detail=0.8)
