"""How a shot is cut and where its frames lie: known to those who ask for it without loading the engine."""

import itertools
from fractions import Fraction
from typing import Final

SOURCE_PATTERN: Final = "{prefix}/source/{{frame:06d}}.exr"


def frame_ranges(frame_count: int, *, size: int) -> list[tuple[int, int]]:
    """A shot cut into even ranges of about `size` frames: the first frame and the length of each."""
    parts = max(1, round(Fraction(frame_count, size)))
    bounds = [part * frame_count // parts for part in range(parts + 1)]
    return [(start, end - start) for start, end in itertools.pairwise(bounds)]
