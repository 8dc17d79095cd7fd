"""A harbour: hills and a mole far off, moored boats rocking on calm water, gulls."""

from itertools import pairwise

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.figures import gull, stacked
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.items import Strokes
from worker.animatic.mist import mist, shelf
from worker.animatic.scenes.boats import moor
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.land import ridge, weather
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_HULLS = ("#27465c", "#e6e1d6", "#a33a2a", "#2f5d50", "#d8c9a8")


def harbour(stage: Stage) -> None:
    """From the hills to the bollard on the quay."""
    stage.vanish, stage.eye = (0.0, 0.06), 0.62
    sky(stage, horizon=0.055, cover=0.7)
    far, near = lit(ink("#48597a"), 0.5), lit(ink("#2f3f5c"), 0.45)
    ridge(stage, "far hills", depth=26.0, height=0.075, line=0.062, colour=far, roughness=0.5)
    ridge(stage, "near hills", depth=18.0, height=0.04, line=0.07, colour=near, roughness=0.4)
    _mole(stage)
    water(stage, line=16.0)
    _sea_mist(stage)
    _boats(stage)
    gulls(stage)
    cast(stage, depth=2.8, without=frozenset({SubjectKind.BOAT, SubjectKind.BIRD, SubjectKind.SUN}))
    _quay(stage)
    weather(stage)


def _sea_mist(stage: Stage) -> None:
    box = stage.bounds(16.0)
    mist(
        stage,
        "sea mist",
        (box[0], -0.06, box[2], 0.15),
        depth=16.0,
        colour=lit(stage.look.fog, 0.95),
        alpha=0.55,
        shape=shelf(0.6, 0.4),
        size=(0.3, 2.2),
        drift=(0.012, 0.0),
    )


def water(stage: Stage, *, line: float, ripple: float = 0.5, scale: float = 1.0) -> None:
    """Open water that mirrors the sky, with the sun's track on it."""
    look = stage.look

    def paint(canvas: Canvas) -> None:
        deep = mix(lit(look.zenith, 0.12), ink("#12343f", 0.2), 0.5)
        canvas.gradient(
            [(canvas.top, lit(look.horizon, 0.05)), (canvas.top + 0.2, deep), (0.6, lit(deep, 0.7))]
        )
        below = np.maximum(canvas.rows() - stage.vanish[1], 0.0)
        canvas.pixels[:, :, 3] = 0.42 + 0.5 * np.exp(-below / 0.16)

    glint = lit(look.sun, 0.22)
    surface = Surface(
        line=line,
        ripple=ripple,
        speed=0.22,
        scale=scale,
        rows=540,
        glint=glint,
        glint_x=look.sun_at[0] * stage.half,
        glint_width=0.11,
    )
    floor(stage, "water", paint, surface, detail=0.3)


def _mole(stage: Stage) -> None:
    """A breakwater with a lighthouse whose lamp is lit, and masts behind it."""
    depth = 16.0
    line, left, x = stage.ground(depth), -stage.half * 1.3, -0.42 * stage.half
    dark = lit(ink("#26324a"), 0.35)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("mole")
        crest = [(px, line - 0.016 - 0.006 * rng.random()) for px in np.arange(left, x + 0.08, 0.012)]
        canvas.polygon([(left, line + 0.004), *crest, (x + 0.11, line + 0.004)], dark)
        _lighthouse(canvas, x, line, dark)
        for mast in np.arange(-stage.half * 1.2, x - 0.06, 0.045):
            top = line - 0.03 - 0.05 * rng.random()
            canvas.strokes([stroke((mast, line, 0.0008), (mast, top, 0.0005), dark)])

    stage.sprite("mole", (left, line - 0.2, x + 0.2, line + 0.01), paint, depth=depth)


def _lighthouse(canvas: Canvas, x: float, line: float, dark: Colour) -> None:
    """A tapering tower with a red band, its lamp under a little roof."""
    for (low, low_half), (high, high_half), colour in (
        ((0.015, 0.013), (0.13, 0.009), mix(dark, ink("#f1e6d8"), 0.35)),
        ((0.085, 0.012), (0.06, 0.0105), ink("#a8392c", 0.4)),
    ):
        foot, top = line - low, line - high
        canvas.polygon(
            [(x - low_half, foot), (x - high_half, top), (x + high_half, top), (x + low_half, foot)], colour
        )
    canvas.polygon([(x - 0.011, line - 0.148), (x, line - 0.162), (x + 0.011, line - 0.148)], dark)
    canvas.rect((x - 0.007, line - 0.148, x + 0.007, line - 0.13), ink("#ffd890", 12.0))


