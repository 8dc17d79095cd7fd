"""What an eye makes of a picture: PQ's light and ICtCp's hue, written out from ITU-R BT.2100."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
_CT_CP = np.array([[6610, -13613, 7003], [17933, -17390, -543]]) / 4096
_TO_2020 = np.array(
    [[0.627404, 0.329283, 0.043313], [0.069097, 0.919540, 0.011362], [0.016391, 0.088013, 0.895595]]
)
_COLOURFUL = 0.02


def pq_light(code: Array | float) -> Array:
    """cd/m2 of codes from 0 to 1 (SMPTE ST 2084)."""
    power = np.clip(code, 0, 1) ** (32 / 2523)
    light = (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)
    return np.asarray(10_000 * light)


def pq_code(light: Array | float) -> Array:
    """Codes from 0 to 1 of cd/m2."""
    power = (np.maximum(light, 0) / 10_000) ** (2610 / 16384)
    return np.asarray(((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32))


def chroma(light: Array) -> Array:
    """Ct and Cp of linear BT.2020 in cd/m2."""
    return np.asarray(pq_code(light @ _LMS.T) @ _CT_CP.T)


def hue_turn(sdr: Array, hdr: Array) -> float:
    """The largest turn of hue, in degrees, from a Rec. 709 picture on 100 cd/m2 to one in PQ."""
    before = chroma(np.maximum(100 * (sdr**2.4) @ _TO_2020.T, 0))
    after = chroma(pq_light(hdr))
    seen = (
        np.minimum(np.hypot(*np.moveaxis(before, -1, 0)), np.hypot(*np.moveaxis(after, -1, 0))) > _COLOURFUL
    )
    angles = [np.arctan2(each[..., 1], each[..., 0])[seen] for each in (before, after)]
    turn = np.abs((angles[1] - angles[0] + np.pi) % (2 * np.pi) - np.pi)
    return float(np.degrees(turn.max()))
