"""A heavy pendulum before a brick wall, lit hard from the side, its shadow swinging along."""

import math
from typing import Final

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic import noise
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Floats, ink, mix
from worker.animatic.items import Pose, Strokes
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.land import weather
from worker.animatic.stage import Stage

_METRES: Final = 1.9  # length of the rod: what sets the period
_GRAVITY: Final = 9.81
_SWING: Final = 0.5  # radians to either side
_BOB: Final = 0.095
_PIVOT: Final = (0.0, -0.62)
_LENGTH: Final = 0.83
_SHADE: Final = (0.2, 0.075)  # where the shadow falls: the light stands left of the camera and a little above


def wall(stage: Stage) -> None:
    """The wall, then the shadow, the rod and the bob; without a pendulum, whoever the brief has."""
    stage.finish.vignette, stage.finish.bloom = 0.5, 0.03
    stage.backdrop("wall", lambda canvas: _bricks(stage, canvas), depth=3.4)
    if stage.subject(SubjectKind.PENDULUM):
        _pendulum(stage)
    else:
        stage.vanish, stage.eye = (0.0, -0.1), 0.95
        cast(stage, depth=2.0, tall=0.5)
    weather(stage)


def angle(stage: Stage, time: float) -> float:
    """The pendulum's angle: its period follows from its length, to second order in the swing."""
    reach = (stage.half - 1.2 * _BOB * stage.fit) / _LENGTH  # in a narrow picture it swings less
    swing = min(_SWING, math.asin(min(1.0, max(0.1, reach))))
    period = 2.0 * math.pi * math.sqrt(_METRES / _GRAVITY) * (1.0 + swing**2 / 16.0)
    return swing * math.cos(2.0 * math.pi * stage.hertz(1.0 / period) * time)


def bob(stage: Stage, time: float) -> tuple[float, float]:
    """Where the weight hangs."""
    swing = angle(stage, time)
    return _PIVOT[0] + _LENGTH * math.sin(swing), _PIVOT[1] + _LENGTH * math.cos(swing)


def _pendulum(stage: Stage) -> None:
    size = _BOB * stage.fit

    def shadow(time: float) -> Floats:
        x, y = bob(stage, time)
        top, low = (_PIVOT[0] + _SHADE[0], _PIVOT[1] + _SHADE[1]), (x + _SHADE[0], y + _SHADE[1])
        dark = (0.0, 0.0, 0.0)
        rows = [
            stroke((*top, 0.007), (*low, 0.007), dark, 0.8, 0.014),
            stroke((*low, size * 1.02), (low[0] + 0.05, low[1] + 0.012, size), dark, 0.85, 0.03),
        ]
        return np.array(rows, np.float32)

    def rod(time: float) -> Floats:
        x, y = bob(stage, time)
        iron, edge = ink("#24262a", 0.6), ink("#ffd9a8", 1.1)
        rows = [
            stroke((*_PIVOT, 0.0085), (x, y, 0.0085), iron),
            stroke((_PIVOT[0] - 0.0055, _PIVOT[1], 0.0014), (x - 0.0055, y, 0.0014), edge, 0.0, 0.002),
        ]
        return np.array(rows, np.float32)

    stage.add(Strokes(shadow, 3.4), Strokes(rod, 2.2))
    iron = stage.colour(SubjectKind.PENDULUM, "#8d949c")
    box = (-size * 1.2, -size * 1.35, size * 1.2, size * 1.2)

    def hang(time: float) -> Pose:
        x, y = bob(stage, time)
        return Pose(x=x, y=y, angle=0.0)

    stage.sprite("bob", box, lambda canvas: _iron(stage, canvas, size, iron), depth=2.2, motion=hang)


