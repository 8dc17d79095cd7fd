"""Colour: scene-linear ACEScg to what a sequence shows and back, by ACES 2.0, through one pinned config.

The exact ACES 2.0 transform costs a second a frame at 1080p, so each display is baked once per process into a
65-point cube over ACEScct and applied in tetrahedra: a small part of that, and off by a fraction of a 10-bit
code on average.
"""

import functools
import math
from dataclasses import dataclass
from typing import Any, Final, TypeVar, assert_never

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - the library's own examples' spelling is OCIO, a constant's
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.cube import POINTS, Cube
from worker.media.kernels import Half, Picture, Rgb8, Rgb16

CONFIG_NAME: Final = "studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
SCENE_SPACES: Final = frozenset({ColourSpace.ACESCG, ColourSpace.ACES2065_1})
_POINTS_BELOW_BLACK: Final = 2  # for colours a little outside ACEScg
_TOWARDS_BLACK: Final = 1.4  # the power that moves the way back's points to where few codes are much light
_BEND: Final = 2**-7  # of light: where the curve of ACEScct begins
_HELD_FROM: Final = 4.0
_HELD_STOPS: Final = 2.24  # what is left of all the stops above; of the five to SDR's white, two
_SRGB: Final = "sRGB Encoded Rec.709 (sRGB)"
_Number = TypeVar("_Number", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class ColourTags:
    """The code points of ITU-T H.273 that say what the numbers mean, and the luma weights of their matrix."""

    primaries: int
    transfer: int
    matrix: int
    luma_weights: tuple[float, float]  # of red and blue; green has the rest

    @property
    def nclc(self) -> str:
        """The usual short spelling, e.g. `9-16-9`."""
        return f"{self.primaries}-{self.transfer}-{self.matrix}"


_BT709_LUMA: Final = (0.2126, 0.0722)
_BT2020_LUMA: Final = (0.2627, 0.0593)


def colour_tags(space: ColourSpace) -> ColourTags:
    """How a movie in this space is tagged."""
    match space:
        case ColourSpace.REC709:
            return ColourTags(1, 1, 1, _BT709_LUMA)
        case ColourSpace.P3_D65:
            return ColourTags(12, 13, 1, _BT709_LUMA)
        case ColourSpace.REC2100_PQ:
            return ColourTags(9, 16, 9, _BT2020_LUMA)
        case ColourSpace.REC2100_HLG:
            return ColourTags(9, 18, 9, _BT2020_LUMA)
        case ColourSpace.ACESCG | ColourSpace.ACES2065_1:
            raise ValueError(f"{space} is scene-linear: frames carry it, movies do not.")
        case _:
            assert_never(space)


class DisplayTransform:
    """Scene-linear ACEScg to display-encoded RGB of one space; safe to share between threads."""

    def __init__(self, space: ColourSpace) -> None:
        self._cube = _baked_cube(space)

    def apply(self, picture: Picture | Half) -> Rgb16:
        """Encode a picture; floats go through half, which is faster and finer than the cube can tell."""
        return self._cube.shown(kernels.to_half(picture))

    def apply_rgb8(self, picture: Picture | Half) -> Rgb8:
        """Encode a picture for stills."""
        return kernels.rgb16_to_rgb8(self.apply(picture))


class SceneTransform:
    """The way back: what a display shows, as the light that ACES 2.0 shows so; safe between threads.

    Colours that the display's view never shows (outside P3 or over 1,000 cd/m2 in HDR) land on the nearest.
    One that expands keeps white from becoming a sun: see `held`.
    """

    def __init__(self, space: ColourSpace, *, expands: bool = False) -> None:
        self._processor = _baked_inverse(space, expands=expands)

    def apply(self, rgb: Rgb16) -> Half:
        """Display-encoded RGB to ACEScg."""
        source = np.ascontiguousarray(rgb)
        out = np.empty(source.shape, dtype=np.float16)
        self._processor.apply(_described(source, ocio.BIT_DEPTH_UINT16), _described(out, ocio.BIT_DEPTH_F16))
        return out


@functools.cache
def scene_transform(space: ColourSpace) -> SceneTransform:
    """The baked inverse of a display space: some tenths of a second, once per process."""
    return SceneTransform(space)


@functools.cache
def expansion(space: ColourSpace) -> SceneTransform:
    """The same for making more of an SDR space than it is: frames of light, or HDR."""
    return SceneTransform(space, expands=True)


@functools.cache
def display_transform(space: ColourSpace) -> DisplayTransform:
    """The baked transform of a display space: a seventh of a second, once per process."""
    return DisplayTransform(space)


def exact_display(picture: Picture, *, space: ColourSpace) -> NDArray[np.float32]:
    """The unbaked ACES 2.0 transform, 0..1 floats: the reference the cube is measured against."""
    display, view = _view_of(space)
    transform = ocio.DisplayViewTransform("ACEScg", display, view)
    return _apply_floats(transform, picture)


def exact_scene(shown: Picture, *, space: ColourSpace) -> Picture:
    """The unbaked way back, of 0..1 floats: the reference that `SceneTransform` is measured against."""
    display, name = _view_of(space)
    view = ocio.DisplayViewTransform("ACEScg", display, name)
    view.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return _apply_floats(view, shown)


def held(light: Picture) -> Picture:
    """An SDR picture's light with its brightest rolled off, hue and saturation kept.

    ACES 2.0 shows light of 128 as SDR's white, of 64 a code below: turned round, the last codes are stops
    apart, and every step and flicker of a white wall with them. Up to two stops over diffuse white (code 231
    of 255) nothing changes; white itself becomes 16, which the HDR view shows at about 700 cd/m2.
    """
    brightest = np.maximum(light.max(axis=-1, keepdims=True), np.float32(_HELD_FROM))
    over = np.log2(brightest / np.float32(_HELD_FROM))
    kept = _HELD_FROM * np.exp2(_HELD_STOPS * (1 - np.exp(-over / _HELD_STOPS)))
    return np.asarray(light * (kept / brightest), dtype=np.float32)


def to_aces2065_1(picture: Picture) -> Picture:
    """ACEScg to ACES2065-1, the space of ACES interchange frames."""
    return kernels.to_ap0(picture)


def from_aces2065_1(picture: Picture) -> Picture:
    """ACES2065-1 to ACEScg."""
    return kernels.from_ap0(picture)


def linear_to_aces2065_1(picture: Picture, *, name: str) -> Picture:
    """Linear light of other primaries, by the configuration's name of their space, adapted to ACES' white."""
    return _apply_floats(ocio.ColorSpaceTransform(name, "ACES2065-1"), picture)


def srgb_to_acescg(image: Rgb8 | Rgb16) -> Picture:
    """An sRGB still to scene-linear ACEScg by its own numbers (no inverse tone map): white lands on 1.0."""
    scale = np.float32(1 / np.iinfo(image.dtype).max)
    return _apply_floats(ocio.ColorSpaceTransform(_SRGB, "ACEScg"), image.astype(np.float32) * scale)


def acescg_to_srgb(picture: Picture) -> Rgb8:
    """The way back from `srgb_to_acescg`; what lies outside sRGB is clipped."""
    encoded = _apply_floats(ocio.ColorSpaceTransform("ACEScg", _SRGB), picture)
    return np.rint(np.clip(encoded, 0, 1) * 255).astype(np.uint8)


def _view_of(space: ColourSpace) -> tuple[str, str]:
    match space:
        case ColourSpace.REC709:
            return "Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)"
        case ColourSpace.P3_D65:
            return "Display P3 - Display", "ACES 2.0 - SDR 100 nits (P3 D65)"
        case ColourSpace.REC2100_PQ:  # BT.2020 coded, kept inside P3 as mastering displays are
            return "Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (P3 D65)"
        case ColourSpace.REC2100_HLG:
            return "Rec.2100-HLG - Display", "ACES 2.0 - HDR 1000 nits (P3 D65)"
        case ColourSpace.ACESCG | ColourSpace.ACES2065_1:
            raise ValueError(f"{space} is scene-linear; choose a display space to show it in.")
        case _:
            assert_never(space)


@functools.cache
def _config() -> Any:
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG_NAME)
    # The processor cache tells cubes apart by their extremes only, and would serve P3 with the Rec.709 cube.
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    return config


