"""Where a picture lies in the sequence's frame, and how large."""

import math
from fractions import Fraction
from typing import assert_never

from plugin_backend.domain.conform_plan import Decision, Fit, Placement, SourceFacts
from plugin_backend.domain.sequence import Sequence


def place(source: SourceFacts, sequence: Sequence, *, fit: Fit) -> tuple[Placement, Decision]:
    """Scale with the aspect kept; sides and offsets even, so that chroma falls on whole samples."""
    wide, high = Fraction(sequence.width, source.width), Fraction(sequence.height, source.height)
    match fit:
        case Fit.FIT:
            scale = min(wide, high)
        case Fit.FILL:
            scale = max(wide, high)
        case _:
            assert_never(fit)
    width = sequence.width if scale == wide else even(source.width * scale)
    height = sequence.height if scale == high else even(source.height * scale)
    left, top = (sequence.width - width) // 4 * 2, (sequence.height - height) // 4 * 2
    placement = Placement(fit, width, height, left, top, upscaled=scale > 1)
    return placement, Decision("size", fit, _explain_size(source, sequence, placement=placement, scale=scale))


def _explain_size(source: SourceFacts, sequence: Sequence, *, placement: Placement, scale: Fraction) -> str:
    sizes = f"{source.width} x {source.height} in {sequence.width} x {sequence.height}"
    if scale == 1 and (placement.width, placement.height) == (sequence.width, sequence.height):
        return f"{sizes}: pixel for pixel."
    scaled = f"{sizes}: scaled to {placement.width} x {placement.height}"
    match placement.fit:
        case Fit.FIT if placement.left or placement.top:
            return f"{scaled}, centred on black."
        case Fit.FILL if placement.left or placement.top:
            return f"{scaled}, the overhang cut off evenly."
        case _:
            return f"{scaled}."


def even(side: Fraction) -> int:
    """The nearest even number of pixels, at least two."""
    return max(2, 2 * math.floor(side / 2 + Fraction(1, 2)))