def _iron(stage: Stage, canvas: Canvas, size: float, code: str) -> None:
    """A cast ball: hard light from the left, a cool bounce on the right, pitted."""
    across, down = canvas.columns() / size, canvas.rows() / size
    squared = across**2 + down**2
    height = np.sqrt(np.clip(1.0 - squared, 0.0, 1.0))
    grain = canvas.noise(70, stage.seed("iron"), octaves=4, roughness=0.6)
    facing = np.clip(-0.78 * across - 0.35 * down + 0.5 * height, 0.0, 1.0) * (0.55 + 0.9 * grain)
    shine = np.clip(-0.62 * across - 0.36 * down + 0.7 * height, 0.0, 1.0) ** 38
    bounce = np.clip(0.85 * across + 0.1 * down + 0.1 * height - 0.25, 0.0, 1.0) * 0.12
    cover = np.clip((1.0 - np.sqrt(squared)) * size * canvas.density + 0.5, 0.0, 1.0)
    metal, warm, cool = mix(ink(code), ink("#3a3d42"), 0.55), ink("#ffdcb0", 1.5), ink("#9fb4d8", 0.6)
    for channel in range(3):
        light = metal[channel] * (warm[channel] * facing * 1.2 + cool[channel] * bounce + 0.012)
        canvas.pixels[:, :, channel] = (light + warm[channel] * shine * 5.0 * (0.4 + grain)) * cover
    canvas.pixels[:, :, 3] = cover
    neck = [
        stroke((0.0, -size * 1.25, size * 0.13), (0.0, -size * 0.9, size * 0.2), ink("#24262a", 0.5)),
        stroke(
            (-size * 0.09, -size * 1.25, size * 0.02),
            (-size * 0.13, -size * 0.95, size * 0.02),
            ink("#ffd9a8", 0.9),
            0.0,
        ),
    ]
    canvas.strokes(neck)


def _bricks(stage: Stage, canvas: Canvas) -> None:
    """Courses of brick with raked joints: each brick its own shade, every edge catching the side light."""
    tall, wide, joint = 0.062, 0.165, 0.0075
    course = np.floor(canvas.rows() / tall)
    wobble = (canvas.noise(11, stage.seed("wobble"), octaves=3) - 0.5) * 0.006
    u = canvas.columns() + 0.5 * wide * (course % 2) + wobble
    column = np.floor(u / wide)
    du, dv = u - column * wide, canvas.rows() + wobble - course * tall
    inside = noise.band(
        np.asarray(np.minimum(np.minimum(du, wide - du), np.minimum(dv, tall - dv)), np.float32),
        joint * 0.3,
        joint,
    )
    chance = np.sin(column * 12.9898 + course * 78.233 + stage.spec.seed % 97) * 43758.5453
    shade = np.asarray(chance - np.floor(chance), np.float32)
    rough = canvas.noise(34, stage.seed("rough"), octaves=5, roughness=0.62)
    stain = canvas.noise((1.6, 1.1), stage.seed("stain"), octaves=4)
    left_edge = (
        np.exp(-(((du - joint) / 0.008) ** 2)) * inside
        - 0.7 * np.exp(-(((wide - du - joint) / 0.01) ** 2)) * inside
    )
    relief = (0.55 + 0.9 * rough) * (0.72 + 0.5 * shade) + 0.55 * left_edge
    red, dark, mortar = np.array(ink("#8e4a33")), np.array(ink("#4c2620")), np.array(ink("#8d8378"))
    pick = np.asarray(np.clip(shade * 1.25 - 0.15, 0.0, 1.0))[:, :, None]
    colour = (red * pick + dark * (1.0 - pick)) * inside[:, :, None] + mortar * 0.42 * (
        1.0 - inside[:, :, None]
    )
    across = (canvas.columns() + stage.half) / stage.aspect
    pool = np.exp(
        -(((across - 0.4) / 0.38) ** 2) - ((canvas.rows() + 0.03) / 0.52) ** 2
    )  # the light's own shape
    light = (0.05 + 2.6 * pool) * np.clip(relief, 0.05, 3.0) * (0.6 + 0.55 * stain)
    warm = np.array(ink("#ffcf9a"))
    canvas.pixels[:, :, :3] = (colour * light[:, :, None] * warm).astype(np.float32)
    canvas.pixels[:, :, 3] = 1.0
