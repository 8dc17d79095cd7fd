"""Neon signs: tubes at many times white, with their light on the wall behind."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Colour, lit, mix

_TUBE = 14.0  # how many times diffuse white a tube shines


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: its middle, size, colour and kind."""

    x: float
    y: float
    size: float
    colour: Colour
    kind: int


def paint_sign(canvas: Canvas, sign: Sign, rng: Generator) -> None:
    """The light on the wall, then the tubes."""
    halo = lit(sign.colour, 0.5)
    _wall_light(canvas, sign, halo)
    match sign.kind:
        case 0:
            lines = _column(sign, rng)
        case 1:
            lines = _banner(sign, rng)
        case 2:
            lines = _ring(sign)
        case _:
            lines = _arrow(sign)
    core = mix(lit(sign.colour, _TUBE), (_TUBE, _TUBE, _TUBE), 0.12)
    radius = 0.0022
    glow = [stroke((*a, 0.004), (*b, 0.004), lit(sign.colour, 1.1), 0.0, 0.016) for a, b in lines]
    tubes = [stroke((*a, radius), (*b, radius), core) for a, b in lines]
    canvas.strokes(np.array(glow + tubes, np.float32))


def _wall_light(canvas: Canvas, sign: Sign, halo: Colour) -> None:
    reach = 0.16 * sign.size
    rows = [
        stroke(
            (sign.x, sign.y, reach * k), (sign.x, sign.y, reach * k), lit(halo, 0.12), 0.0, reach * k * 1.6
        )
        for k in (0.5, 1.0, 1.7)
    ]
    canvas.strokes(rows)


Line = tuple[tuple[float, float], tuple[float, float]]


def _box(x0: float, y0: float, x1: float, y1: float) -> list[Line]:
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))


def _glyph(x: float, y: float, size: float, rng: Generator) -> list[Line]:
    """A made-up letter of three or four strokes."""
    spots = [(x + size * a, y + size * b) for a in (-0.4, 0.0, 0.4) for b in (-0.5, 0.0, 0.5)]
    picks = rng.permutation(9)
    pairs = [(spots[int(picks[i])], spots[int(picks[i + 1])]) for i in range(3)]
    return [(a, (b[0], a[1]) if rng.random() < 0.4 else b) for a, b in pairs]


def _column(sign: Sign, rng: Generator) -> list[Line]:
    wide, tall = 0.022 * sign.size, 0.1 * sign.size
    lines = _box(sign.x - wide, sign.y - tall, sign.x + wide, sign.y + tall)
    for step in (-0.66, 0.0, 0.66):
        lines += _glyph(sign.x, sign.y + step * tall, 0.03 * sign.size, rng)
    return lines


def _banner(sign: Sign, rng: Generator) -> list[Line]:
    lines: list[Line] = []
    for step in range(5):
        lines += _glyph(sign.x + (step - 2) * 0.034 * sign.size, sign.y, 0.034 * sign.size, rng)
    low = sign.y + 0.034 * sign.size
    return [*lines, ((sign.x - 0.085 * sign.size, low), (sign.x + 0.085 * sign.size, low))]


def _ring(sign: Sign) -> list[Line]:
    turns = np.linspace(0.0, 2.0 * math.pi, 25)
    outer = [
        (sign.x + 0.05 * sign.size * math.cos(a), sign.y + 0.05 * sign.size * math.sin(a)) for a in turns
    ]
    inner = [
        (sign.x + 0.03 * sign.size * math.cos(a), sign.y + 0.03 * sign.size * math.sin(a)) for a in turns[::6]
    ]
    return [*pairwise(outer), *pairwise(inner)]


def _arrow(sign: Sign) -> list[Line]:
    x, y, s = sign.x, sign.y, 0.06 * sign.size
    points = [(x - s, y - s * 0.4), (x, y + s * 0.5), (x + s, y - s * 0.4)]
    second = [(px, py - 0.35 * s) for px, py in points]
    return [*pairwise(points), *pairwise(second)]
