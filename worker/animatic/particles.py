"""Rain, snow, leaves, sparks and fireworks: every particle's place is a function of time alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from worker.animatic import kernels
from worker.animatic.affine import Affine
from worker.animatic.ink import Colour, Floats
from worker.animatic.items import project
from worker.animatic.stage import Stage
from worker.animatic.view import Raster, View


@dataclass(frozen=True, slots=True)
class Fall:
    """A curtain of falling things: one depth per particle, wrapped in a box that the camera cannot leave."""

    spots: Floats  # per particle: x, y, depth, speed factor, phase
    speed: float  # units per second at depth 1
    slant: float
    sway: float
    length: float  # units at depth 1; 0 for flakes
    size: float
    colour: Colour
    alpha: float
    seconds: float
    loop: bool
    half: float
    flutter: float = 0.0
    depth: float = 1.0  # the nearest of them
    still: bool = False
    soft: bool = False

    def draw(self, raster: Raster, view: View) -> None:
        """Place, project and draw every particle."""
        rows = self._rows(view)
        scale = float(view.height)
        matrix = Affine(scale, 0.0, view.width / 2 - 0.5, 0.0, scale, view.height / 2 - 0.5)
        project(rows, matrix)
        kernels.capsules(raster.frame, rows)

    def _rows(self, view: View) -> Floats:
        x, y, depth, factor, phase = self.spots.T
        near = 1.0 / depth
        tall, wide = 1.3, 2.0 * self.half + 0.4
        pace = self.speed * factor * near / tall
        turns = np.maximum(1.0, np.round(pace * self.seconds)) / self.seconds if self.loop else pace
        beat = 0.35 + 0.3 * phase
        beat = np.maximum(1.0, np.round(beat * self.seconds)) / self.seconds if self.loop else beat
        time = view.time
        drift = self.slant * turns * tall * time
        if self.loop:
            drift = np.round(self.slant * turns * tall * self.seconds / wide) * wide * time / self.seconds
        swing = self.sway * near * np.sin(2 * np.pi * (beat * time + phase))
        across = x * wide + drift + swing - view.state.x * near - view.state.pan
        down = y * tall + turns * tall * time - view.state.y * near - view.state.tilt
        across = (across + wide / 2) % wide - wide / 2
        down = (down + tall / 2) % tall - tall / 2
        reach = self.length * near * factor
        radius = self.size * near
        tilt = np.abs(np.cos(2 * np.pi * (beat * 1.7 * time + phase))) if self.flutter else np.ones_like(near)
        blur = np.where(depth < 1.0, radius * 1.5, radius * 0.5)  # the nearest are out of focus
        fade = self.alpha * np.minimum(1.0, 1.6 * near) / (1.0 + 2.0 * np.maximum(0.0, near - 1.2))
        tail = self.flutter * radius * tilt
        rows = np.empty((len(near), 11), np.float32)
        rows[:, 0], rows[:, 1], rows[:, 2] = across - tail, down, radius
        rows[:, 3], rows[:, 4] = across - self.slant * reach + tail, down - reach
        rows[:, 5] = radius * (0.3 if self.length else 1.0)
        for channel in range(3):
            rows[:, 6 + channel] = self.colour[channel] * fade
        rows[:, 9], rows[:, 10] = fade, blur
        return rows


def fall(
    stage: Stage,
    name: str,
    count: int,
    *,
    depths: tuple[float, float],
    speed: float,
    slant: float = 0.0,
    sway: float = 0.0,
    length: float = 0.0,
    size: float = 0.003,
    colour: Colour = (0.8, 0.8, 0.8),
    alpha: float = 0.8,
    flutter: float = 0.0,
) -> None:
    """Add a curtain of rain, snow or leaves."""
    rng = stage.rng(name)
    spots = rng.random((count, 5), np.float32)
    near, far = 1.0 / depths[0], 1.0 / depths[1]
    spots[:, 2] = 1.0 / (far + (near - far) * spots[:, 2] ** 2)  # more far ones than near ones
    spots[:, 3] = 0.8 + 0.4 * spots[:, 3]
    stage.add(
        Fall(
            spots,
            speed,
            slant,
            sway,
            length,
            size,
            colour,
            alpha,
            stage.seconds,
            stage.spec.loop,
            stage.half,
            flutter,
        )
    )


def rain(stage: Stage, count: int = 520, *, colour: Colour = (0.35, 0.4, 0.5), alpha: float = 0.3) -> None:
    """Streaks of rain."""
    fall(
        stage,
        "rain",
        count,
        depths=(0.8, 5.0),
        speed=2.6,
        slant=0.1,
        length=0.1,
        size=0.0011,
        colour=colour,
        alpha=alpha,
    )


def snow(
    stage: Stage,
    count: int = 700,
    *,
    colour: Colour = (0.75, 0.8, 0.9),
    depths: tuple[float, float] = (0.6, 6.0),
) -> None:
    """Flakes of snow, far to near."""
    fall(
        stage,
        "snow",
        count,
        depths=depths,
        speed=0.26,
        slant=0.12,
        sway=0.03,
        size=0.0042,
        colour=colour,
        alpha=0.85,
    )


def leaves(stage: Stage, count: int = 46, *, colour: Colour = (0.5, 0.17, 0.03)) -> None:
    """Leaves turning as they fall."""
    fall(
        stage,
        "leaves",
        count,
        depths=(0.8, 3.5),
        speed=0.2,
        slant=0.35,
        sway=0.08,
        size=0.0045,
        colour=colour,
        alpha=0.95,
        flutter=1.8,
    )


@dataclass(frozen=True, slots=True)
class Jet:
    """A spray of glowing sparks under gravity. Each lives, dies and is thrown again, always the same way."""

    throws: Floats  # per spark: angle, speed, life, phase, size
    origin: tuple[float, float]
    gravity: float
    ground: float
    heat: float
    colour: Colour
    cool: Colour
    depth: float
    power: Callable[[float], float]
    still: bool = False
    soft: bool = False

    def draw(self, raster: Raster, view: View) -> None:
        """Trace every spark over the last moments of its flight."""
        rows = self._rows(view.time)
        project(rows, view.affine(self.depth))
        kernels.capsules(raster.frame, rows)

    def _rows(self, time: float) -> Floats:
        angle, speed, life, phase, size = self.throws.T
        age = (time / life + phase) % 1.0 * life
        tail = np.maximum(age - 0.035, 0.0)
        vx, vy = np.cos(angle) * speed, np.sin(angle) * speed
        rows = np.empty((len(age), 11), np.float32)
        for offset, moment in ((0, age), (3, tail)):
            fallen = vy * moment + 0.5 * self.gravity * moment**2
            y = self.origin[1] + fallen
            bounced = self.ground - 0.35 * np.abs(y - self.ground)
            rows[:, offset] = self.origin[0] + vx * moment * np.exp(-0.5 * moment)
            rows[:, offset + 1] = np.where(y > self.ground, bounced, y)
            rows[:, offset + 2] = size * (1.0 - 0.6 * age / life)
        share = age / life
        glow = (
            self.heat * self.power(time) * (1.0 - share) ** 2 * np.minimum(1.0, age / 0.06)
        )  # dim where all begin
        for channel in range(3):
            rows[:, 6 + channel] = glow * (self.colour[channel] * (1.0 - share) + self.cool[channel] * share)
        rows[:, 9], rows[:, 10] = 0.0, size * 0.8
        return rows


def jet(
    stage: Stage,
    name: str,
    origin: tuple[float, float],
    *,
    count: int = 260,
    heat: float = 60.0,
    reach: float = 0.9,
    ground: float = 0.4,
    depth: float = 2.0,
    power: Callable[[float], float] = lambda _: 1.0,
) -> Jet:
    """A spray of sparks; the caller adds it."""
    chance = stage.rng(name).random((count, 5), np.float32)
    throws = np.empty_like(chance)
    throws[:, 0] = -math.pi * (0.08 + 0.84 * chance[:, 0])
    throws[:, 1] = reach * (0.25 + chance[:, 1] ** 1.5)
    life = 0.35 + 0.75 * chance[:, 2]
    turns = np.maximum(1, np.round(stage.seconds / life))
    throws[:, 2] = stage.seconds / turns if stage.spec.loop else life
    throws[:, 3] = chance[:, 3]
    throws[:, 4] = 0.0007 + 0.0016 * chance[:, 4] ** 3
    return Jet(throws, origin, 1.5, ground, heat, (1.0, 0.78, 0.45), (1.0, 0.22, 0.03), depth, power)
