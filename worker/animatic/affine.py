"""Where a picture's pixels land: a plane map in plain numbers, because every layer makes several a frame."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Affine(NamedTuple):
    """(u, v) lands on (a u + b v + x, c u + d v + y)."""

    a: float
    b: float
    x: float
    c: float
    d: float
    y: float

    @property
    def upright(self) -> bool:
        """Whether it neither turns nor shears."""
        return self.b == self.c == 0.0

    def at(self, u: float, v: float) -> tuple[float, float]:
        """Where a point lands."""
        return self.a * u + self.b * v + self.x, self.c * u + self.d * v + self.y

    def corners(self, left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
        """Where the corners of a rectangle land."""
        return [self.at(u, v) for u, v in ((left, top), (right, top), (left, bottom), (right, bottom))]

    def before(self, outer: "Affine") -> "Affine":
        """This map, then another."""
        x, y = outer.at(self.x, self.y)
        return Affine(
            outer.a * self.a + outer.b * self.c,
            outer.a * self.b + outer.b * self.d,
            x,
            outer.c * self.a + outer.d * self.c,
            outer.c * self.b + outer.d * self.d,
            y,
        )

    def inverse(self) -> Self:
        """The way back."""
        area = self.a * self.d - self.b * self.c
        a, b, c, d = self.d / area, -self.b / area, -self.c / area, self.a / area
        return type(self)(a, b, -a * self.x - b * self.y, c, d, -c * self.x - d * self.y)

    def rows(self, left: float, top: float) -> NDArray[np.float64]:
        """Two rows of numbers for points counted from a window's corner."""
        x, y = self.at(left, top)
        return np.array([[self.a, self.b, x], [self.c, self.d, y]])
