"""Macro: coffee poured into a glass by a window, steam rising, the world behind out of focus."""

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic import noise
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.figures import Row
from worker.animatic.ink import ink
from worker.animatic.items import Strokes
from worker.animatic.mist import mist, plume
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.glass import BASE, RIM, WIDE, coffee, glass_back, glass_front, spout
from worker.animatic.stage import Stage

_GLASS = 1.9


def counter(stage: Stage) -> None:
    """Window and bokeh, counter, steam, the glass with its rising coffee, the stream."""
    stage.vanish, stage.eye = (0.0, 0.0), 0.7
    stage.finish.vignette, stage.finish.bloom = 0.5, 0.06
    _window(stage)
    _top(stage)
    _steam(stage)
    _glass(stage)
    stage.sprite("spout", (-0.1, -0.75, 0.5 * stage.fit, -0.36), spout, depth=1.7)
    _near_steam(stage)
    cast(stage, depth=2.6, tall=0.3, without=frozenset({SubjectKind.GLASS}))


def _glass(stage: Stage) -> None:
    """Its far side, what is in it, its near side."""
    wide = WIDE * stage.fit
    box = (-wide * 1.3, RIM - 0.03, wide * 1.3, BASE + 0.05)
    stage.sprite("glass back", box, lambda canvas: glass_back(canvas, wide), depth=_GLASS)
    stage.add(Strokes(lambda time: coffee(stage, wide, time), _GLASS))
    stage.sprite("glass front", box, lambda canvas: glass_front(canvas, wide), depth=_GLASS)


def _steam(stage: Stage) -> None:
    mist(
        stage,
        "steam",
        (-0.34 * stage.fit, -0.5, 0.3 * stage.fit, -0.02),
        depth=2.1,
        colour=ink("#fff1dc", 0.85),
        alpha=0.95,
        shape=plume,
        size=(1.5, 0.8),
        drift=(0.03, -0.22),
        cut=(0.3, 0.68),
    )


def _near_steam(stage: Stage) -> None:
    mist(
        stage,
        "near steam",
        (-0.26 * stage.fit, -0.46, 0.22 * stage.fit, 0.0),
        depth=1.8,
        colour=ink("#fff4e4", 0.9),
        alpha=0.5,
        shape=plume,
        size=(1.1, 0.7),
        drift=(-0.02, -0.17),
        cut=(0.36, 0.72),
    )


def _window(stage: Stage) -> None:
    """A bright window, far out of focus: leaves and lights as discs."""

    def paint(canvas: Canvas) -> None:
        canvas.gradient(
            [
                (-0.6, ink("#8f9a72", 0.26)),
                (-0.05, ink("#c9a468", 0.34)),
                (0.2, ink("#7a5a3a", 0.3)),
                (0.6, ink("#3a281a", 0.2)),
            ]
        )
        rng = stage.rng("bokeh")
        rows: list[Row] = []
        for x, y, size, pick in rng.random((70, 4)):
            at = (canvas.left + x * (canvas.right - canvas.left), -0.55 + 0.6 * y)
            radius = 0.02 + 0.05 * size
            code = ("#6f8a3c", "#ffdf9a", "#a7b86a", "#fff4d8", "#4d6a34")[int(pick * 5)]
            gain = 2.2 if code in {"#ffdf9a", "#fff4d8"} and size < 0.4 else 0.32
            rows.append(stroke((*at, radius), (*at, radius), ink(code, gain), 0.30, 0.006))
        canvas.strokes(rows)
        for bar in (-0.62, 0.1, 0.78):
            x = bar * stage.half
            canvas.polygon(
                [(x - 0.022, 0.1), (x - 0.022, -0.8), (x + 0.022, -0.8), (x + 0.022, 0.1)],
                ink("#4a3524", 0.3),
                soft=0.012,
            )
        canvas.polygon(
            [(canvas.left, 0.06), (canvas.right, 0.06), (canvas.right, 0.12), (canvas.left, 0.12)],
            ink("#6a4c32", 0.45),
            soft=0.012,
        )
        canvas.glow((-0.55 * stage.half, -0.32), 0.24, ink("#ffd592", 1.3), 1.6)

    stage.backdrop("window", paint, depth=7.0, detail=0.35)


def _top(stage: Stage) -> None:
    box = stage.bounds(2.4)
    edge = 0.14

    def paint(canvas: Canvas) -> None:
        canvas.gradient(
            [(edge, ink("#7a5232", 0.5)), (0.34, ink("#6b4426", 0.55)), (0.6, ink("#2e1c10", 0.35))]
        )
        grain = canvas.noise((2.2, 60.0), stage.seed("wood"), octaves=6, roughness=0.62)
        canvas.shade(grain, 0.5, 1.35)
        shine = np.exp(
            -(((canvas.columns() + 0.42 * stage.half) / 0.32) ** 2) - ((canvas.rows() - 0.2) / 0.11) ** 2
        )
        canvas.wash(np.asarray(shine, np.float32), ink("#ffe0a8", 1.25), 0.6)
        wide = WIDE * stage.fit
        canvas.polygon(
            [
                (-wide * 0.7, BASE + 0.03),
                (wide * 0.9, BASE + 0.035),
                (wide * 4.4, BASE + 0.13),
                (wide * 2.6, BASE + 0.16),
            ],
            (0, 0, 0),
            0.5,
            soft=0.02,
        )
        caustic = [
            (wide * 0.9, BASE + 0.05),
            (wide * 2.1, BASE + 0.08),
            (wide * 2.3, BASE + 0.1),
            (wide * 1.1, BASE + 0.08),
        ]
        canvas.light(caustic, ink("#ff9d3c", 0.9), soft=0.012)
        fade = noise.band(canvas.rows(), edge, edge + 0.03)
        canvas.pixels *= np.asarray(fade, np.float32)[:, :, None]

    stage.sprite("counter", (box[0], edge, box[2], box[3]), paint, depth=2.4, detail=0.7)
