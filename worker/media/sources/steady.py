"""Frame numbers of a movie: which coded frame is on screen at the middle of each, whatever the time stamps.

A movie of even time stamps shows each of its frames once. One that leaves frames out holds the one before;
one whose stamps are rounded (to milliseconds, say) is not disturbed by it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

T = TypeVar("T")

_MIDDLE = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a movie's own time becomes frame numbers."""

    first: Fraction
    """When its first frame shows, in seconds."""
    rate: Fraction

    def middle_of(self, number: int) -> Fraction:
        """The moment that a frame number stands for."""
        return self.first + (number + _MIDDLE) / self.rate


def on_screen(
    shown: Iterable[tuple[Fraction, T]], wanted: Iterable[int], *, clock: Clock
) -> Iterator[tuple[int, T]]:
    """Each wanted number (they rise) with what is on screen then; `shown` are moments and frames in order.

    Past the end the last frame stays, before the beginning the first is shown. ValueError when there is none.
    """
    coming = iter(shown)
    held: tuple[Fraction, T] | None = None
    ahead = next(coming, None)
    for number in wanted:
        middle = clock.middle_of(number)
        while ahead is not None and (held is None or ahead[0] <= middle):
            held, ahead = ahead, next(coming, None)
        if held is None:
            raise ValueError("The movie holds no frame.")
        yield number, held[1]
