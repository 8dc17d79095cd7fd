"""Fireworks over black water, mirrored, with people along the shore."""

import math
from dataclasses import dataclass

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic.camera import FAR
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.floor import Surface, floor
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.items import Pose, Strokes
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.harbour import gulls, water
from worker.animatic.scenes.land import ridge, weather
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_COLOURS = ("#ffb347", "#ff4f7b", "#5fc8ff", "#b6ff6a", "#ffd9a0", "#c58bff")
_LINE = 0.05  # the horizon: high enough for the bursts to be mirrored whole
_LIFE = 2.6  # seconds from burst to the last ember


@dataclass(frozen=True, slots=True)
class Burst:
    """One shell: when and where it opens, and its sparks' directions."""

    at: float
    x: float
    y: float
    reach: float
    colour: Colour
    rays: Floats

    def age(self, time: float, seconds: float, *, loop: bool) -> float:
        """Seconds since it opened; in a loop the shells of the end light the beginning."""
        return (time - self.at) % seconds if loop else time - self.at


def lake(stage: Stage) -> None:
    """A lake; at night under fireworks when the brief has them."""
    stage.vanish, stage.eye = (0.0, _LINE), 0.5
    if stage.subject(SubjectKind.FIREWORKS):
        _festive(stage)
    else:
        _quiet(stage)


def _festive(stage: Stage) -> None:
    stage.finish.bloom = 0.06
    sky(stage, horizon=_LINE, cover=0.25, moon=False)
    _shores(stage, 0.12)
    shells = _shells(stage)
    _lights(stage)
    _glows(stage, shells)
    stage.add(Strokes(lambda time: _sparks(shells, time, stage), FAR))
    surface = Surface(line=17.0, stretch=0.22, ripple=0.55, speed=0.2, rows=360)
    floor(stage, "water", _black_water, surface, detail=0.3)
    _people(stage, shells)


def _quiet(stage: Stage) -> None:
    painted = {SubjectKind.CROWD, SubjectKind.BIRD, SubjectKind.SUN, SubjectKind.MOON}
    sky(stage, horizon=_LINE, cover=0.5)
    _shores(stage, 0.5)
    water(stage, line=17.0, ripple=0.4)
    gulls(stage, 4)
    cast(stage, depth=2.6, without=frozenset(painted))
    _people(stage, [])
    weather(stage)


def _shores(stage: Stage, shade: float) -> None:
    """Hills beyond the water, and the trees at its far edge."""
    far, near = stage.look.surface("#33435c"), stage.look.surface("#1d2a33")
    ridge(
        stage, "far shore", depth=24.0, height=0.09, line=_LINE + 0.022, colour=lit(far, shade), trees=False
    )
    ridge(
        stage,
        "near shore",
        depth=18.0,
        height=0.035,
        line=_LINE + 0.03,
        colour=lit(near, shade * 0.7),
        trees=True,
    )


def _black_water(canvas: Canvas) -> None:
    canvas.gradient([(canvas.top, ink("#0a1224", 0.2)), (0.6, ink("#04070d", 0.2))])
    canvas.pixels[:, :, 3] = 0.72


def _shells(stage: Stage) -> list[Burst]:
    """A planned show: large shells to either side, one after another."""
    rng = stage.rng("shells")
    shells = []
    count = max(4, int(stage.seconds * 1.5))
    for number in range(count):
        side = (-0.5, 0.32, -0.08, 0.6, -0.3, 0.1)[number % 6]
        at = -1.0 + number * (stage.seconds + 0.6) / count + 0.15 * rng.random()
        turn, lift = rng.random(150) * 2 * math.pi, np.arccos(2 * rng.random(150) - 1)
        speed = 0.82 + 0.18 * rng.random(150)
        rays = np.stack([np.sin(lift) * np.cos(turn) * speed, np.cos(lift) * speed, rng.random(150)], axis=1)
        colour = ink(_COLOURS[number % len(_COLOURS)])
        x = (side + 0.12 * (rng.random() - 0.5)) * stage.half
        y = -0.17 - 0.12 * rng.random() + 0.05 * (number % 2)
        shells.append(
            Burst(at, x, y, (0.15 + 0.09 * rng.random()) * stage.fit, colour, rays.astype(np.float32))
        )
    return shells


