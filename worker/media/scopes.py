"""What a colourist's scopes show of the delivered picture: a waveform of the whole clip, and its gamut.

Both look at a grid of pixels, never at all of them: some thirty thousand a frame, whatever its size.
"""

import base64
import functools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self, assert_never

import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from worker.media.colour import colour_tags
from worker.media.kernels import Half, Picture, Rgb16
from worker.media.light import hlg_light, pq_light

COLUMNS: Final = 192
LEVELS: Final = 128
_GRID_WIDTH: Final = 240
_GRAIN: Final = 0.01  # of a pixel's largest channel: what lies less far outside is noise
_DARK: Final = 5e-4  # against diffuse white: in the dark a colour is noise altogether

_D65: Final = (0.3127, 0.3290)
_D60: Final = (0.32168, 0.33767)
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_Points = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


class Gamut(StrEnum):
    """The triangles that pictures are mastered in, from the narrowest."""

    REC709 = "rec709"
    P3 = "p3-d65"
    BT2020 = "bt2020"


_PRIMARIES: Final[Mapping[Gamut, _Points]] = {
    Gamut.REC709: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    Gamut.P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    Gamut.BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
}
_AP0: Final[_Points] = ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077))
_AP1: Final[_Points] = ((0.713, 0.293), (0.165, 0.83), (0.128, 0.044))


@dataclass(frozen=True, slots=True)
class Inside:
    """How many of the pixels that were looked at each gamut holds."""

    looked_at: int
    counts: tuple[int, int, int]  # in the order of `Gamut`

    def __add__(self, other: "Inside") -> "Inside":
        """Both."""
        a, b = self.counts, other.counts
        return Inside(self.looked_at + other.looked_at, (a[0] + b[0], a[1] + b[1], a[2] + b[2]))

    @property
    def shares(self) -> dict[str, float]:
        """Of all pixels, by gamut."""
        return {
            gamut.value: count / max(1, self.looked_at)
            for gamut, count in zip(Gamut, self.counts, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Waveform:
    """How often each column of the picture had each level of luma: `LEVELS` rows, the darkest first."""

    counts: NDArray[np.uint32]

    def __add__(self, other: "Waveform") -> "Waveform":
        """Both."""
        return Waveform(self.counts + other.counts)

    def to_json(self) -> str:
        """For another process: small, as most of it is nothing."""
        return base64.b64encode(zlib.compress(self.counts.astype("<u4").tobytes(), 6)).decode()

    @classmethod
    def from_json(cls, document: str) -> Self:
        """Read back what `to_json` wrote."""
        counts = np.frombuffer(zlib.decompress(base64.b64decode(document)), dtype="<u4")
        return cls(counts.reshape(LEVELS, COLUMNS).astype(np.uint32))


def waveform(rgb: Rgb16, *, space: ColourSpace) -> Waveform:
    """Of one frame as it is encoded: level 0 is black, the last is the top of the signal."""
    grid = _grid(rgb)
    red, blue = colour_tags(space).luma_weights
    luma = grid.astype(np.float32) @ np.array([red, 1 - red - blue, blue], dtype=np.float32)
    levels = np.minimum(luma * (LEVELS / 65536), LEVELS - 1).astype(np.int64)
    columns = np.arange(grid.shape[1], dtype=np.int64) * COLUMNS // grid.shape[1]
    counts = np.bincount((levels * COLUMNS + columns).reshape(-1), minlength=LEVELS * COLUMNS)
    return Waveform(counts.reshape(LEVELS, COLUMNS).astype(np.uint32))


def inside_shown(rgb: Rgb16, *, space: ColourSpace) -> Inside:
    """Of one frame of a display's picture."""
    return _inside(_curve(space)[_grid(rgb)], space)


def inside_light(pixels: Picture | Half, *, space: ColourSpace) -> Inside:
    """Of one frame of scene-linear light."""
    return _inside(_grid(pixels).astype(np.float32), space)


def _grid(picture: NDArray[Any]) -> NDArray[Any]:
    step = max(1, picture.shape[1] // _GRID_WIDTH)
    return picture[step // 2 :: step, step // 2 :: step]


def _inside(linear: NDArray[np.float32], space: ColourSpace) -> Inside:
    channels = np.ascontiguousarray(linear.reshape(-1, 3).T)
    least = -np.maximum(np.float32(_GRAIN) * channels.max(axis=0), np.float32(_DARK))
    held = [int(((matrix @ channels).min(axis=0) >= least).sum()) for matrix in _into(space)]
    return Inside(channels.shape[1], (held[0], held[1], held[2]))


@functools.cache
def _into(space: ColourSpace) -> tuple[NDArray[np.float32], ...]:
    """From linear light in a space's primaries to that in each gamut's."""
    primaries, white = _points(space)
    seen = _to_xyz(primaries, white)
    if white != _D65:
        seen = _adapted(white) @ seen
    return tuple(
        np.asarray(np.linalg.inv(_to_xyz(_PRIMARIES[gamut], _D65)) @ seen, dtype=np.float32)
        for gamut in Gamut
    )


def _points(space: ColourSpace) -> tuple[_Points, tuple[float, float]]:
    match space:
        case ColourSpace.REC709:
            return _PRIMARIES[Gamut.REC709], _D65
        case ColourSpace.P3_D65:
            return _PRIMARIES[Gamut.P3], _D65
        case ColourSpace.REC2100_PQ | ColourSpace.REC2100_HLG:
            return _PRIMARIES[Gamut.BT2020], _D65
        case ColourSpace.ACESCG:
            return _AP1, _D60
        case ColourSpace.ACES2065_1:
            return _AP0, _D60
        case _:
            assert_never(space)


def _to_xyz(primaries: _Points, white: tuple[float, float]) -> NDArray[np.float64]:
    columns = np.array([_xyz(point) for point in primaries]).T
    return columns * np.linalg.solve(columns, _xyz(white))


def _xyz(point: tuple[float, float]) -> NDArray[np.float64]:
    """Of luminance one."""
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adapted(white: tuple[float, float]) -> NDArray[np.float64]:
    gains = (_BRADFORD @ _xyz(_D65)) / (_BRADFORD @ _xyz(white))
    return np.asarray(np.linalg.inv(_BRADFORD) @ (gains[:, None] * _BRADFORD))


@functools.cache
def _curve(space: ColourSpace) -> NDArray[np.float32]:
    """What each code means, up to a factor: a gamut asks for the proportions alone."""
    code = np.linspace(0, 1, 65536)
    match space:
        case ColourSpace.REC709:
            found = code**2.4
        case ColourSpace.P3_D65:
            found = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
        case ColourSpace.REC2100_PQ:
            found = pq_light() * 100  # so that a diffuse white is near one, as in the others
        case ColourSpace.REC2100_HLG:
            found = hlg_light()
        case ColourSpace.ACESCG | ColourSpace.ACES2065_1:
            raise ValueError(f"{space} is light itself: no display encodes it.")
        case _:
            assert_never(space)
    return np.asarray(found, dtype=np.float32)
