"""Clips painted here, so that all about them is known: a textured wall, panned, and things before it."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.evaluation import Evaluation
from worker.director.evaluate import evaluate
from worker.director.frames import ClipFacts, small_frame

Picture = NDArray[np.uint8]

WIDTH, HEIGHT, RATE = 320, 180, 12
FRAMES: Final = 24


def wall(*, seed: int = 3, width: int = 960, height: int = 540) -> Picture:
    """Something with structure of every size, as photographs have."""
    chance = np.random.default_rng(seed)
    light = np.zeros((height, width, 3), np.float32)
    for octave in range(6):
        cells = (max(2, width >> (7 - octave)), max(2, height >> (7 - octave)))
        rough = chance.normal(0, 1, (cells[1], cells[0], 3)).astype(np.float32)
        fine = np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        light += fine / np.float32(octave + 1.5)
    return np.clip(118 + 38 * light, 0, 255).astype(np.uint8)


def framed(
    picture: Picture, *, x: float, y: float, zoom: float = 1.0, roll: float = 0.0, width: int = WIDTH
) -> Picture:
    """What a frame shows whose middle is at (x, y) of the picture, magnified, and turned by degrees."""
    turn = np.radians(roll)
    c, s = float(np.cos(turn)) / zoom, float(np.sin(turn)) / zoom
    height = round(width * HEIGHT / WIDTH)
    scale = WIDTH / width
    across, down = width / 2 - 0.5, height / 2 - 0.5
    columns, rows = np.meshgrid(np.arange(width) - across, np.arange(height) - down)
    there_x = (x + scale * (c * columns - s * rows)).astype(np.float32)
    there_y = (y + scale * (s * columns + c * rows)).astype(np.float32)
    return np.asarray(cv2.remap(picture, there_x, there_y, cv2.INTER_CUBIC), np.uint8)


def panned(
    *,
    x: float = 0.0,
    y: float = 0.0,
    zoom: float = 0.0,
    roll: float = 0.0,
    frames: int = FRAMES,
    seed: int = 3,
) -> list[Picture]:
    """The wall, the camera going so many widths, heights, ln of magnification and degrees a second."""
    painted = wall(seed=seed)
    times = [(number - (frames - 1) / 2) / RATE for number in range(frames)]
    return [
        framed(
            painted,
            x=480 + x * WIDTH * time,
            y=270 + y * HEIGHT * time,
            zoom=float(np.exp(zoom * time)),
            roll=roll * time,
        )
        for time in times
    ]


def with_disc(
    frames: Iterable[Picture],
    at: Callable[[float], tuple[float, float] | None],
    *,
    radius: float = 0.07,
    colour: tuple[int, int, int] = (225, 60, 40),
) -> list[Picture]:
    """A marked ball before the picture: `at` gives its place of 0..1 by the time of 0..1, or None."""
    pictures = list(frames)
    made = []
    for number, picture in enumerate(pictures):
        place = at(number / (len(pictures) - 1))
        painted = picture.copy()
        if place is not None:
            fine = tuple(
                round(16 * (part * side - 0.5)) for part, side in zip(place, (WIDTH, HEIGHT), strict=True)
            )
            size = round(16 * radius * WIDTH)
            cv2.circle(painted, fine, size, colour, -1, cv2.LINE_AA, 4)
            cv2.circle(
                painted,
                (fine[0] - size // 3, fine[1] - size // 4),
                size // 3,
                (250, 220, 90),
                -1,
                cv2.LINE_AA,
                4,
            )
        made.append(painted)
    return made


def directive(kind: DirectiveKind, **given: Any) -> Directive:
    """An instruction over the whole clip, unless said otherwise."""
    whole = {
        "id": "d",
        "source": DirectiveSource.WORDS,
        "says": kind.value,
        "to_seconds": Fraction(FRAMES, RATE),
    }
    return Directive(kind=kind, **{**whole, **given})


def seen(
    frames: Iterable[Picture], *directives: Directive, rate: int = RATE, loop: bool = False
) -> Evaluation:
    """The clip evaluated."""
    pictures = list(frames)
    facts = ClipFacts(frame_rate=Fraction(rate), frame_count=len(pictures), loop=loop)
    return evaluate(_small(pictures), directives, facts=facts)


def _small(pictures: list[Picture]) -> Iterator[Any]:
    return (small_frame(number, picture) for number, picture in enumerate(pictures))
