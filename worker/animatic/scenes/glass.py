"""A glass that fills: liquid, stream and what glass itself shows."""

import math

import numpy as np

from worker.animatic import noise
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.figures import Row
from worker.animatic.ink import Floats, ink, lit
from worker.animatic.stage import Stage, wave

RIM, BASE = -0.14, 0.33  # of the glass, in units
WIDE = 0.2
_INNER = 0.93  # of the width: the rest is the wall
_SLICES = 26
_WHITE = ink("#fff6e6")


def level(stage: Stage, time: float) -> float:
    """How full the glass is, 0..1: it rises steadily while the coffee pours."""
    share = time / stage.seconds
    if stage.spec.loop:
        return 0.55
    return 0.14 + 0.68 * share


def glass_back(canvas: Canvas, wide: float) -> None:
    across = canvas.columns() / (wide * _taper(canvas.rows()))
    inside = (
        np.clip((1.0 - np.abs(across)) * wide * canvas.density, 0.0, 1.0)
        * (canvas.rows() > RIM)
        * (canvas.rows() < BASE + 0.012)
    )
    canvas.wash(np.asarray(inside, np.float32), ink("#cdbfa4", 0.45), 0.16)
    base = inside * noise.band(
        np.asarray(canvas.rows() + 0 * canvas.columns(), np.float32), BASE - 0.035, BASE - 0.02
    )
    canvas.wash(np.asarray(base, np.float32), ink("#e8d6b4", 0.7), 0.5)


def _taper(rows: Floats | float) -> Floats:
    return np.asarray(0.84 + 0.16 * np.clip((BASE - rows) / (BASE - RIM), 0.0, 1.0), np.float32)


def coffee(stage: Stage, wide: float, time: float) -> Floats:
    """Coffee up to the level, its foam and surface, and the stream falling in."""
    low = BASE - 0.03
    high = low - level(stage, time) * (low - RIM)
    wobble = 0.002 * wave(time, stage.hertz(2.1))
    rows = _liquid(wide * _INNER, low, high)
    rows += _surface(wide * _INNER * float(_taper(high)) * 0.97, high, wobble)
    rows += _stream(stage, high, time)
    return np.array(rows, np.float32)


def _liquid(wide: float, low: float, high: float) -> list[Row]:
    """Columns of liquid: dark in the middle, amber where the window shines through."""
    top_w, low_w = wide * float(_taper(high)) * 0.97, wide * float(_taper(low)) * 0.97
    half = wide / _SLICES * 1.15
    rows = []
    for n in range(_SLICES):
        u = -1.0 + 2.0 * (n + 0.5) / _SLICES
        thin = 1.0 - math.sqrt(max(0.0, 1.0 - u * u))
        amber = 0.10 + 1.1 * thin**1.3 + 0.5 * math.exp(-(((u + 0.55) / 0.16) ** 2))
        foot, head = (u * low_w, low - half * 0.6, half), (u * top_w, high + half * 0.4, half)
        rows.append(stroke(foot, head, lit(ink("#7a3510"), amber * 0.5), 1.0, 0.002))
    return rows


def _surface(span: float, high: float, wobble: float) -> list[Row]:
    """The meniscus, the crema on it, and the window's glint."""
    left, right = high + wobble, high - wobble
    return [
        stroke((-span, left, 0.011), (span, right, 0.011), ink("#3a1a08", 0.5), 1.0, 0.003),
        stroke((-span, left - 0.004, 0.006), (span, right - 0.004, 0.006), ink("#c98a4b", 0.75), 1.0, 0.003),
        stroke(
            (-span * 0.9, high - 0.008, 0.0015),
            (-span * 0.2, high - 0.008, 0.0015),
            ink("#ffe8c0", 2.2),
            0.0,
            0.003,
        ),
    ]


