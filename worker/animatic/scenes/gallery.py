"""A white room: a ball rolls behind a column at constant speed."""

import math
from dataclasses import replace

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic import noise
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, filtered, ink, lit, mix
from worker.animatic.items import Pose, Strokes
from worker.animatic.scenes.extras import cast
from worker.animatic.stage import Stage

_WALL, _BALL, _COLUMN = 4.2, 2.9, 2.2


def gallery(stage: Stage) -> None:
    """Wall with a window's light on it, polished floor, ball, column."""
    stage.vanish, stage.eye = (0.0, -0.05), 0.78
    stage.finish.vignette, stage.finish.bloom = 0.35, 0.03
    stage.backdrop("wall", lambda canvas: _wall(stage, canvas), depth=_WALL, detail=0.6)
    floor(
        stage,
        "floor",
        lambda canvas: _boards(stage, canvas),
        Surface(line=_WALL, stretch=0.12, rows=300),
        detail=0.7,
    )
    if stage.subject(SubjectKind.BALL) or not stage.plan.concept.subjects:
        _ball(stage)
    _column(stage)
    cast(stage, depth=1.9, tall=0.42, without=frozenset({SubjectKind.BALL, SubjectKind.COLUMN}))


def _wall(stage: Stage, canvas: Canvas) -> None:
    foot = stage.ground(_WALL)
    canvas.gradient([(-0.5, ink("#cfc9c2", 0.6)), (foot, ink("#e9e3da", 0.85))])
    plaster = canvas.noise((5, 7), stage.seed("plaster"), octaves=6, roughness=0.55)
    canvas.shade(plaster, 0.9, 1.08)
    light = np.zeros(canvas.shape, np.float32)
    x = canvas.columns() + 0.38 * canvas.rows()
    for pane in (-0.46, -0.24, -0.02):  # the light of three panes, slanting across the wall
        across = noise.band(np.asarray(x - pane * stage.fit, np.float32), 0.0, 0.012) * noise.band(
            np.asarray(pane * stage.fit + 0.19 * stage.fit - x, np.float32), 0.0, 0.012
        )
        for low, high in ((-0.36, -0.17), (-0.15, 0.04)):
            light += (
                across
                * noise.band(canvas.rows() - low, 0.0, 0.012)
                * noise.band(high - canvas.rows(), 0.0, 0.012)
            )
    sun = ink("#ffe2b8", 1.5)
    for channel in range(3):
        canvas.pixels[:, :, channel] += light * np.float32(sun[channel] * 0.8)
    skirting = foot - 0.03
    canvas.polygon(
        [(canvas.left, foot), (canvas.left, skirting), (canvas.right, skirting), (canvas.right, foot)],
        ink("#e6e2dc", 0.62),
    )
    canvas.polygon(
        [
            (canvas.left, skirting),
            (canvas.left, skirting - 0.003),
            (canvas.right, skirting - 0.003),
            (canvas.right, skirting),
        ],
        ink("#77726c", 0.4),
    )


def _boards(stage: Stage, canvas: Canvas) -> None:
    """Oak boards running into the depth."""
    below = np.maximum(canvas.rows() - stage.vanish[1], 0.02)
    plank = (canvas.columns() - stage.vanish[0]) / below * 3.2
    number = np.floor(plank)
    chance = np.sin(number * 91.17 + 3.1) * 4375.85
    shade = chance - np.floor(chance)
    seam = np.exp(-(((plank - number - 0.5) * 2.0) ** 24))
    grain = canvas.noise((18.0, 5.0), stage.seed("oak"), octaves=5, roughness=0.6)
    canvas.fill(ink("#a97c4e", 0.85))
    canvas.shade(
        np.asarray((0.75 + 0.25 * shade) * (0.55 + 0.45 * seam) * (0.75 + 0.5 * grain), np.float32), 0.0, 1.0
    )
    canvas.pixels[:, :, 3] = 0.10 + 0.20 * np.exp(-below / 0.25)


def ball_x(stage: Stage, time: float) -> float:
    """Where the ball is: constant speed from side to side, the same in draft and master."""
    drawn = stage.drawn(time, _BALL)
    if drawn:
        return drawn[0]
    heading = stage.heading(SubjectKind.BALL, 1.0)
    reach = stage.half + 0.14
    return heading * reach * (2.0 * time / stage.seconds - 1.0)


def _ball(stage: Stage) -> None:
    radius, ground = 0.105 * stage.fit, stage.ground(_BALL)
    middle = ground - radius * 0.98
    colour = ink(stage.colour(SubjectKind.BALL, "#e0261c"))

    def rolled(time: float) -> Pose:
        return replace(carried(time), angle=ball_x(stage, time) / radius)

    def carried(time: float) -> Pose:
        drawn = stage.drawn(time, _BALL)
        return Pose(x=ball_x(stage, time), y=drawn[1] if drawn else middle)

    def shade(canvas: Canvas) -> None:
        _shading(canvas, radius, colour)

    def marks(canvas: Canvas) -> None:
        _marks(canvas, radius, colour)

    box = (-radius * 1.05, -radius * 1.05, radius * 1.05, radius * 1.05)
    stage.add(Strokes(lambda time: _ball_shadow(ball_x(stage, time), ground, radius), _BALL))
    stage.sprite("ball", box, shade, depth=_BALL, motion=carried)
    stage.sprite("ball marks", box, marks, depth=_BALL, motion=rolled)


