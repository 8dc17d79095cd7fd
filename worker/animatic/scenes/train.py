"""A train at constant speed: one carriage, painted once with its motion blur, passing again and again."""

import cv2
import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic.canvas import Canvas
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.items import Pose
from worker.animatic.look import Look
from worker.animatic.stage import Stage

TRACK = 3.4
_CAR = 1.9  # length of a carriage, units
_GAP = 0.05
_PACE = 1.9  # units per second: fast enough to blur, slow enough to see the windows


def train_x(stage: Stage, time: float) -> float:
    """The train's place: constant speed; in a loop a whole number of carriages passes."""
    heading = stage.heading(SubjectKind.TRAIN, -1.0)
    unit = _CAR + _GAP
    if stage.spec.loop:
        return heading * max(1, round(_PACE * stage.seconds / unit)) * unit / stage.seconds * time
    return heading * _PACE * time


def train(stage: Stage) -> None:
    """One carriage, painted once with its motion blur, standing in as many times as needed."""
    heading = stage.heading(SubjectKind.TRAIN, -1.0)
    rail = stage.ground(4.2)
    top = rail - 0.30
    blur = _PACE * 0.5 / float(stage.spec.frame_rate)

    def paint(canvas: Canvas) -> None:
        _carriage(stage, canvas, top, rail)
        width = max(1, round(blur * canvas.density))
        canvas.pixels = _dragged(canvas.pixels, width)

    picture = stage.picture(
        "carriage", (-blur, top - 0.05, _CAR + _GAP + blur, rail + 0.01), paint, depth=TRACK
    )
    count = int((stage.aspect + 0.6) / (_CAR + _GAP)) + 2
    passing = 0 if stage.spec.loop else int(_PACE * stage.seconds / (_CAR + _GAP)) - 1
    for number in range(count + passing):
        place = number * (_CAR + _GAP) - stage.half - 0.5

        def motion(time: float, place: float = place) -> Pose:
            if stage.spec.loop:
                span = count * (_CAR + _GAP)
                x = (place + train_x(stage, time) + stage.half + 1.0) % span - stage.half - 1.0 - 0.5
                return Pose(x=x)
            along = place if heading < 0 else -place - _CAR
            return Pose(x=along + train_x(stage, time) - heading * 0.25)

        stage.place(picture, depth=TRACK, motion=motion)


def _dragged(pixels: Floats, width: int) -> Floats:
    """A box blur along the direction of travel."""
    return np.ascontiguousarray(cv2.blur(pixels, (width, 1)), np.float32) if width > 1 else pixels


def _carriage(stage: Stage, canvas: Canvas, top: float, rail: float) -> None:
    """A carriage from roof to bogies; it lies from 0 to its length."""
    look = stage.look
    stripe = look.surface(stage.colour(SubjectKind.TRAIN, "#b5352a"), facing=0.5)
    low = rail - 0.045
    _body(canvas, top, low, look.surface("#e3ddd0", facing=0.32))
    canvas.rect((0.0, low - 0.07, _CAR, low), stripe)
    canvas.rect((0.0, low - 0.085, _CAR, low - 0.078), lit(look.key, 0.5))
    skirt = [(0.03, low), (_CAR - 0.03, low), (_CAR - 0.06, low + 0.03), (0.06, low + 0.03)]
    canvas.polygon(skirt, ink("#17161a", 0.4))
    for bogie in (0.3, 0.42, _CAR - 0.42, _CAR - 0.3):
        canvas.disc((bogie, rail - 0.022), 0.024, ink("#121114", 0.4))
    upper, lower = top + 0.055, top + 0.145
    for x in np.linspace(0.29, _CAR - 0.5, 7).tolist():
        _window(look, canvas, x, upper, lower)
    for door in (0.1, _CAR - 0.2):
        canvas.rect((door, upper - 0.015, door + 0.11, low), lit(stripe, 0.85))
        glass = mix(ink("#1d2530", 0.5), look.sky, 0.35)
        canvas.rect((door + 0.02, upper, door + 0.09, lower), glass)


def _body(canvas: Canvas, top: float, low: float, body: Colour) -> None:
    """Walls that turn in under the eaves, and the roof."""
    eaves, edge = top + 0.03, top + 0.004
    walls = [(0.0, low), (0.0, eaves), (0.02, edge), (_CAR - 0.02, edge), (_CAR, eaves), (_CAR, low)]
    canvas.polygon(walls, body)
    gutter, ridge = top + 0.02, top - 0.012
    roof = [(0.01, gutter), (0.04, ridge), (_CAR - 0.04, ridge), (_CAR - 0.01, gutter)]
    canvas.polygon(roof, lit(body, 0.55))


def _window(look: Look, canvas: Canvas, x: float, upper: float, lower: float) -> None:
    """Glass with the sky and the sun in it, and the head of somebody sitting there."""
    canvas.rect((x, upper, x + 0.155, lower), mix(ink("#1d2530", 0.5), look.sky, 0.3))
    gleam = [(x + 0.02, lower), (x + 0.08, upper), (x + 0.125, upper), (x + 0.065, lower)]
    canvas.polygon(gleam, lit(look.sun, 0.05), 0.6)
    canvas.disc((x + 0.05 + 0.04 * float(np.sin(x * 9)), lower - 0.014), 0.016, ink("#141216", 0.5))