def _boats(stage: Stage) -> None:
    places = (
        (-0.12, 7.0, 0.16, 0),
        (0.72, 6.0, 0.2, 0),
        (-0.7, 4.2, 0.27, 1),
        (0.16, 3.1, 0.32, 0),
        (-0.36, 2.3, 0.4, 1),
    )
    for number, (x, depth, size, kind) in enumerate(places):
        colour = stage.look.surface(_HULLS[number], facing=0.28)
        colour = stage.look.air(lit(colour, 0.55), depth / 14.0)
        light = mix(lit(stage.look.key, 0.8), stage.look.air(ink("#e9dfd0"), 0.3), 0.5)
        moor(
            stage,
            f"boat{number}",
            (x * stage.half, depth),
            size=size * stage.fit,
            paint=(colour, light),
            kind=kind,
        )


def gulls(stage: Stage, count: int = 7) -> None:
    """Gulls crossing, each on its own beat."""
    heading = stage.heading(SubjectKind.BIRD, 1.0)
    rng = stage.rng("gulls")
    chances = rng.random((count, 5))
    wide = stage.aspect + 0.4
    pace = 0.13
    turns = max(1, round(pace * stage.seconds / wide)) * wide / stage.seconds if stage.spec.loop else pace
    colour = mix(lit(ink("#3d4452"), 0.4), stage.look.fog, 0.15)

    def rows(time: float) -> Floats:
        birds = []
        for across, down, size, beat, phase in chances:
            speed = turns if stage.spec.loop else turns * (0.7 + 0.6 * beat)
            x = (across * wide + heading * speed * time) % wide - wide / 2
            y = -0.36 + 0.3 * down + 0.012 * np.sin(2 * np.pi * (stage.hertz(0.2) * time + phase))
            span = (0.022 + 0.045 * size**2) * stage.fit
            birds.append(
                gull(
                    (x, float(y)), span, stage.hertz(1.4 + beat) * time + phase, colour, 0.05 * (phase - 0.5)
                )
            )
        return stacked(*birds)

    stage.add(Strokes(rows, 20.0))


def _quay(stage: Stage) -> None:
    """A corner of the quay with a bollard and its rope, near enough to frame the water."""
    depth = 1.3
    dark = lit(stage.look.surface("#3a3532", facing=0.1), 0.35)
    x = 0.62 * stage.half

    def paint(canvas: Canvas) -> None:
        canvas.polygon(
            [(x - 0.16, 0.62), (x - 0.09, 0.425), (stage.half * 1.6, 0.40), (stage.half * 1.6, 0.62)], dark
        )
        canvas.polygon(
            [(x - 0.09, 0.425), (stage.half * 1.6, 0.40), (stage.half * 1.6, 0.406), (x - 0.092, 0.433)],
            lit(stage.look.key, 0.6),
        )
        post = [
            stroke((x + 0.06, 0.45, 0.027), (x + 0.06, 0.36, 0.025), dark),
            stroke((x + 0.035, 0.35, 0.022), (x + 0.085, 0.35, 0.022), dark),
            stroke((x + 0.03, 0.331, 0.002), (x + 0.09, 0.331, 0.002), lit(stage.look.key, 0.9)),
        ]
        rope = [(x + 0.05 - 0.5 * t, 0.375 + 0.16 * t * (1.7 - t)) for t in np.linspace(0, 0.45, 16)]
        post += [stroke((*a, 0.0045), (*b, 0.0045), lit(ink("#8a7454"), 0.25)) for a, b in pairwise(rope)]
        canvas.strokes(post)
        canvas.shade(canvas.noise(40, stage.seed("quay"), octaves=4), 0.5, 1.4)

    stage.sprite("quay", (x - 0.4, 0.3, stage.half * 1.6, 0.62), paint, depth=depth)
