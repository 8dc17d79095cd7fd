"""How alike the moving things of two takes look, by colours and large shapes: pure, from their signatures.

It cannot tell two people of one stature in one coat apart, and says nothing of faces.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

HUES: Final = 12
LIGHTS: Final = 4
"""Colours of a signature: by hue, and those without one by light."""
SIDES: Final = 4
TURNS: Final = 8
"""Shape of a signature: edges by direction, in each of four by four parts."""

_COLOURS: Final = HUES + LIGHTS
_LENGTH: Final = _COLOURS + SIDES * SIDES * TURNS


def resemblance(one: str, other: str) -> float | None:
    """0 (nothing in common) to 1 of two signatures, facing either way; None where one was not measured."""
    if len(one) != 2 * _LENGTH or len(other) != 2 * _LENGTH:
        return None
    a, b = bytes.fromhex(one), bytes.fromhex(other)
    shape = max(_cosine(a[_COLOURS:], side) for side in (b[_COLOURS:], _mirrored(b[_COLOURS:])))
    return (2 * _common(a[:_COLOURS], b[:_COLOURS]) + shape) / 3


def _common(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of colour that both have; the neighbouring hue counts half."""
    return sum(map(min, _spread(one), _spread(other)))


def _spread(colours: Sequence[int]) -> list[float]:
    whole = max(1, sum(colours))
    hues, lights = colours[:HUES], colours[HUES:]
    near = [(hues[n] + (hues[n - 1] + hues[(n + 1) % HUES]) / 2) / 2 / whole for n in range(HUES)]
    return [*near, *(each / whole for each in lights)]


def _cosine(one: Sequence[int], other: Sequence[int]) -> float:
    size = sqrt(sum(each * each for each in one) * sum(each * each for each in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / size if size else 0.0


def _mirrored(shape: Sequence[int]) -> list[int]:
    """The same thing facing the other way."""
    return [
        shape[(row * SIDES + SIDES - 1 - column) * TURNS + (TURNS - turn) % TURNS]
        for row in range(SIDES)
        for column in range(SIDES)
        for turn in range(TURNS)
    ]
