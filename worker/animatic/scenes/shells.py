"""Shells over the horizon: a planned show of bursts, their trails and the smoke they light."""

import math
from dataclasses import dataclass

import numpy as np

from worker.animatic.camera import FAR
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Colour, Floats, ink, mix
from worker.animatic.items import Pose, Strokes
from worker.animatic.stage import Stage

_COLOURS = ("#ffb347", "#ff4f7b", "#5fc8ff", "#b6ff6a", "#ffd9a0", "#c58bff")
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


def show(stage: Stage) -> list[Burst]:
    """Let off the shells of the whole shot, behind everything that stands on the ground."""
    stage.finish.bloom = max(stage.finish.bloom, 0.06)
    shells = _shells(stage)
    _glows(stage, shells)
    stage.add(Strokes(lambda time: _sparks(shells, time, stage), FAR))
    return shells


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
