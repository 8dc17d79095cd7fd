"""A dark workshop, a welder behind a blinding arc, sparks over the floor, a camera held by hand."""

import math

import numpy as np
from numpy.random import Generator

from worker.animatic.canvas import Canvas, stroke
from worker.animatic.figures import Row
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, ink, lit
from worker.animatic.items import Pose
from worker.animatic.mist import mist, plume
from worker.animatic.particles import jet
from worker.animatic.scenes.extras import cast
from worker.animatic.stage import Flare, Stage

_BENCH = 2.3
_ARC = (0.085, 0.105)


def workshop(stage: Stage) -> None:
    """The room, what the arc lights of it, smoke, the welder, the arc, the sparks, things near the lens."""
    stage.vanish, stage.eye = (0.0, -0.02), 0.8
    stage.finish.bloom, stage.finish.vignette = 0.075, 0.7
    stage.finish.flare = Flare(*_ARC, _BENCH, 0.7)
    dim = ink("#7f93b8", 0.022)
    stage.backdrop("room", lambda canvas: _room(stage, canvas, dim, 0.05), depth=5.0, detail=0.7)
    _lit_room(stage)
    surface = Surface(line=5.0, stretch=0.25, rows=240)
    floor(stage, "floor", lambda canvas: _concrete(stage, canvas), surface, detail=0.5)
    _pool(stage)
    _smoke(stage)
    _welder(stage)
    _arc(stage)
    _spray(stage)
    _rack(stage)
    painted = frozenset(s.kind for s in stage.plan.concept.subjects if s.kind in {"arc", "person"})
    cast(stage, depth=3.2, tall=0.4, without=painted)


def _smoke(stage: Stage) -> None:
    """Fumes that light up with the arc."""
    mist(
        stage,
        "smoke",
        (-0.42, -0.5, 0.62, 0.14),
        depth=2.6,
        colour=ink("#9fc0ff", 0.5),
        alpha=0.6,
        shape=plume,
        size=(0.9, 0.7),
        drift=(0.03, -0.12),
        cut=(0.35, 0.75),
        gain=lambda time: 0.35 + 0.65 * flicker(stage, time),
    )


def _spray(stage: Stage) -> None:
    """Sparks thrown from the arc, bouncing off the floor."""
    sparks = jet(
        stage,
        "sparks",
        _ARC,
        count=340,
        heat=40.0,
        reach=1.0,
        ground=0.40,
        depth=_BENCH,
        power=lambda time: 0.4 + 0.6 * flicker(stage, time),
    )
    stage.add(sparks)


def flicker(stage: Stage, time: float) -> float:
    """The arc's own unsteadiness, 0.45..1, the same for every frame that asks."""
    beats = (11.0, 17.3, 29.7, 3.1)
    total = sum(
        math.sin(2.0 * math.pi * (stage.hertz(beat) * time + 0.37 * n)) for n, beat in enumerate(beats)
    )
    strike = 0.35 if math.sin(2.0 * math.pi * stage.hertz(0.55) * time + 1.1) < -0.93 else 1.0
    return strike * (0.8 + 0.06 * total)


def _room(stage: Stage, canvas: Canvas, light: Colour, contrast: float) -> None:
    """Brick, shelving, tools, pipes and a dusty window, in whatever light is given."""
    rng = stage.rng("room")
    canvas.fill(light)
    canvas.shade(canvas.noise((5, 7), stage.seed("wall"), octaves=6, roughness=0.62), 0.35, 1.4)
    dark, edge = lit(light, 0.22), lit(light, 1.7)
    for y in (-0.36, -0.2, -0.05):
        _shelf(stage, canvas, y, light, rng)
    half = stage.half
    rows = _tools(half, dark, rng)
    rows.append(stroke((-half * 1.4, -0.445, 0.02), (half * 1.4, -0.44, 0.02), dark))
    rows.append(stroke((-half * 1.4, -0.455, 0.004), (half * 1.4, -0.45, 0.004), edge))
    rows.append(stroke((0.34 * half, -0.6, 0.013), (0.34 * half, 0.3, 0.013), dark))
    canvas.strokes(rows)
    pane = ink("#6f8fc0", contrast)
    for column in range(4):
        for row in range(2):
            x, y = 0.5 * half + column * 0.085, -0.41 + row * 0.085
            canvas.rect((x, y, x + 0.075, y + 0.075), lit(pane, 0.6 + 0.7 * rng.random()))