def _sparks(shells: list[Burst], time: float, stage: Stage) -> Floats:
    rows = [np.zeros((0, 11), np.float32)]
    for shell in shells:
        age = shell.age(time, stage.seconds, loop=stage.spec.loop)
        if 0.0 <= age < _LIFE:
            rows.append(_opened(shell, age))
        elif -0.7 < age < 0.0:
            rows.append(_rising(shell, age))
    return np.concatenate(rows)


def _flight(shell: Burst, age: float) -> tuple[Floats, Floats]:
    """Where the sparks are: thrown hard, held back by the air, falling."""
    spread = shell.reach * (1.0 - math.exp(-3.2 * max(age, 0.0)))
    drop = 0.035 * max(age, 0.0) ** 2
    return shell.x + shell.rays[:, 0] * spread, shell.y + shell.rays[:, 1] * spread + drop


def _opened(shell: Burst, age: float) -> Floats:
    parts = []
    life = 0.75 + 0.25 * shell.rays[:, 2]
    left = np.clip(1.0 - age / (_LIFE * life), 0.0, 1.0)
    twinkle = np.where(age > 1.2, 0.45 + 0.55 * np.sin(age * 30.0 + shell.rays[:, 2] * 60.0) ** 2, 1.0)
    for back, fade in ((0.0, 1.0), (0.09, 0.45), (0.2, 0.2), (0.36, 0.08)):  # the trail behind each spark
        x1, y1 = _flight(shell, age - back)
        x0, y0 = _flight(shell, age - back - 0.1 - back * 0.4)
        heat = 60.0 * fade * left**1.6 * twinkle * (1.0 + 1.2 * math.exp(-age * 5.0))
        colour = mix(shell.colour, (1.0, 0.85, 0.6), 0.65 * math.exp(-age * 2.5) + 0.1)
        row = np.empty((len(x1), 11), np.float32)
        row[:, 0], row[:, 1], row[:, 2] = x0, y0, 0.0005
        row[:, 3], row[:, 4], row[:, 5] = x1, y1, 0.0011 if back == 0.0 else 0.0008
        for channel in range(3):
            row[:, 6 + channel] = heat * colour[channel]
        row[:, 9], row[:, 10] = 0.0, 0.0012
        parts.append(row)
    return np.concatenate(parts)


def _rising(shell: Burst, age: float) -> Floats:
    y = shell.y + 0.45 * (age / 0.7) ** 2
    start, end = (shell.x - 0.02 * age, y + 0.035, 0.0003), (shell.x - 0.018 * age, y, 0.0013)
    return np.array([stroke(start, end, ink("#ffcf8f", 30.0), 0.0, 0.0012)], np.float32)


def brightness(shells: list[Burst], time: float, stage: Stage) -> float:
    """How strongly the sky's fire lights the shore."""
    ages = [s.age(time, stage.seconds, loop=stage.spec.loop) for s in shells]
    return sum(math.exp(-1.7 * age) for age in ages if age >= 0.0)


def _glows(stage: Stage, shells: list[Burst]) -> None:
    """Smoke lit from within by each shell."""

    def paint(canvas: Canvas) -> None:
        canvas.glow((0.0, 0.0), 0.1, (0.5, 0.5, 0.5), 1.8)
        smoke = canvas.noise(6, stage.seed("smoke"), octaves=5)
        canvas.shade(smoke, 0.1, 1.5)
        edge = np.clip(1.0 - np.sqrt(canvas.columns() ** 2 + canvas.rows() ** 2) / 0.42, 0.0, 1.0)
        canvas.shade(np.asarray(edge, np.float32), 0.0)

    for number, shell in enumerate(shells):

        def lighten(canvas: Canvas, colour: Colour = shell.colour) -> None:
            paint(canvas)
            canvas.pixels[:, :, :3] *= np.array(colour, np.float32)

        def motion(time: float, shell: Burst = shell) -> Pose:
            age = shell.age(time, stage.seconds, loop=stage.spec.loop)
            gain = math.exp(-1.6 * age) * 0.55 if 0.0 <= age < _LIFE + 1 else 0.0
            return Pose(x=shell.x, y=shell.y, gain=gain, opacity=1.0 if gain > 0.02 else 0.0)

        name = f"glow{number % len(_COLOURS)}"
        stage.sprite(
            name, (-0.42, -0.42, 0.42, 0.42), lighten, depth=FAR, detail=0.2, motion=motion, soft=True
        )


