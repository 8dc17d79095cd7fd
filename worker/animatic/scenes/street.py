"""A night street after rain: neon above, its smears in the wet asphalt, a walker under an umbrella."""

import math
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from plugin_backend.domain.direction.terms import SubjectKind, Weather
from worker.animatic.canvas import Box, Canvas, stroke
from worker.animatic.figures import Cloth, mirrored, stacked, walker
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.items import Strokes
from worker.animatic.mist import mist, shelf
from worker.animatic.particles import rain
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.signs import Sign, paint_sign
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_FACADE = 4.6
_WALK = 2.05


def street(stage: Stage) -> None:
    """Distant windows, shopfronts with signs, wet asphalt, the walker, posts passing close by."""
    stage.vanish, stage.eye = (0.0, 0.02), 0.74
    stage.finish.bloom, stage.finish.vignette = 0.075, 0.7
    sky(stage, horizon=0.1, cover=0.5, moon=False)
    _blocks(stage)
    _shopfronts(stage)
    surface = Surface(line=_FACADE, stretch=0.55, ripple=0.05, speed=0.2, scale=1.2, rows=180)
    floor(stage, "asphalt", lambda canvas: _asphalt(stage, canvas), surface, detail=0.6)
    _steam(stage)
    _walker(stage)
    cast(stage, depth=2.4, without=frozenset({SubjectKind.PERSON, SubjectKind.UMBRELLA}))
    _posts(stage)
    if stage.plan.concept.weather in {Weather.RAIN, Weather.STORM}:
        rain(stage)


def _accents(stage: Stage) -> list[str]:
    named = [a for a in stage.plan.lighting.accents if a not in {"#101114", "#f4f1ea"}]
    return [*named, "#ff3fa0", "#2f6bff", "#17c3c9"][:3] if len(named) < 2 else named


def _blocks(stage: Stage) -> None:
    box = stage.bounds(9.0)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("blocks")
        x = box[0]
        while x < box[2]:
            wide, top = 0.14 + 0.16 * rng.random(), -0.5 + 0.34 * rng.random()
            canvas.polygon([(x, 0.2), (x, top), (x + wide, top), (x + wide, 0.2)], ink("#0d1426", 0.8))
            for wx in np.arange(x + 0.015, x + wide - 0.015, 0.02):
                for wy in np.arange(top + 0.02, 0.12, 0.028):
                    if rng.random() < 0.2:
                        warm = ink("#ffcf8a" if rng.random() < 0.7 else "#9fd0ff", 0.15 + 0.7 * rng.random())
                        canvas.polygon(
                            [(wx, wy), (wx + 0.009, wy), (wx + 0.009, wy + 0.014), (wx, wy + 0.014)], warm
                        )
            x += wide + 0.02
        canvas.blur(0.0012)

    stage.sprite("blocks", (box[0], box[1], box[2], 0.2), paint, depth=9.0, detail=0.6)


def _shopfronts(stage: Stage) -> None:
    box = stage.bounds(_FACADE)
    foot = stage.ground(_FACADE)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("shops")
        accents = _accents(stage)
        x, number = box[0] - 0.1, 0
        while x < box[2]:
            wide = 0.34 + 0.2 * rng.random()
            _shop(stage, canvas, (x, foot, wide), ink(accents[number % len(accents)]), number)
            x, number = x + wide, number + 1
        canvas.shade(canvas.noise((9, 14), stage.seed("plaster"), octaves=6, roughness=0.6), 0.55, 1.3)
        _signs(stage, canvas, box, accents)

    stage.sprite("shops", (box[0], -0.36, box[2], foot + 0.004), paint, depth=_FACADE)


