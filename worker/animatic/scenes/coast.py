"""The coast: sea to the horizon, a headland, wet sand at the lens."""

import math

import numpy as np

from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import lit
from worker.animatic.items import Pose
from worker.animatic.scenes.extras import SKY_ONLY, cast
from worker.animatic.scenes.harbour import gulls, water
from worker.animatic.scenes.land import ridge, weather
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_EDGE = 0.34  # where the sand begins


def coast(stage: Stage) -> None:
    """Sea to the horizon, headlands, and wet sand at the lens."""
    stage.vanish, stage.eye = (0.0, 0.0), 0.6
    sky(stage, horizon=0.0, flare=0.5)
    look = stage.look
    ridge(
        stage,
        "headland",
        depth=18.0,
        height=0.09,
        line=0.035,
        colour=look.air(look.surface("#4a5a52", facing=0.3), 0.7),
        cells=0.6,
    )
    water(stage, line=17.0, ripple=0.8, scale=1.4)
    cast(stage, depth=3.2, tall=0.26, without=SKY_ONLY)
    _beach(stage)
    gulls(stage, 4)
    weather(stage)


def _beach(stage: Stage) -> None:
    """Sand with a rim of foam that breathes."""
    depth = 1.7
    box = stage.bounds(depth)
    hertz = stage.hertz(0.14)
    reach = (box[0] - 0.1, _EDGE - 0.08, box[2] + 0.1, box[3] + 0.05)
    stage.sprite("beach", reach, lambda canvas: _sand(stage, canvas), depth=depth)
    stage.sprite(
        "foam",
        reach,
        lambda canvas: _foam(stage, canvas),
        depth=depth,
        motion=lambda time: Pose(y=0.012 * math.sin(2 * math.pi * hertz * time)),
    )


def _shore(x: float) -> float:
    return _EDGE + 0.03 * math.sin(x * 2.1 + 0.6) + 0.012 * math.sin(x * 6.3)


def _sand(stage: Stage, canvas: Canvas) -> None:
    line = [(x, _shore(x)) for x in np.linspace(canvas.left, canvas.right, 160).tolist()]
    dry = [(canvas.left, 0.8), *line, (canvas.right, 0.8)]
    canvas.polygon(dry, stage.look.surface("#c9a877", facing=0.45))
    canvas.shade(canvas.noise((30, 80), stage.seed("sand"), octaves=4), 0.7, 1.2)
    wet = [(x, y + 0.035) for x, y in reversed(line)]
    canvas.polygon([*line, *wet], lit(stage.look.surface("#8a6f4c", facing=0.3), 0.6), 0.75, soft=0.006)


def _foam(stage: Stage, canvas: Canvas) -> None:
    rng = stage.rng("foam")
    white = stage.look.surface("#f4f6f6", facing=0.8)
    rows = []
    for x in np.linspace(canvas.left, canvas.right, 260).tolist():
        start = (x, _shore(x) - 0.004, 0.004 + 0.004 * rng.random())
        rows.append(stroke(start, (x + 0.012, _shore(x + 0.012) - 0.004, 0.004), white, 0.85, 0.003))
    canvas.strokes(rows)