def _lights(stage: Stage) -> None:
    """A few house lights on the far shore."""
    box = stage.bounds(18.0)

    def paint(canvas: Canvas) -> None:
        rows = []
        for x, y, power in stage.rng("lights").random((38, 3)):
            at = (box[0] + x * (box[2] - box[0]), _LINE + 0.02 + 0.008 * y)
            rows.append(
                stroke((*at, 0.0009), (*at, 0.0009), ink("#ffc27a", 0.5 + 3.5 * power**3), 0.0, 0.001)
            )
        canvas.strokes(rows)

    stage.sprite("lights", (box[0], _LINE, box[2], _LINE + 0.04), paint, depth=18.0)


def _people(stage: Stage, shells: list[Burst]) -> None:
    """The near shore: grass, and people standing against the light of the water."""
    depth = 1.5
    box = stage.bounds(depth)
    ground = 0.44
    dark = lit(ink("#070910"), 0.35) if shells else lit(stage.look.surface("#22281f", facing=0.1), 0.3)

    def paint(canvas: Canvas) -> None:
        rng = stage.rng("people")
        x = np.linspace(box[0], box[2], 200)
        rise = ground + 0.012 * np.sin(x * 5.0) + 0.008 * np.sin(x * 13.0)
        canvas.polygon(
            [(box[0], box[3]), *zip(x.tolist(), rise.tolist(), strict=True), (box[2], box[3])], dark
        )
        rows = [
            stroke(
                (gx, ground + 0.02, 0.003),
                (gx + 0.02 * (rng.random() - 0.5), ground - 0.012 - 0.014 * rng.random(), 0.0008),
                dark,
            )
            for gx in np.arange(box[0], box[2], 0.006)
        ]
        if shells or stage.subject(SubjectKind.CROWD):
            for place in (-0.86, -0.72, -0.66, -0.4, -0.33, -0.2, 0.08, 0.15, 0.42, 0.5, 0.57, 0.78, 0.9):
                small = rng.random() < 0.2
                rows += _onlooker(
                    place * stage.half,
                    ground + 0.02,
                    (0.12 if small else 0.19) + 0.03 * rng.random(),
                    dark,
                    rng.random(),
                )
        canvas.strokes(rows)

    picture = stage.picture("people", (box[0], ground - 0.3, box[2], box[3]), paint, depth=depth)
    stage.place(picture, depth=depth)


def _onlooker(x: float, ground: float, tall: float, colour: Colour, chance: float) -> list[tuple[float, ...]]:
    """Someone seen from behind, looking up; some lift an arm to point or film."""
    hip, chest, head = ground - 0.48 * tall, ground - 0.79 * tall, ground - 0.93 * tall
    rows = []
    for side in (-1.0, 1.0):
        rows.append(
            stroke(
                (x + side * 0.05 * tall, hip, 0.06 * tall),
                (x + side * 0.08 * tall, ground, 0.035 * tall),
                colour,
            )
        )
        rows.append(
            stroke(
                (x + side * 0.12 * tall, chest, 0.035 * tall),
                (x + side * 0.15 * tall, hip, 0.026 * tall),
                colour,
            )
        )
    rows.append(stroke((x, hip, 0.1 * tall), (x, chest, 0.105 * tall), colour))
    rows.append(stroke((x - 0.05 * tall, chest, 0.08 * tall), (x + 0.05 * tall, chest, 0.08 * tall), colour))
    rows.append(
        stroke(
            (x + 0.01 * tall, head, 0.062 * tall), (x + 0.01 * tall, head - 0.02 * tall, 0.06 * tall), colour
        )
    )
    if chance > 0.66:
        rows.append(
            stroke(
                (x + 0.13 * tall, chest, 0.034 * tall),
                (x + 0.3 * tall, chest - 0.24 * tall, 0.02 * tall),
                colour,
            )
        )
    return rows
