"""Colours: chosen as sRGB codes, used as scene-linear ACEScg."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
Floats = NDArray[np.float32]

# Linear sRGB (D65) to ACEScg (AP1, D60), Bradford adaptation.
SRGB_TO_ACESCG: Final = np.array(
    [
        [0.6130974024, 0.3395231462, 0.0473794514],
        [0.0701937225, 0.9163538791, 0.0134523985],
        [0.0206155929, 0.1095697729, 0.8698146342],
    ]
)
LUMA: Final = (0.2722287, 0.6740818, 0.0536895)  # ACEScg luminance weights


@cache
def ink(code: str, gain: float = 1.0) -> Colour:
    """`#rrggbb` as ACEScg; a gain above 1 makes it a light."""
    encoded = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    red, green, blue = SRGB_TO_ACESCG @ decode(encoded) * gain
    return float(red), float(green), float(blue)


def decode(encoded: NDArray[np.floating]) -> NDArray[np.floating]:
    """SRGB code values (0..1) to linear light."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second colour in the first."""
    red, green, blue = ((1.0 - share) * a + share * b for a, b in zip(first, second, strict=True))
    return red, green, blue


def lit(colour: Colour, gain: float) -> Colour:
    """The same colour, brighter or darker."""
    return colour[0] * gain, colour[1] * gain, colour[2] * gain


def filtered(colour: Colour, light: Colour) -> Colour:
    """A surface colour under a coloured light."""
    return colour[0] * light[0], colour[1] * light[1], colour[2] * light[2]


def luminance(colour: Colour) -> float:
    """How bright a colour is."""
    return sum(weight * part for weight, part in zip(LUMA, colour, strict=True))
