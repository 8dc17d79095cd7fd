"""Retiming: how frames at one rate become frames at another, in exact arithmetic."""

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never

from plugin_backend.domain.sequence import FrameRate

_HALF: Final = Fraction(1, 2)


class RateMethod(StrEnum):
    """What was chosen."""

    EXACT = "exact"  # the rates are equal
    RELABEL = "relabel"  # the same frames at the other rate: 24 as 24000/1001
    NEAREST = "nearest"  # whole frames, the one on screen at that moment
    BLEND = "blend"  # two neighbours over each other, by how near each is
    FLOW = "flow"  # two neighbours, moved to where things are at that moment


class Retime(StrEnum):
    """What may be asked for, where the rates are not the same."""

    AUTO = "auto"
    NEAREST = "nearest"
    BLEND = "blend"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Mix:
    """A moment between two source frames; `share` is how much of the way to `after` it lies."""

    before: int
    after: int
    share: Fraction

    @property
    def nearest(self) -> int:
        """The frame it is closer to; half-way, the later one."""
        return self.before if self.share < _HALF else self.after


def nearest_frame(frame: int, *, source_rate: Fraction, source_count: int, rate: FrameRate) -> int:
    """The source frame on screen at the middle of a delivered frame."""
    middle = (frame + _HALF) / rate.fraction
    return min(int(middle * source_rate), source_count - 1)


def mix_of(frame: int, *, source_rate: Fraction, source_count: int, rate: FrameRate) -> Mix:
    """The two source frames whose middles lie about a delivered frame's; past the ends, the outermost."""
    place = (frame + _HALF) / rate.fraction * source_rate - _HALF
    before, last = math.floor(place), source_count - 1
    if before < 0 or before >= last:
        held = min(max(before, 0), last)
        return Mix(held, held, Fraction(0))
    return Mix(before, before + 1, place - before)


def choose_method(
    wanted: Retime, *, source_rate: Fraction, source_count: int, rate: FrameRate, frame_count: int
) -> tuple[RateMethod, str]:
    """How it is done, and why; frames are only made up where somebody asked for that."""
    if source_rate == rate.fraction:
        return RateMethod.EXACT, f"Both play at {rate}."
    if math.ceil(source_rate) == rate.nominal and frame_count == source_count:
        reason = (
            f"{source_rate} plays at {rate}: every frame is kept, and over {frame_count} frames the "
            "difference in speed stays under half a frame."
        )
        return RateMethod.RELABEL, reason
    change = f"{source_rate} to {rate}"
    match wanted:
        case Retime.AUTO | Retime.NEAREST:
            shown = {
                nearest_frame(i, source_rate=source_rate, source_count=source_count, rate=rate)
                for i in range(frame_count)
            }
            reason = (
                f"{change}: each frame shows the source frame at its middle; {frame_count - len(shown)} "
                f"repeat one, {source_count - len(shown)} of the source are left out, none is blended."
            )
            return RateMethod.NEAREST, reason
        case Retime.BLEND:
            return RateMethod.BLEND, f"{change}: each frame is its two neighbours over each other."
        case Retime.FLOW:
            reason = f"{change}: each frame is made of its two neighbours, moved along their optical flow."
            return RateMethod.FLOW, reason
        case _:
            assert_never(wanted)