def _bake(space: ColourSpace, *, scale: float, offset: float) -> NDArray[np.float32]:
    """The exact transform sampled on the cube; blue runs fastest, as OpenColorIO stores cubes."""
    display, view = _view_of(space)
    exact = ocio.GroupTransform(
        [
            _scaled(1 / scale, -offset / scale),
            ocio.ColorSpaceTransform("ACEScct", "ACEScg"),
            ocio.DisplayViewTransform("ACEScg", display, view),
        ]
    )
    return _apply_floats(exact, _grid())


def _grid() -> NDArray[np.float32]:
    axis = np.linspace(0, 1, POINTS, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    return grid.reshape(POINTS * POINTS, POINTS, 3)


def _baked_inverse(space: ColourSpace, *, expands: bool) -> Any:
    """The inverse view sampled over display codes, which are even to the eye; stored as ACEScct."""
    light = exact_scene(_grid() ** np.float32(_TOWARDS_BLACK), space=space)
    if expands:
        light = held(light)
    lut = _cube(_apply_floats(ocio.ColorSpaceTransform("ACEScg", "ACEScct"), light))
    shaper = ocio.ExponentTransform([1 / _TOWARDS_BLACK] * 3 + [1])
    group = ocio.GroupTransform([shaper, lut, ocio.ColorSpaceTransform("ACEScct", "ACEScg")])
    return (
        _config()
        .getProcessor(group)
        .getOptimizedCPUProcessor(ocio.BIT_DEPTH_UINT16, ocio.BIT_DEPTH_F16, ocio.OPTIMIZATION_DEFAULT)
    )


def _cube(values: NDArray[np.float32]) -> Any:
    lut = ocio.Lut3DTransform(POINTS)
    lut.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    lut.setData(values.reshape(-1))
    return lut


def _baked_cube(space: ColourSpace) -> Cube:
    scale, offset = _cube_range(space)
    halves = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    with np.errstate(all="ignore"):  # there are halves that are no numbers
        encoded = np.where(halves <= _BEND, _bent(halves), _curved(np.log2(halves)))
    return Cube.of(encoded * scale + offset, _bake(space, scale=scale, offset=offset))


def _cube_range(space: ColourSpace) -> tuple[float, float]:
    """Scale and offset from ACEScct to the cube, which spans black to where the tone curve reaches its peak.

    Black falls on a point of the cube exactly: between two points it would come out a code or two too light.
    """
    peak = 128 if space in {ColourSpace.REC709, ColourSpace.P3_D65} else 512
    black, top = _acescct(0), _acescct(peak)
    below = _POINTS_BELOW_BLACK / (POINTS - 1)
    scale = (1 - below) / (top - black)
    return scale, below - scale * black


def _acescct(linear: float) -> float:
    return _bent(linear) if linear <= _BEND else _curved(math.log2(linear))


def _bent(linear: _Number) -> _Number:
    """The straight part of S-2016-001's curve, near black."""
    return 10.5402377416545 * linear + 0.0729055341958355


def _curved(stops: _Number) -> _Number:
    """The rest of it."""
    return (stops + 9.72) / 17.52


def _scaled(scale: float, offset: float) -> Any:
    matrix = [scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, scale, 0, 0, 0, 0, 1]
    return ocio.MatrixTransform(matrix, [offset, offset, offset, 0])


def _apply_floats(transform: Any, picture: Picture) -> Picture:
    """Run a transform over RGB floats; four channels, because OpenColorIO takes a slow path for three."""
    height, width = picture.shape[:2]
    rgba = np.ones((height, width, 4), dtype=np.float32)
    rgba[..., :3] = picture
    processor = _config().getProcessor(transform).getDefaultCPUProcessor()
    processor.apply(ocio.PackedImageDesc(rgba, width, height, 4))
    return np.ascontiguousarray(rgba[..., :3])


def _described(pixels: Half | Rgb16, depth: Any) -> Any:
    height, width, channels = pixels.shape
    item = pixels.itemsize
    return ocio.PackedImageDesc(
        pixels, width, height, channels, depth, item, item * channels, item * channels * width
    )