def _ball_shadow(x: float, ground: float, radius: float) -> Floats:
    """Long and soft away from the window, short and dark where the ball touches the floor."""
    start, end = (x + 0.03, ground + 0.004, radius * 0.22), (x + 0.24, ground + 0.012, radius * 0.3)
    left, right = (x - radius * 0.35, ground, radius * 0.08), (x + radius * 0.4, ground, radius * 0.08)
    black = (0.0, 0.0, 0.0)
    cast_away = stroke(start, end, black, 0.42, radius * 0.5)
    return np.array([cast_away, stroke(left, right, black, 0.7, radius * 0.2)], np.float32)


def _marks(canvas: Canvas, radius: float, colour: Colour) -> None:
    """A hub with five spokes, so that rolling can be seen."""
    rows = [stroke((0, 0, radius * 0.08), (0, 0, radius * 0.08), lit(colour, 0.25), 0.8)]
    for turn in np.linspace(0, 2 * math.pi, 6)[:5]:
        x, y = math.cos(turn) * radius * 0.8, math.sin(turn) * radius * 0.8
        rows.append(
            stroke((x * 0.25, y * 0.25, radius * 0.018), (x, y, radius * 0.012), lit(colour, 0.3), 0.55)
        )
    canvas.strokes(rows)


def _shading(canvas: Canvas, radius: float, colour: tuple[float, float, float]) -> None:
    """A rubber ball under a window: key from the upper left, floor bounce below, a soft highlight."""
    across, down = canvas.columns() / radius, canvas.rows() / radius
    squared = across**2 + down**2
    height = np.sqrt(np.clip(1.0 - squared, 0.0, 1.0))
    facing = np.clip(-0.5 * across - 0.62 * down + 0.6 * height, 0.0, 1.0)
    bounce = np.clip(down * 0.8 + 0.2 * height, 0.0, 1.0) * 0.2
    shine = np.clip(-0.42 * across - 0.5 * down + 0.757 * height, 0.0, 1.0) ** 42
    cover = np.clip((1.0 - np.sqrt(squared)) * radius * canvas.density + 0.5, 0.0, 1.0)
    warm, oak = ink("#ffe7c6", 1.6), filtered(ink("#9a7650"), colour)
    for channel in range(3):
        body = colour[channel] * (warm[channel] * facing + 0.14) + oak[channel] * bounce
        canvas.pixels[:, :, channel] = (body + warm[channel] * shine * 3.0) * cover
    canvas.pixels[:, :, 3] = cover


def _column(stage: Stage) -> None:
    """A fluted white column that hides whatever passes behind it."""
    wide, ground = 0.135 * stage.fit, stage.ground(_COLUMN)
    stone = mix(ink("#f4f1ea"), ink("#e3d8c8"), 0.2)

    def paint(canvas: Canvas) -> None:
        _shaft(stage, canvas, wide, ground, stone)
        for low, out in ((ground - 0.05, 1.12), (ground - 0.02, 1.26)):
            _plinth(canvas, wide, low, out, stone)

    def shadow(canvas: Canvas) -> None:
        near, far = [(-wide, ground), (wide * 1.2, ground + 0.02)], [(wide * 5.0, ground - 0.055)]
        canvas.polygon([*near, *far, (wide * 4.0, ground - 0.075)], (0, 0, 0), 0.45, soft=0.012)

    on_floor = (-0.3, ground - 0.15, 1.2, ground + 0.08)
    upright = (-wide * 1.5, stage.bounds(_COLUMN)[1], wide * 1.5, ground + 0.02)
    stage.sprite("column shadow", on_floor, shadow, depth=_COLUMN, detail=0.3)
    stage.sprite("column", upright, paint, depth=_COLUMN)


def _shaft(stage: Stage, canvas: Canvas, wide: float, ground: float, stone: Colour) -> None:
    across = canvas.columns() / wide
    flutes = 0.9 + 0.1 * np.cos(np.arcsin(np.clip(across, -1, 1)) * 22.0)
    shade = np.clip(0.62 - 0.55 * across - 0.35 * across**2, 0.06, 1.0) * flutes
    cover = np.clip((1.0 - np.abs(across)) * wide * canvas.density + 0.5, 0.0, 1.0)
    cover = cover * (canvas.rows() < ground - 0.02)
    vein = canvas.noise((7, 3), stage.seed("column"), octaves=5)
    canvas.brighten(shade * cover * (0.92 + 0.16 * vein) * 1.55, stone)
    canvas.pixels[:, :, 3] = cover


def _plinth(canvas: Canvas, wide: float, low: float, out: float, stone: Colour) -> None:
    """One ring of the base, its upper edge in the light."""
    body = stroke((-wide * out, low, 0.018), (wide * out, low, 0.018), lit(stone, 0.7))
    left, right = (-wide * out, low - 0.012, 0.004), (wide * out * 0.2, low - 0.012, 0.004)
    canvas.strokes([body, stroke(left, right, lit(stone, 1.3), 0.9, 0.006)])