def _stream(stage: Stage, surface: float, time: float) -> list[Row]:
    rows: list[Row] = []
    steps = 22
    top = -0.46
    last = (0.03 * stage.fit, top, 0.015)
    for n in range(1, steps + 1):
        share = n / steps
        y = top + (surface - top) * share
        sway = 0.0035 * share * math.sin(2.0 * math.pi * (stage.hertz(3.0) * time - 1.4 * share))
        width = (
            0.0145
            - 0.006 * share
            + 0.0012 * math.sin(2.0 * math.pi * (stage.hertz(5.0) * time - 5.0 * share))
        )
        spot = (0.03 * stage.fit + sway, y, width)
        rows.append(stroke(last, spot, ink("#4a2009", 0.42)))
        last = spot
    bright = [
        stroke((a[0] - 0.006, a[1], 0.0022), (a[3] - 0.006, a[4], 0.0022), ink("#ffc987", 3.0), 0.0, 0.004)
        for a in rows
    ]
    for n in range(9):  # splash where the stream meets the surface
        age = (time * 3.0 + n * 0.618) % 1.0
        side = math.cos(n * 2.4)
        x, y = 0.03 * stage.fit + side * 0.055 * age, surface - 0.012 - 0.05 * age * (1.0 - age) * 2.0
        rows.append(stroke((x, y, 0.0028), (x, y, 0.0028), ink("#8a4a1c", 0.6), 1.0 - age, 0.001))
    foam = [
        stroke(
            (0.03 * stage.fit - 0.04, surface - 0.002, 0.007),
            (0.03 * stage.fit + 0.04, surface - 0.002, 0.007),
            ink("#d8a468", 0.8),
            0.9,
            0.006,
        )
    ]
    return rows + bright + foam


def glass_front(canvas: Canvas, wide: float) -> None:
    """Only what glass shows: edges, rims and the window's long highlight."""
    canvas.strokes([*_walls(wide), *_highlights(wide), *_foot(wide * 0.84)])
    canvas.strokes(_rim(wide))


def _walls(wide: float) -> list[Row]:
    """Both edges: bright outside, a dark line where the inside begins."""
    low, rows = wide * 0.84, []
    for side in (-1.0, 1.0):
        outer = (side * wide, RIM, 0.003), (side * low, BASE, 0.004)
        inner = (side * wide * 0.955, RIM, 0.0016), (side * low * 0.95, BASE, 0.002)
        rows.append(stroke(*outer, lit(_WHITE, 0.9), 0.45, 0.004))
        rows.append(stroke(*inner, ink("#2a1a10", 0.3), 0.5, 0.003))
    return rows


def _highlights(wide: float) -> list[Row]:
    """The window down the left side, its frame beside it, the room on the right."""
    rows = []
    for place, (top, foot), (upper, lower), gain, alpha, soft in (
        (-0.66, (0.04, 0.05), (0.014, 0.011), 1.5, 0.55, 0.008),
        (-0.5, (0.05, 0.06), (0.003, 0.003), 1.3, 0.5, 0.004),
        (0.74, (0.05, 0.05), (0.005, 0.004), 0.8, 0.4, 0.006),
    ):
        start, end = (wide * place, RIM + top, upper), (wide * 0.84 * place, BASE - foot, lower)
        rows.append(stroke(start, end, lit(_WHITE, gain), alpha, soft))
    return rows


def _foot(low: float) -> list[Row]:
    """The thick base and the light caught in it."""
    glow = stroke((-low * 0.96, BASE, 0.012), (low * 0.96, BASE, 0.012), lit(_WHITE, 0.45), 0.5, 0.008)
    left, right = (-low * 0.7, BASE + 0.002, 0.003), (low * 0.1, BASE + 0.002, 0.003)
    return [glow, stroke(left, right, lit(_WHITE, 2.6), 0.0, 0.004)]


def _rim(wide: float) -> list[Row]:
    """The ellipse of the mouth, brightest towards the window."""
    turns = np.linspace(0.0, 2.0 * math.pi, 49)
    rim = [(wide * math.cos(a), RIM + 0.014 * math.sin(a), 0.0024) for a in turns]
    return [
        stroke(a, b, lit(_WHITE, 0.9 + 4.0 * max(0.0, -math.cos(t)) ** 8), 0.6)
        for a, b, t in zip(rim, rim[1:], turns, strict=False)
    ]


def spout(canvas: Canvas) -> None:
    """The lip of the pot, near and soft."""
    steel = ink("#5b5a58", 0.45)
    canvas.polygon(
        [
            (0.008, -0.45),
            (0.018, -0.475),
            (0.16, -0.64),
            (0.5, -0.8),
            (0.5, -0.5),
            (0.2, -0.49),
            (0.06, -0.44),
        ],
        steel,
    )
    canvas.light(
        [(0.03, -0.485), (0.17, -0.63), (0.5, -0.79), (0.5, -0.76), (0.18, -0.6), (0.04, -0.475)],
        ink("#ffe3b0", 2.2),
        soft=0.006,
    )
    canvas.polygon(
        [(0.05, -0.445), (0.2, -0.5), (0.5, -0.53), (0.5, -0.5), (0.2, -0.485), (0.06, -0.44)],
        ink("#14100e", 0.3),
        soft=0.006,
    )
    canvas.blur(0.0035)