def _shop(stage: Stage, canvas: Canvas, place: tuple[float, float, float], glow: Colour, number: int) -> None:
    """One house: a lit window with goods, a door, an awning, windows above."""
    x, foot, wide = place
    rng = stage.rng(f"shop{number}")
    top = -0.2 - 0.14 * rng.random()
    canvas.rect((x, top, x + wide, foot), ink("#141622", 0.55))
    canvas.rect((x, top, x + wide, top + 0.012), ink("#2b2d3c", 0.6))
    inside = mix(ink("#ffb366", 0.5), lit(glow, 0.5), 0.35 + 0.3 * rng.random())
    left, right, sill, head = x + 0.04, x + wide * 0.66, foot - 0.035, foot - 0.17
    _display(canvas, (left, head, right, sill), inside, rng)
    door = x + wide * 0.74
    canvas.rect((door, head, door + 0.055, foot), lit(inside, 0.28))
    low = head + 0.03
    awning = [(left - 0.015, head), (right + 0.015, head), (right + 0.028, low), (left - 0.028, low)]
    canvas.polygon(awning, lit(glow, 0.12))
    for upper in np.arange(x + 0.04, x + wide - 0.05, 0.075).tolist():
        lamp = ink("#ffc98a", 0.5) if rng.random() < 0.3 else ink("#1f2740", 0.35)
        canvas.rect((upper, top + 0.04, upper + 0.035, top + 0.1), lamp)


def _display(canvas: Canvas, pane: Box, inside: Colour, rng: Generator) -> None:
    """A shop window: goods against the light."""
    left, _, right, sill = pane
    canvas.rect(pane, lit(inside, 0.6))
    canvas.rect((left, sill - 0.05, right, sill), lit(inside, 0.16))
    for x in np.arange(left + 0.01, right - 0.012, 0.017).tolist():
        tall = 0.02 + 0.06 * rng.random()
        canvas.rect((x, sill - tall, x + 0.01, sill), lit(inside, 0.05))


def _signs(stage: Stage, canvas: Canvas, box: tuple[float, float, float, float], accents: list[str]) -> None:
    rng = stage.rng("signs")
    x, number = box[0] + 0.08, 0
    while x < box[2]:
        colour = ink(accents[number % len(accents)])
        sign = Sign(x, -0.14 + 0.09 * rng.random(), 0.55 + 0.5 * rng.random(), colour, number % 4)
        paint_sign(canvas, sign, stage.rng(f"sign{number}"))
        x, number = x + 0.17 + 0.13 * rng.random(), number + 1


def _asphalt(stage: Stage, canvas: Canvas) -> None:
    below = np.maximum(canvas.rows() - stage.vanish[1], 0.01)
    canvas.gradient([(canvas.top, ink("#23252f", 0.22)), (0.5, ink("#15171f", 0.16))])
    stones = canvas.noise((120.0, 240.0), stage.seed("stones"), octaves=3)
    canvas.shade(stones, 0.3, 1.7)
    puddles = canvas.noise((1.8, 9.0), stage.seed("puddles"), octaves=4)
    kerb = stage.ground(_FACADE * 0.78)
    pavement = (canvas.rows() < kerb).astype(np.float32)
    canvas.wash(np.asarray(pavement + 0 * canvas.columns(), np.float32), ink("#3a3a46", 0.3), 0.7)
    canvas.polygons(
        [
            [
                (canvas.left, kerb),
                (canvas.right, kerb),
                (canvas.right, kerb + 0.008),
                (canvas.left, kerb + 0.008),
            ]
        ],
        ink("#6d6f80", 0.3),
    )
    pools = np.clip((puddles - 0.42) / 0.16, 0.0, 1.0)
    wet = (0.28 + 0.5 * pools) * (0.75 + 0.5 * stones) + 0.1 * np.exp(-below / 0.1)
    canvas.pixels[:, :, 3] = np.clip(wet * np.float32(0.95), 0.0, 0.9)


def _steam(stage: Stage) -> None:
    box = stage.bounds(3.2)
    foot = stage.ground(3.2)
    mist(
        stage,
        "steam",
        (box[0], foot - 0.3, box[2], foot + 0.04),
        depth=3.2,
        colour=ink("#6a5a8a", 0.3),
        alpha=0.28,
        shape=shelf(0.7, 0.3),
        size=(0.6, 0.9),
        drift=(0.03, -0.01),
    )