def _shelf(stage: Stage, canvas: Canvas, y: float, light: Colour, rng: Generator) -> None:
    """A board along the wall and the boxes on it."""
    x = -stage.half * 1.3
    canvas.rect((x, y, -0.26 * stage.half, y + 0.011), lit(light, 1.7))
    while x < -0.3 * stage.half:
        wide, tall = 0.02 + 0.06 * rng.random(), 0.03 + 0.09 * rng.random()
        canvas.rect((x, y - tall, x + wide, y), lit(light, 0.15 + 0.9 * rng.random()))
        x += wide + 0.012 * rng.random()


def _tools(half: float, dark: Colour, rng: Generator) -> list[Row]:
    """A row of hanging tools: handle and head."""
    rows = []
    for n, place in enumerate(np.linspace(0.42, 1.15, 7).tolist()):
        tall, x = 0.07 + 0.08 * rng.random(), place * half
        rows.append(stroke((x, -0.2, 0.005), (x, -0.2 + tall, 0.004), dark))
        start = (x - 0.014, -0.2 + tall, 0.009)
        rows.append(stroke(start, (x + 0.014, -0.2 + tall * (1.0 + 0.05 * n), 0.007), dark))
    return rows


def _lit_room(stage: Stage) -> None:
    """The same room as the arc sees it, brightening and fading with it."""

    def paint(canvas: Canvas) -> None:
        _room(stage, canvas, ink("#a8c4f4", 0.34), 0.02)
        squared = (canvas.columns() - _ARC[0]) ** 2 + (canvas.rows() - _ARC[1]) ** 2
        reach = np.clip(
            1.0 / (1.0 + squared / 0.075) ** 1.4 - 0.035, 0.0, 1.0
        )  # ends, so that it stays small
        canvas.shade(np.asarray(reach, np.float32), 0.0, 1.0)
        canvas.pixels[:, :, 3] = 0.0

    box = stage.bounds(5.0)
    stage.sprite(
        "lit room", box, paint, depth=5.0, detail=0.7, motion=lambda time: Pose(gain=flicker(stage, time))
    )


def _concrete(stage: Stage, canvas: Canvas) -> None:
    canvas.gradient([(canvas.top, ink("#565c66", 0.05)), (0.5, ink("#40444c", 0.03))])
    canvas.shade(canvas.noise((9, 30), stage.seed("concrete"), octaves=6, roughness=0.62), 0.3, 1.6)
    oil = canvas.noise((2.2, 9.0), stage.seed("oil"), octaves=4)
    canvas.pixels[:, :, 3] = 0.18 + 0.5 * np.clip((oil - 0.45) / 0.2, 0.0, 1.0)


def _pool(stage: Stage) -> None:
    """The arc's light on the floor."""
    ground = stage.ground(_BENCH)

    def paint(canvas: Canvas) -> None:
        across, down = canvas.columns() - _ARC[0], (canvas.rows() - ground - 0.02) * 3.2
        field = 1.0 / (1.0 + (across**2 + down**2) / 0.03) ** 1.7
        grit = canvas.noise((14, 44), stage.seed("grit"), octaves=5, roughness=0.62)
        edge = np.clip((canvas.rows() - canvas.top) / 0.05, 0.0, 1.0)
        light = np.asarray(field * (0.4 + 0.9 * grit) * edge, np.float32)
        for channel, part in enumerate(ink("#a8c8ff", 1.0)):
            canvas.pixels[:, :, channel] = light * np.float32(part)

    stage.sprite(
        "pool",
        (-0.9, ground - 0.16, 1.1, 0.62),
        paint,
        depth=_BENCH,
        detail=0.5,
        motion=lambda time: Pose(gain=flicker(stage, time)),
    )


def _welder(stage: Stage) -> None:
    """Kneeling at the work, masked, a bright edge on everything that faces the arc."""
    dark = ink("#0b0d12", 0.35)

    def body(canvas: Canvas) -> None:
        canvas.strokes(np.array(_figure(dark, 0.0), np.float32))
        canvas.polygons([_bench_top(), _bench_leg(-0.02), _bench_leg(0.34)], ink("#15171d", 0.3))

    def rim(canvas: Canvas) -> None:
        light = ink("#bcd4ff", 2.6)
        canvas.strokes(np.array(_figure(light, 0.0), np.float32))
        cut = Canvas((canvas.left, canvas.top, canvas.right, canvas.bottom), canvas.density)
        cut.strokes(np.array(_figure((1.0, 1.0, 1.0), -0.0065), np.float32))
        canvas.pixels *= 1.0 - cut.pixels[:, :, 3:4]
        squared = (canvas.columns() - _ARC[0]) ** 2 + (canvas.rows() - _ARC[1]) ** 2
        canvas.shade(np.asarray(1.0 / (1.0 + squared / 0.03), np.float32), 0.0, 1.0)
        canvas.light(
            [(-0.1, 0.158), (0.42, 0.158), (0.42, 0.163), (-0.1, 0.163)], ink("#cfe0ff", 1.8), soft=0.002
        )
        canvas.pixels[:, :, 3] = 0.0

    box = (-0.6, -0.36, 0.6, 0.46)
    stage.sprite("welder", box, body, depth=_BENCH)
    stage.sprite("welder rim", box, rim, depth=_BENCH, motion=lambda time: Pose(gain=flicker(stage, time)))


