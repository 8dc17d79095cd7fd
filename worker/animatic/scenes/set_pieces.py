"""Things that stand, cross or float: each painted on its spot in the colour the brief gave it."""

from collections.abc import Callable

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Colour, ink, lit, mix
from worker.animatic.scenes.boats import paint_boat
from worker.animatic.scenes.land import fir, tree
from worker.animatic.stage import Stage

Spot = tuple[float, float, float]  # x, ground, height
Painter = Callable[[Stage, Canvas, Spot, Colour], None]


def _house(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    wide = 0.62 * tall
    canvas.polygon(
        [
            (x - wide, ground),
            (x - wide, ground - 0.6 * tall),
            (x + wide, ground - 0.6 * tall),
            (x + wide, ground),
        ],
        colour,
    )
    canvas.polygon(
        [
            (x - wide * 1.15, ground - 0.57 * tall),
            (x, ground - 1.1 * tall),
            (x + wide * 1.15, ground - 0.57 * tall),
        ],
        lit(colour, 0.6),
    )
    lamp = ink("#ffc46b", 5.0 if stage.look.dark else 0.6)
    for side in (-0.55, 0.25):
        left = x + side * wide
        canvas.polygon(
            [
                (left, ground - 0.2 * tall),
                (left, ground - 0.42 * tall),
                (left + 0.3 * wide, ground - 0.42 * tall),
                (left + 0.3 * wide, ground - 0.2 * tall),
            ],
            lamp,
        )


def _tower(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    canvas.polygon(
        [
            (x - 0.2 * tall, ground),
            (x - 0.12 * tall, ground - 2.0 * tall),
            (x + 0.12 * tall, ground - 2.0 * tall),
            (x + 0.2 * tall, ground),
        ],
        colour,
    )
    canvas.polygon(
        [
            (x - 0.17 * tall, ground - 2.0 * tall),
            (x, ground - 2.4 * tall),
            (x + 0.17 * tall, ground - 2.0 * tall),
        ],
        lit(colour, 0.7),
    )
    lamp = ink("#ffd890", 14.0 if stage.look.dark else 2.0)
    canvas.disc((x, ground - 2.08 * tall), 0.05 * tall, lamp)


def _car(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    s = 0.95 * tall
    body = [
        (-0.95, -0.14),
        (-0.93, -0.34),
        (-0.55, -0.4),
        (-0.32, -0.62),
        (0.28, -0.62),
        (0.55, -0.4),
        (0.92, -0.33),
        (0.96, -0.14),
    ]
    canvas.polygon([(x + a * s, ground + b * s) for a, b in body], colour)
    glass = [(-0.44, -0.4), (-0.28, -0.57), (0.24, -0.57), (0.44, -0.4)]
    canvas.polygon([(x + a * s, ground + b * s) for a, b in glass], lit(stage.look.sky, 0.4))
    for wheel in (-0.55, 0.56):
        canvas.disc((x + wheel * s, ground - 0.15 * s), 0.15 * s, ink("#0b0b0d", 0.4))
        canvas.disc((x + wheel * s, ground - 0.15 * s), 0.07 * s, lit(stage.look.key, 0.25))
    canvas.disc((x + 0.93 * s, ground - 0.27 * s), 0.03 * s, ink("#fff0cf", 18.0 if stage.look.dark else 2.0))


def _boat(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    paint_boat(canvas, x, ground, size=1.5 * tall, paint=(colour, lit(stage.look.key, 0.6)), kind=0)


def _balloon(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    y = ground - 1.3 * tall
    canvas.disc((x, y), 0.5 * tall, mix(colour, ink("#c8452f", 0.4), 0.5))
    for share in (-0.6, -0.2, 0.2, 0.6):
        bulge = stroke(
            (x + share * 0.5 * tall, y - 0.36 * tall, 0.03 * tall),
            (x + share * 0.3 * tall, y + 0.42 * tall, 0.015 * tall),
            lit(stage.look.key, 0.5),
            0.6,
            0.05 * tall,
        )
        canvas.strokes(np.array([bulge], np.float32))
    canvas.polygon(
        [
            (x - 0.36 * tall, y + 0.34 * tall),
            (x + 0.36 * tall, y + 0.34 * tall),
            (x + 0.08 * tall, y + 0.72 * tall),
            (x - 0.08 * tall, y + 0.72 * tall),
        ],
        mix(colour, ink("#a83222", 0.35), 0.5),
    )
    canvas.polygon(
        [
            (x - 0.09 * tall, y + 0.8 * tall),
            (x + 0.09 * tall, y + 0.8 * tall),
            (x + 0.07 * tall, y + 0.95 * tall),
            (x - 0.07 * tall, y + 0.95 * tall),
        ],
        ink("#3a2616", 0.4),
    )


def _tree(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    rng = stage.rng(f"tree{x:.3f}")
    green = mix(colour, stage.look.surface("#3f5a2a", facing=0.3), 0.6)
    rows = (
        tree(x, ground, 1.5 * tall, green, rng)
        if rng.random() < 0.6
        else fir(x, ground, 1.8 * tall, green, rng=rng, tiers=9)
    )
    canvas.strokes(rows)


def _ball(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    canvas.disc((x, ground - 0.25 * tall), 0.25 * tall, colour)
    canvas.disc(
        (x - 0.08 * tall, ground - 0.34 * tall), 0.06 * tall, lit(stage.look.key, 0.8), 0.7, 0.08 * tall
    )


def _bottle(stage: Stage, canvas: Canvas, spot: Spot, colour: Colour) -> None:
    x, ground, tall = spot
    canvas.strokes(
        np.array(
            [
                stroke(
                    (x, ground - 0.14 * tall, 0.14 * tall), (x, ground - 0.46 * tall, 0.14 * tall), colour
                ),
                stroke(
                    (x, ground - 0.55 * tall, 0.05 * tall), (x, ground - 0.78 * tall, 0.05 * tall), colour
                ),
                stroke(
                    (x - 0.08 * tall, ground - 0.14 * tall, 0.015 * tall),
                    (x - 0.08 * tall, ground - 0.46 * tall, 0.015 * tall),
                    lit(stage.look.key, 1.2),
                    0.0,
                    0.03 * tall,
                ),
            ],
            np.float32,
        )
    )


PAINTERS: dict[SubjectKind, Painter] = {
    SubjectKind.HOUSE: _house,
    SubjectKind.TOWER: _tower,
    SubjectKind.CAR: _car,
    SubjectKind.BOAT: _boat,
    SubjectKind.BALLOON: _balloon,
    SubjectKind.TREE: _tree,
    SubjectKind.BALL: _ball,
    SubjectKind.BOTTLE: _bottle,
    SubjectKind.GLASS: _bottle,
}
