"""A town: towers in layers, windows coming on, a road in front."""

import numpy as np

from worker.animatic.canvas import Canvas
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import ink, lit, mix
from worker.animatic.scenes.extras import SKY_ONLY, cast
from worker.animatic.scenes.land import weather
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage


def city(stage: Stage) -> None:
    """A skyline in layers, windows coming on, a road with wet reflections in front."""
    stage.vanish, stage.eye = (0.0, 0.14), 0.55
    sky(stage, horizon=0.1, flare=0.4)
    for row, (depth, low, high, distance) in enumerate(
        ((16.0, 0.16, 0.44, 0.8), (10.0, 0.12, 0.42, 0.5), (6.0, 0.08, 0.26, 0.25))
    ):
        _towers(stage, row, depth, (low, high), distance)
    floor(
        stage,
        "road",
        lambda canvas: _road(stage, canvas),
        Surface(line=6.0, stretch=0.4, rows=240),
        detail=0.6,
    )
    cast(stage, depth=2.2, tall=0.3, without=SKY_ONLY)
    weather(stage)


def _towers(stage: Stage, row: int, depth: float, heights: tuple[float, float], distance: float) -> None:
    box = stage.bounds(depth)
    foot = stage.ground(depth) + 0.004
    look = stage.look
    dark_hour = look.dark

    def paint(canvas: Canvas) -> None:
        rng = stage.rng(f"towers{row}")
        x = box[0]
        while x < box[2]:
            wide = 0.05 + 0.09 * rng.random()
            top = foot - heights[0] - (heights[1] - heights[0]) * rng.random() ** 1.6
            body = look.air(lit(look.surface("#4a5468", facing=0.25), 0.5), distance)
            canvas.polygon([(x, foot), (x, top), (x + wide, top), (x + wide, foot)], body)
            canvas.polygon(
                [(x, foot), (x, top), (x + 0.18 * wide, top), (x + 0.18 * wide, foot)],
                mix(body, look.key, 0.12),
            )
            for wx in np.arange(x + 0.008, x + wide - 0.008, 0.011).tolist():
                for wy in np.arange(top + 0.012, foot - 0.01, 0.017).tolist():
                    on = rng.random() < (0.4 if dark_hour else 0.12)
                    pane = (
                        ink("#ffd08a", (0.8 + 2.5 * rng.random()) * (1.1 - distance))
                        if on and dark_hour
                        else mix(body, look.sky, 0.35)
                    )
                    canvas.polygon(
                        [(wx, wy), (wx + 0.006, wy), (wx + 0.006, wy + 0.009), (wx, wy + 0.009)], pane
                    )
            x += wide + 0.01 * rng.random()

    stage.sprite(
        f"towers{row}", (box[0], foot - heights[1] - 0.02, box[2], foot), paint, depth=depth, detail=0.8
    )


def _road(stage: Stage, canvas: Canvas) -> None:
    canvas.gradient(
        [
            (canvas.top, stage.look.air(stage.look.surface("#4d4f55", facing=0.3), 0.4)),
            (0.5, lit(stage.look.surface("#2f3136", facing=0.3), 0.7)),
        ]
    )
    canvas.shade(canvas.noise((60, 160), stage.seed("asphalt"), octaves=3), 0.6, 1.3)
    for depth in (2.9, 2.0, 1.4):
        y = stage.ground(depth)
        for x in np.arange(canvas.left, canvas.right, 1.3 / depth).tolist():
            canvas.polygon(
                [(x, y), (x + 0.6 / depth, y), (x + 0.6 / depth, y + 0.014 / depth), (x, y + 0.014 / depth)],
                stage.look.surface("#e8e4d8", facing=0.6),
                0.8,
            )
    wet = stage.plan.concept.weather.value in {"rain", "wet", "storm"}
    canvas.pixels[:, :, 3] = 0.5 if wet else 0.14