def _bench_top() -> list[tuple[float, float]]:
    return [(-0.1, 0.16), (0.42, 0.16), (0.42, 0.195), (-0.1, 0.195)]


def _bench_leg(x: float) -> list[tuple[float, float]]:
    return [(x, 0.19), (x + 0.035, 0.19), (x + 0.035, 0.4), (x, 0.4)]


def _figure(colour: Colour, shift: float) -> list[Row]:
    """Capsules of the welder; shifted away from the arc they cut out the lit edge."""
    s = shift
    spine = [stroke((-0.335 + s, 0.2 + s, 0.085), (-0.235 + s, -0.055 + s, 0.092), colour)]
    shoulders = stroke((-0.275 + s, -0.04 + s, 0.072), (-0.185 + s, -0.045 + s, 0.062), colour)
    head = stroke((-0.155 + s, -0.155 + s, 0.062), (-0.14 + s, -0.172 + s, 0.064), colour)
    mask = stroke((-0.115 + s, -0.165 + s, 0.05), (-0.1 + s, -0.105 + s, 0.034), colour)
    arms = [
        stroke((-0.195 + s, -0.03 + s, 0.046), (-0.11 + s, 0.085 + s, 0.039), colour),
        stroke((-0.11 + s, 0.085 + s, 0.039), (0.018 + s, 0.095 + s, 0.031), colour),
        stroke((0.01 + s, 0.095 + s, 0.033), (0.03 + s, 0.098 + s, 0.03), colour),
        stroke((0.03 + s, 0.09 + s, 0.008), (_ARC[0] - 0.008 + s, _ARC[1] - 0.002 + s, 0.004), colour),
    ]
    legs = [
        stroke((-0.33 + s, 0.22 + s, 0.075), (-0.14 + s, 0.25 + s, 0.06), colour),
        stroke((-0.14 + s, 0.25 + s, 0.055), (-0.16 + s, 0.4 + s, 0.045), colour),
        stroke((-0.38 + s, 0.24 + s, 0.07), (-0.45 + s, 0.4 + s, 0.05), colour),
    ]
    return [*legs, *spine, shoulders, head, mask, *arms]


def _arc(stage: Stage) -> None:
    """The arc itself: a hundred times white at its heart."""
    x, y = _ARC

    def paint(canvas: Canvas) -> None:
        canvas.glow((x, y), 0.012, ink("#cfe2ff", 12.0), 2.2)
        canvas.glow((x, y), 0.05, ink("#7fb0ff", 1.2), 1.7)
        edge = np.clip(1.0 - np.sqrt((canvas.columns() - x) ** 2 + (canvas.rows() - y) ** 2) / 0.34, 0.0, 1.0)
        canvas.shade(np.asarray(edge, np.float32), 0.0)
        canvas.disc((x, y), 0.0075, ink("#f4f8ff", 100.0), 0.0, soft=0.004)
        canvas.pixels[:, :, 3] = 0.0

    stage.sprite(
        "arc",
        (x - 0.35, y - 0.35, x + 0.35, y + 0.35),
        paint,
        depth=_BENCH,
        detail=0.8,
        motion=lambda time: Pose(gain=flicker(stage, time)),
    )


def _rack(stage: Stage) -> None:
    """Chains and a pillar close to the lens, out of focus."""
    depth = 1.2
    box = stage.bounds(depth)

    def paint(canvas: Canvas) -> None:
        dark = ink("#05060a", 0.3)
        x = 0.72 * stage.half
        canvas.polygon([(x, 0.7), (x + 0.02, -0.7), (x + 0.2, -0.7), (x + 0.22, 0.7)], dark)
        canvas.light([(x, 0.7), (x + 0.02, -0.7), (x + 0.03, -0.7), (x + 0.01, 0.7)], ink("#7fa2e0", 0.22))
        links = [
            stroke(
                (-0.66 * stage.half + 0.006 * (n % 2), -0.7 + 0.034 * n, 0.009),
                (-0.66 * stage.half + 0.006 * (n % 2), -0.68 + 0.034 * n, 0.009),
                dark,
            )
            for n in range(22)
        ]
        canvas.strokes(links)
        canvas.blur(0.005)

    stage.sprite("rack", (box[0], box[1], box[2], box[3]), paint, depth=depth, detail=0.4)
