"""Hills, trees on them, and the weather in front: what every landscape shares."""

import numpy as np
from numpy.random import Generator

from plugin_backend.domain.direction.terms import Weather
from worker.animatic import noise
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.mist import mist, shelf
from worker.animatic.particles import leaves, rain, snow
from worker.animatic.stage import Stage


def profile(
    stage: Stage, name: str, left: float, right: float, *, cells: float, roughness: float, octaves: int = 7
) -> tuple[Floats, Floats]:
    """A skyline: x and heights of 0..1."""
    x = np.linspace(left, right, 1200, dtype=np.float32)
    field = noise.clouds(
        (2, 1200),
        origin=(left, 0.0),
        density=1200 / (right - left),
        cells=(cells, 1e-3),
        seed=stage.seed(name),
        octaves=octaves,
        roughness=roughness,
    )
    return x, np.asarray(noise.band(field[0], 0.15, 0.85), np.float32)


def ridge(
    stage: Stage,
    name: str,
    *,
    depth: float,
    height: float,
    line: float,
    colour: Colour,
    roughness: float = 0.5,
    cells: float = 1.4,
    trees: bool = False,
    light: Colour | None = None,
) -> None:
    """A row of hills standing on `line`, paler at its foot where the air is thick."""
    box = stage.bounds(depth)
    foot = max(line + 0.05, box[3]) if depth < 3 else line + 0.05

    def paint(canvas: Canvas) -> None:
        x, rise = profile(stage, name, box[0], box[2], cells=cells, roughness=roughness)
        tops = line - height * (0.15 + 0.85 * rise)
        crest = zip(x.tolist(), tops.tolist(), strict=True)
        canvas.polygon([(box[0], canvas.bottom), *crest, (box[2], canvas.bottom)], colour)
        if trees:
            _fringe(canvas, x, tops, colour, stage.rng(name + "/fringe"))
        if light:
            _relief(stage, canvas, name, (x, rise * np.float32(height)), light)
        fade = noise.band(canvas.rows(), line - height * 0.9, line)
        _veil(canvas, fade * np.float32(0.45 * stage.look.haze), stage.look.fog)

    stage.sprite(name, (box[0], line - height * 1.25 - 0.03, box[2], foot), paint, depth=depth)


def _relief(stage: Stage, canvas: Canvas, name: str, crest: tuple[Floats, Floats], light: Colour) -> None:
    """Light on the flanks that face it, broken up by rocks."""
    x, rise = crest
    broad = np.convolve(np.pad(rise, 24, mode="edge"), np.full(49, 1 / 49), mode="valid")
    slope = np.gradient(broad, x)  # of whole flanks: single rocks would show as stripes
    facing = np.interp(canvas.columns()[0], x, np.clip(0.5 + slope * 1.6, 0.0, 1.0))
    rocks = canvas.noise((9, 16), stage.seed(name + "/relief"), octaves=6, roughness=0.6)
    canvas.brighten(canvas.pixels[:, :, 3] * np.asarray(facing[None, :] * (0.3 + rocks), np.float32), light)


def _veil(canvas: Canvas, field: Floats, colour: Colour) -> None:
    """Fog over what is painted, and only over that."""
    cover = canvas.pixels[:, :, 3]
    for channel in range(3):
        canvas.pixels[:, :, channel] *= 1.0 - field
        canvas.pixels[:, :, channel] += field * cover * np.float32(colour[channel])


def _fringe(canvas: Canvas, x: Floats, tops: Floats, colour: Colour, rng: Generator) -> None:
    rows = []
    for at in np.arange(float(x[0]), float(x[-1]), 0.011):
        y = float(np.interp(at, x, tops))
        rows += fir(at, y + 0.004, 0.014 + 0.02 * rng.random(), colour, rng=rng)
    canvas.strokes(rows)


def fir(
    x: float, foot: float, tall: float, colour: Colour, *, rng: Generator, tiers: int = 5
) -> list[tuple[float, ...]]:
    """A fir as a few drooping tiers."""
    rows = [stroke((x, foot, 0.05 * tall), (x, foot - tall, 0.012 * tall), colour)]
    for tier in range(tiers):
        share = tier / tiers
        y = foot - tall * (0.14 + 0.8 * share)
        reach = tall * 0.3 * (1.0 - share) * (0.8 + 0.4 * rng.random())
        stem = (x, y - 0.1 * tall, 0.045 * tall * (1.2 - share))
        rows += [
            stroke(stem, (x + side * reach, y + 0.07 * tall, 0.014 * tall), colour) for side in (-1.0, 1.0)
        ]
    return rows


def tree(x: float, foot: float, tall: float, colour: Colour, rng: Generator) -> list[tuple[float, ...]]:
    """A broad-leaved tree: trunk, limbs, clusters of leaves."""
    rows = [stroke((x, foot, 0.045 * tall), (x + 0.02 * tall, foot - 0.5 * tall, 0.028 * tall), colour)]
    for _ in range(26):
        turn, reach = rng.random() * 2 * np.pi, rng.random() ** 0.5
        cx = x + 0.02 * tall + np.cos(turn) * reach * 0.32 * tall
        cy = foot - 0.68 * tall + np.sin(turn) * reach * 0.27 * tall
        size = (0.06 + 0.08 * rng.random()) * tall
        rows.append(stroke((x, foot - 0.4 * tall, 0.012 * tall), (cx, cy, 0.006 * tall), colour))
        rows.append(
            stroke((cx - size * 0.3, cy, size), (cx + size * 0.3, cy, size), colour, 0.97, size * 0.35)
        )
    return rows


def weather(stage: Stage) -> None:
    """What falls or drifts in front of everything."""
    look = stage.look
    match stage.plan.concept.weather:
        case Weather.RAIN | Weather.STORM:
            rain(stage, colour=mix(look.fog, (0.5, 0.5, 0.55), 0.5), alpha=0.35)
        case Weather.SNOW:
            snow(stage, colour=mix(lit(look.fog, 1.4), (0.8, 0.8, 0.85), 0.6))
        case Weather.LEAVES:
            leaves(stage, colour=lit(ink("#c8641e"), 0.8))
        case Weather.FOG:
            box = stage.bounds(2.4)
            mist(
                stage,
                "fog",
                (box[0], -0.12, box[2], 0.5),
                depth=2.4,
                colour=look.fog,
                alpha=0.6,
                shape=shelf(0.6, 0.1),
                size=(0.35, 0.7),
                drift=(0.018, 0.0),
            )
        case _:
            pass
