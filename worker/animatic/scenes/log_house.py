"""A log house in snow: logs, a laden roof, lit windows."""

import numpy as np

from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import ink, lit, mix
from worker.animatic.stage import Stage

DEPTH = 3.0
LAMP = "#ffae4a"
_LEFT, _RIGHT = -0.46, 0.2  # of the wall, from the house's own place
_EAVES, _PEAK = -0.06, -0.27


def log_house(stage: Stage, canvas: Canvas, x: float) -> None:
    """Logs, a snow-laden roof, two lit windows with their crosses, a door, a chimney."""
    foot = stage.ground(DEPTH) + 0.015
    _logs(canvas, x + _LEFT, x + _RIGHT, foot)
    _chimney(canvas, x)
    _roof(stage, canvas, x + _LEFT, x + _RIGHT)
    for centre in (x - 0.3, x + 0.02):
        _window(canvas, centre, 0.5 * (_EAVES + foot) - 0.012, 0.085)
    canvas.rect((x - 0.17, _EAVES + 0.075, x - 0.09, foot), ink("#2c1c12", 0.12))
    _drift(canvas, x + _LEFT, x + _RIGHT, foot)


def _logs(canvas: Canvas, left: float, right: float, foot: float) -> None:
    """The wall: every other log lighter, the sky's blue along each upper edge."""
    wood, sky = ink("#4a3524", 0.11), ink("#5a78b0", 0.10)
    canvas.rect((left, _EAVES, right, foot), wood)
    for row, y in enumerate(np.arange(_EAVES, foot, 0.034).tolist()):
        middle, edge = y + 0.017, y + 0.006
        tone = lit(wood, 0.8 + 0.5 * (row % 2))
        log = stroke((left - 0.018, middle, 0.0165), (right + 0.018, middle, 0.0165), tone)
        canvas.strokes(
            [log, stroke((left - 0.01, edge, 0.003), (right + 0.01, edge, 0.003), sky, 0.8, 0.004)]
        )


def _chimney(canvas: Canvas, x: float) -> None:
    top = _PEAK - 0.1
    canvas.polygon(
        [(x + 0.02, _PEAK + 0.05), (x + 0.02, top), (x + 0.09, top), (x + 0.09, _PEAK + 0.1)],
        ink("#6a5a54", 0.3),
    )
    snow = [(x + 0.012, top), (x + 0.02, top - 0.018), (x + 0.09, top - 0.018), (x + 0.098, top)]
    canvas.polygon(snow, ink("#9fb8e6", 0.25))


def _roof(stage: Stage, canvas: Canvas, left: float, right: float) -> None:
    """Snow from ridge to eaves, its lower edge catching the moon."""
    low = _EAVES + 0.015
    slope = [(left - 0.07, low), (left + 0.1, _PEAK), (right - 0.02, _PEAK), (right + 0.09, low)]
    canvas.polygon(slope, ink("#8fabdd", 0.26))
    canvas.shade(canvas.noise((5, 14), stage.seed("roof"), octaves=4), 0.8, 1.15)
    edge = low + 0.017
    canvas.polygon(
        [(left - 0.07, low), (right + 0.09, low), (right + 0.085, edge), (left - 0.065, edge)],
        ink("#b4c8ee", 0.3),
    )


def _drift(canvas: Canvas, left: float, right: float, foot: float) -> None:
    """Snow blown against the wall, warm from the windows."""
    left, right = left - 0.12, right + 0.12
    crest = [
        (left + t * (right - left), foot - 0.012 - 0.012 * float(np.sin(t * 11.0)))
        for t in np.linspace(0, 1, 40)
    ]
    warm = mix(ink("#7f9cd0", 0.2), ink(LAMP, 0.5), 0.25)
    canvas.polygon([(left, foot + 0.02), *crest, (right, foot + 0.02)], warm, soft=0.004)


def _window(canvas: Canvas, x: float, y: float, wide: float) -> None:
    """Panes at many times white behind curtains, a cross of bars, a bright sill."""
    tall = wide * 1.15
    left, top, right, bottom = x - wide, y - tall, x + wide, y + tall
    rim = 0.012
    canvas.rect((left - rim, top - rim, right + rim, bottom + rim), ink("#3a2616", 0.25))
    canvas.rect((left, top, right, bottom), ink(LAMP, 7.0))
    _lamplight(canvas, x, y, wide)
    bar, sill = ink("#2c1a0e", 0.3), y + tall + 0.014
    canvas.strokes(
        [
            stroke((x, top, 0.0055), (x, bottom, 0.0055), bar),
            stroke((left, y, 0.0055), (right, y, 0.0055), bar),
            stroke((left - 0.014, sill, 0.009), (right + 0.014, sill, 0.009), ink("#ffdca8", 0.9)),
        ]
    )


def _lamplight(canvas: Canvas, x: float, y: float, wide: float) -> None:
    """The lamp's cone in the room, and curtains drawn to either side of it."""
    tall = wide * 1.15
    high = y - tall * 0.2
    cone = [
        (x - wide * 0.6, y + tall),
        (x - wide * 0.45, high),
        (x + wide * 0.45, high),
        (x + wide * 0.6, y + tall),
    ]
    canvas.polygon(cone, ink("#ffd28a", 13.0), 0.8, soft=0.015)
    for side in (-wide, wide):
        folds = [(1.0, y - tall), (0.25, y - tall), (0.72, y), (0.66, y + tall), (1.0, y + tall)]
        canvas.polygon([(x + side * share, at) for share, at in folds], ink("#b3401f", 1.5), 0.85)
