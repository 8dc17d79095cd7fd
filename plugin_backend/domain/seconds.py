"""Seconds as exact fractions, and their way in and out of JSON numbers."""

from fractions import Fraction
from typing import Final

# Fine enough for a microsecond grid and for every frame of every rate (24000/1001, 120000/1001 ...),
# coarse enough that a fraction survives the trip through a double unchanged (below an hour).
_FINEST_DENOMINATOR: Final = 1_000_000
_A_FRAME: Final = Fraction(1, 24)


def seconds(value: float | str) -> Fraction:
    """The exact time a JSON number (or its text) means: 0.1 is 1/10; ValueError for NaN and infinity."""
    return Fraction(str(value)).limit_denominator(_FINEST_DENOMINATOR)


def as_number(value: Fraction) -> int | float:
    """The JSON number for a time: whole seconds stay whole."""
    return value.numerator if value.denominator == 1 else float(value)


def is_as_long(film: Fraction, asked: Fraction) -> bool:
    """Whether a film has the length that was asked for, to a frame."""
    return abs(film - asked) <= _A_FRAME


def in_milliseconds(value: Fraction) -> Fraction:
    """The nearest thousandth: what a length is called, and may be asked for by."""
    return Fraction(round(value * 1000), 1000)
