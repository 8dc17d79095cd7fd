"""Where a picture lies in a frame, and how large."""

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never

from plugin_backend.domain.errors import FieldProblem, ValidationFailedError

Size = tuple[int, int]
"""Width and height, in pixels."""


class Fit(StrEnum):
    """How a picture of another aspect sits in the sequence's frame."""

    FIT = "fit"  # all of the picture, black beside it
    FILL = "fill"  # all of the frame, the overhang cut off
    PAD = "pad"  # the picture's own pixels on black
    CROP = "crop"  # a window of the frame's size out of the picture's own pixels


@dataclass(frozen=True, slots=True)
class Position:
    """Where a picture lies in the room there is, or a window in it: 0 is left or top, 1 right or bottom."""

    x: float = 0.5
    y: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.x <= 1 and 0 <= self.y <= 1):  # nor what is no number
            raise ValueError("A position lies between 0 and 1.")

    @property
    def across(self) -> Fraction:
        """`x`, exactly as it is written."""
        return Fraction(str(self.x))

    @property
    def down(self) -> Fraction:
        """`y`, exactly as it is written."""
        return Fraction(str(self.y))


_MIDDLE: Final = Position()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the scaled picture lies in the frame; negative offsets are cut off."""

    fit: Fit
    width: int
    height: int
    left: int
    top: int
    upscaled: bool


def place(picture: Size, frame: Size, *, fit: Fit, position: Position = _MIDDLE) -> tuple[Placement, str]:
    """Its aspect is kept; offsets are even, so that chroma falls on whole samples. Also says why so.

    ValidationFailedError where a picture that is not to be scaled has another size than there is room for.
    """
    scale = _scale(picture, frame, fit=fit)
    wide, high = (_side(*each, scale=scale) for each in zip(picture, frame, strict=True))
    exact = ((frame[0] - wide) * position.across, (frame[1] - high) * position.down)
    left, top = (_to_even(offset) for offset in exact)
    placement = Placement(fit, wide, high, left, top, upscaled=scale > 1)
    said = _explained(placement, is_whole=(wide, high) == frame, is_unscaled=scale == 1, position=position)
    if any(abs(even - asked) >= 1 for even, asked in zip((left, top), exact, strict=True)):
        said += " Offsets are even, as colour is stored for two pixels at a time."
    return placement, f"{spelt(picture)} in {spelt(frame)}: {said}"


def spelt(size: Size) -> str:
    """`1920 x 1080`."""
    return f"{size[0]} x {size[1]}"


def even(side: Fraction) -> int:
    """The nearest even number of pixels, at least two."""
    return max(2, 2 * math.floor(side / 2 + Fraction(1, 2)))


def _scale(picture: Size, frame: Size, *, fit: Fit) -> Fraction:
    wide, high = (Fraction(room, side) for room, side in zip(frame, picture, strict=True))
    match fit:
        case Fit.FIT:
            return min(wide, high)
        case Fit.FILL:
            return max(wide, high)
        case Fit.PAD if min(wide, high) < 1:
            raise _no_room(
                f"The take's {spelt(picture)} is larger than the frame's {spelt(frame)}",
                way_out="crop, fit or fill, or a sequence at least as large",
            )
        case Fit.CROP if max(wide, high) > 1:
            raise _no_room(
                f"The take's {spelt(picture)} is smaller than the frame's {spelt(frame)}",
                way_out="pad, fit or fill, or a sequence no larger than the take",
            )
        case Fit.PAD | Fit.CROP:
            return Fraction(1)
        case _:
            assert_never(fit)


def _no_room(sizes: str, *, way_out: str) -> ValidationFailedError:
    return ValidationFailedError([FieldProblem("/fit", f"{sizes}, and is not scaled: ask for {way_out}.")])


def _side(length: int, frame: int, *, scale: Fraction) -> int:
    """Even, but for a frame's own side, which may be odd: a row of black would be no picture's aspect."""
    if scale == 1:
        return length
    return frame if abs(length * scale - frame) < 1 else even(length * scale)


def _to_even(offset: Fraction) -> int:
    """The nearest even number, of two the one closer to nothing: what had room keeps it."""
    found = 2 * math.ceil(abs(offset) / 2 - Fraction(1, 2))
    return found if offset >= 0 else -found


def _explained(placement: Placement, *, is_whole: bool, is_unscaled: bool, position: Position) -> str:
    if is_whole:
        return "pixel for pixel." if is_unscaled else f"scaled to {placement.width} x {placement.height}."
    size = "its own pixels" if is_unscaled else f"scaled to {placement.width} x {placement.height}"
    match placement.fit:
        case Fit.FIT:
            return f"{size}, centred on black."
        case Fit.PAD:
            return f"{size} on black, {placement.left} from the left and {placement.top} from the top."
        case Fit.FILL | Fit.CROP if position == _MIDDLE:
            return f"{size}, the overhang cut off evenly."
        case Fit.FILL | Fit.CROP:
            return f"{size}, {-placement.left} cut off at the left and {-placement.top} at the top."
        case _:
            assert_never(placement.fit)
