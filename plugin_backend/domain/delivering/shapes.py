"""The shapes of one picture that are published side by side: wide, upright and square."""

from enum import StrEnum
from fractions import Fraction

from plugin_backend.domain.delivering.placing import Size, even


class Shape(StrEnum):
    """An aspect ratio, width to height."""

    WIDE = "16:9"
    UPRIGHT = "9:16"
    SQUARE = "1:1"

    @property
    def mark(self) -> str:
        """As a file's name may spell it: `16x9`."""
        return self.value.replace(":", "x")

    def size_in(self, sequence: Size) -> Size:
        """The largest frame of this shape in the sequence's, turned as need be: no side is longer."""
        across, down = (int(part) for part in self.value.split(":"))
        short, long = min(sequence), max(sequence)
        ratio = Fraction(max(across, down), min(across, down))
        least = min(short, even(long / ratio))
        most = min(long, even(least * ratio))
        return (most, least) if across >= down else (least, most)
