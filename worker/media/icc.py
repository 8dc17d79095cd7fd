"""A small ICC profile for the display spaces of stills: primaries and a curve, nothing else (ICC.1:2022).

Profiles are adapted to D50 by Bradford's method, as the specification asks, and say so in `chad`.
"""

import functools
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace

_D50: Final = np.array([0.9642, 1.0, 0.8249])
_D65: Final = (0.3127, 0.3290)
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_PRIMARIES: Final = {
    ColourSpace.REC709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    ColourSpace.P3_D65: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_NAMES: Final = {ColourSpace.REC709: "Rec. 709, gamma 2.4", ColourSpace.P3_D65: "Display P3"}
_HEAD_BYTES: Final = 128


@functools.cache
def icc_profile(space: ColourSpace) -> bytes:
    """The profile of Rec. 709 (as BT.1886 shows it) or P3 D65 (by sRGB's curve); KeyError for others."""
    primaries = _PRIMARIES[space]
    adapted, to_d50 = _adapted(primaries)
    curve = _curve(space)
    tags = {
        b"desc": _text(_NAMES[space]),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz(_D50),
        b"chad": b"sf32" + bytes(4) + b"".join(_fixed(value) for value in to_d50.reshape(-1)),
        **{name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), adapted.T, strict=True)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    return _assembled(tags)


def _adapted(
    primaries: tuple[tuple[float, float], ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """XYZ of the primaries under D50, and the matrix that took them there."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([_D65[0] / _D65[1], 1, (1 - sum(_D65)) / _D65[1]])
    from_rgb = columns * np.linalg.solve(columns, white)
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    to_d50 = np.linalg.inv(_BRADFORD) @ np.diag(gains) @ _BRADFORD
    return to_d50 @ from_rgb, to_d50


def _curve(space: ColourSpace) -> bytes:
    """`para`: a power alone, or sRGB's with its straight beginning."""
    if space is ColourSpace.REC709:
        return struct.pack(">4s4xHxx", b"para", 0) + _fixed(2.4)
    values = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return struct.pack(">4s4xHxx", b"para", 3) + b"".join(_fixed(value) for value in values)


def _assembled(tags: dict[bytes, bytes]) -> bytes:
    table, data = struct.pack(">I", len(tags)), b""
    start = _HEAD_BYTES + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    size = start + len(data)
    head = struct.pack(">I4xI4s4s4s", size, 0x04400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += b"".join(_fixed(value) for value in _D50)
    return head.ljust(_HEAD_BYTES, b"\0") + table + data


def _text(words: str) -> bytes:
    coded = words.encode("utf-16-be")
    return struct.pack(">4s4xII2s2sII", b"mluc", 1, 12, b"en", b"US", len(coded), 28) + coded


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(_fixed(value) for value in values)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(float(value) * 65_536))
