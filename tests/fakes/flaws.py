"""How a model does not do as it was told: films a person would send back at a glance."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

Film = Iterator[NDArray[np.float32]]

_ELSEWHERE: Final = "a red car in a bright white gallery, static camera"
_NOT_STILL: Final = re.compile(r"\b(pan|tilt|dolly|push|pull|truck|crane|orbit|zoom|track)", re.IGNORECASE)


class Flaw(StrEnum):
    """What is wrong with it."""

    WRONG_DIRECTION = "wrong-direction"
    NO_MOTION = "no-motion"
    FLICKER = "flicker"
    CUT = "cut"
    FREEZE = "freeze"
    EXPOSURE_JUMP = "exposure-jump"


def flaws_of(prompt: str) -> tuple[Flaw, ...]:
    """The ways in which a film of these words can be seen to be wrong: what stands still cannot freeze."""
    moving = {Flaw.WRONG_DIRECTION, Flaw.NO_MOTION, Flaw.FREEZE}
    return tuple(flaw for flaw in Flaw if flaw not in moving or _NOT_STILL.search(prompt))


def flawed(draw: Callable[[str], Film], flaw: Flaw, prompt: str) -> Film:
    """The film that `draw` makes of a prompt, with the flaw; scene-linear frames, as they come."""
    match flaw:
        case Flaw.WRONG_DIRECTION:
            return _backwards(draw(prompt))
        case Flaw.NO_MOTION:
            return _held(draw(prompt), share=0.0)
        case Flaw.FREEZE:
            return _held(draw(prompt), share=0.5)
        case Flaw.FLICKER:
            return _lit(draw(prompt), lambda number, _: 1.25 if number % 2 else 0.8)
        case Flaw.EXPOSURE_JUMP:
            return _lit(draw(prompt), lambda number, count: 1.0 if number < count // 2 else 2.2)
        case Flaw.CUT:
            return _cut(draw(prompt), draw(_ELSEWHERE))
        case _:
            assert_never(flaw)


def _backwards(film: Film) -> Film:
    for frame in reversed([frame.astype(np.float16) for frame in film]):
        yield frame.astype(np.float32)


def _held(film: Film, *, share: float) -> Film:
    """From a share of its length on nothing moves any more."""
    frames = [frame.astype(np.float16) for frame in film]
    last = int(share * len(frames))
    for number in range(len(frames)):
        yield frames[min(number, last)].astype(np.float32)


def _lit(film: Film, gain: Callable[[int, int], float]) -> Film:
    frames = [frame.astype(np.float16) for frame in film]
    for number, frame in enumerate(frames):
        yield frame.astype(np.float32) * np.float32(gain(number, len(frames)))


def _cut(film: Film, other: Film) -> Film:
    frames = [frame.astype(np.float16) for frame in film]
    others = [frame.astype(np.float16) for frame in other]
    for number, frame in enumerate(frames):
        yield (frame if number < len(frames) // 2 else others[number]).astype(np.float32)