def walking_x(stage: Stage, depth: float, tall: float, heading: float, time: float) -> float:
    """Where a walker is: beside a tracking camera, else crossing the picture at a walking pace."""
    drawn = stage.drawn(time, depth)
    if drawn:
        return drawn[0]
    if any(move.tracking for move in stage.plan.motion.camera) and not stage.rig.strokes:
        return stage.rig.state(time).x / depth
    span = min(0.62 * tall * stage.seconds, 2.2 * stage.half)
    return heading * span * (time / stage.seconds - 0.5)


def _walker(stage: Stage) -> None:
    heading = stage.heading(SubjectKind.PERSON, -1.0)
    tall, ground = 0.44 * stage.fit, stage.ground(_WALK)
    accents = _accents(stage)
    cloth = Cloth(
        ink("#15161d", 0.3), ink("#0c0d12", 0.3), ink("#1f1a1c", 0.4), ink(accents[0], 0.9), -heading
    )
    canopy = ink(stage.colour(SubjectKind.UMBRELLA, "#1c1020"), 0.5)
    under = stage.subject(SubjectKind.UMBRELLA) is not None

    def rows(time: float) -> Floats:
        x = walking_x(stage, _WALK, tall, heading, time)
        figure = walker((x, ground), tall, x / (0.62 * tall), heading, cloth, arm_up=under)
        if under:
            figure += _umbrella(
                (x + heading * 0.1 * tall, ground - 0.98 * tall),
                tall,
                canopy,
                [ink(a) for a in accents],
                heading,
            )
        return stacked(mirrored(figure, ground, 0.96, 0.7), figure)

    stage.add(Strokes(rows, _WALK))


def _umbrella(
    top: tuple[float, float], tall: float, canopy: Colour, lights: list[Colour], heading: float
) -> list[tuple[float, ...]]:
    x, y = top
    radius = 0.33 * tall
    rows = [
        stroke((x, y - 0.16 * tall, 0.006 * tall), (x, y + 0.22 * tall, 0.008 * tall), ink("#5a5f70", 0.5))
    ]
    arc = np.linspace(math.pi * 1.03, math.pi * 1.97, 17)
    for share in np.linspace(0.97, 0.1, 11):  # shells from the rim to the crown, dense enough to be cloth
        points = [(x + radius * share * math.cos(a), y + 0.58 * radius * share * math.sin(a)) for a in arc]
        rows += [stroke((*a, 0.026 * tall), (*b, 0.026 * tall), canopy) for a, b in pairwise(points)]
    for n, (a, b) in enumerate(pairwise(arc)):
        side = lights[0] if (n < 7) == (heading > 0) else lights[1 % len(lights)]
        edge = 0.58 * radius
        start = (x + radius * 1.02 * math.cos(a), y + edge * math.sin(a) - 0.012 * tall, 0.004 * tall)
        end = (x + radius * 1.02 * math.cos(b), y + edge * math.sin(b) - 0.012 * tall, 0.004 * tall)
        rows.append(stroke(start, end, lit(side, 1.4)))
    return rows


def _posts(stage: Stage) -> None:
    """Something near the lens, so that the truck is felt."""
    depth = 1.15
    box = stage.bounds(depth)
    dark = ink("#05060a", 0.4)

    def paint(canvas: Canvas) -> None:
        canvas.polygon([(-0.02, 0.6), (-0.016, -0.7), (0.016, -0.7), (0.02, 0.6)], dark)
        canvas.light([(0.012, 0.6), (0.009, -0.7), (0.016, -0.7), (0.02, 0.6)], ink(_accents(stage)[1], 0.25))
        canvas.blur(0.006)

    picture = stage.picture("post", (-0.08, box[1], 0.08, box[3]), paint, depth=depth, detail=0.6)
    moved = type(picture)
    for x in np.arange(box[0] + 0.35, box[2], 1.25):
        stage.place(moved(picture.pixels, picture.left + float(x), picture.top, picture.density), depth=depth)
