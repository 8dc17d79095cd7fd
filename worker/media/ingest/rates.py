"""A movie's frame rate and length in frames, worked out exactly from when each frame shows.

Containers count in ticks that a frame may not be a whole number of (a millisecond, say), so a rate is the one
that explains every time stamp to within a tick; among several, the closest, then the most usual.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median_low
from typing import Final

from plugin_backend.domain.sequence import SUPPORTED_RATES

_WHOLE: Final = tuple(Fraction(rate) for rate in range(1, 241))
_NTSC: Final = tuple(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120))
_USUAL: Final = (*SUPPORTED_RATES, *_WHOLE, *_NTSC)
_NEARNESS: Final = Fraction(1, 50)
_LONGEST_DENOMINATOR: Final = 1001


@dataclass(frozen=True, slots=True)
class Pace:
    """How a movie runs."""

    first: Fraction
    """When its first frame shows, in seconds of its own clock."""
    rate: Fraction
    frame_count: int
    """Frames at that rate, held ones included."""
    is_even: bool
    """Whether every frame shows once."""


def pace_of(shown: Sequence[Fraction], *, tick: Fraction, last_lasts: Fraction = Fraction(0)) -> Pace:
    """The pace of frames that show at these moments, each later; `tick` is the container's unit of time.

    A movie of one frame says nothing of its rate: it is told how long that frame lasts, or runs at 24.
    """
    if len(shown) < 2:
        return Pace(shown[0], 1 / last_lasts if last_lasts else Fraction(24), 1, is_even=True)
    first = shown[0]
    even = _explaining([moment - first for moment in shown], tick=tick)
    if even is not None:
        return Pace(first, even, len(shown), is_even=True)
    rate = _nearest(1 / median_low(_steps(shown)))
    held = max(1, round(last_lasts * rate))
    return Pace(first, rate, round((shown[-1] - first) * rate) + held, is_even=False)


def _explaining(since: Sequence[Fraction], *, tick: Fraction) -> Fraction | None:
    """The rate at which frame i shows at `since[i]`, give or take a tick."""
    average = (len(since) - 1) / since[-1]
    exact = average.limit_denominator(_LONGEST_DENOMINATOR)
    near = [rate for rate in _USUAL if abs(rate - average) <= average * _NEARNESS]
    fitting = []
    for place, rate in enumerate(dict.fromkeys([*near, exact])):
        worst = max(abs(moment - number / rate) for number, moment in enumerate(since))
        if worst <= tick:
            fitting.append((worst, place, rate))
    return min(fitting)[2] if fitting else None


def _nearest(rate: Fraction) -> Fraction:
    usual = min(_USUAL, key=lambda each: abs(each - rate))
    near = abs(usual - rate) <= rate * _NEARNESS
    return usual if near else rate.limit_denominator(_LONGEST_DENOMINATOR)


def _steps(shown: Sequence[Fraction]) -> Iterator[Fraction]:
    return (after - before for before, after in pairwise(shown))
