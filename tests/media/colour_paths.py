"""Every way a colour takes from a take to a file, beside OpenColorIO's own exact transform of the same.

Errors are counted in codes of the output: of ten bits for what a display shows (a quarter of that in eight
bits, four times in twelve); for frames of light in steps of the half float that holds a pixel's brightest
channel. Where SDR becomes light, the exact way ends in the roll-off of `deliveries.md`, written out here.
"""

import functools
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import OpenEXR
import PyOpenColorIO as ocio  # noqa: N813 - as in worker.media.colour
from numpy.typing import NDArray

from plugin_backend.domain.delivering.delivery_formats import HDR_SPACES, SCENE_SPACES, SDR_SPACES
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.sequence import ColourSpace
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.media.exr import FrameHeader, encode_exr
from worker.media.kernels import Half, Rgb16
from worker.media.limited_range import rgb16_to_yuv420
from worker.media.sources.display import PlacedDisplay
from worker.media.sources.light import PlacedLight
from worker.media.yuv import Planes, to_rgb16

Floats = NDArray[np.float64]

DISPLAYS = SDR_SPACES + HDR_SPACES
VIEWS = {
    ColourSpace.REC709: ("Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)"),
    ColourSpace.P3_D65: ("Display P3 - Display", "ACES 2.0 - SDR 100 nits (P3 D65)"),
    ColourSpace.REC2100_PQ: ("Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (P3 D65)"),
    ColourSpace.REC2100_HLG: ("Rec.2100-HLG - Display", "ACES 2.0 - HDR 1000 nits (P3 D65)"),
}
SCENES = {ColourSpace.ACESCG: "ACEScg", ColourSpace.ACES2065_1: "ACES2065-1"}
PROMPT = "a red ball rolls behind a column in a garden at sunset"


@dataclass(frozen=True, slots=True)
class Error:
    """In codes of the output: on average, at the 99.9th percentile, and at most."""

    mean: float
    most: float
    worst: float


@dataclass(frozen=True, slots=True)
class Path:
    """From a take's space to a file's."""

    found: ColourSpace
    wanted: ColourSpace

    def __str__(self) -> str:
        return f"{self.found} -> {self.wanted}"


PATHS = tuple(Path(found, wanted) for found in ColourSpace for wanted in ColourSpace)


def errors(path: Path) -> Mapping[str, Error]:
    """Over ordinary pictures, and over a cube of all that the take's space can hold."""
    sets = _lights() if path.found in SCENE_SPACES else _codes(path.found)
    return {name: _error(path, pixels) for name, pixels in sets.items()}


def coded_error(depth: int) -> Error:
    """Of colours coded as limited-range 4:2:0 of so many bits and read back; in codes of that depth."""
    axis = np.linspace(0, 65535, 12)
    colours = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 12, 3)
    rgb = np.rint(colours).astype(np.uint16).repeat(6, axis=0).repeat(6, axis=1)  # beyond what chroma mixes
    height, width = rgb.shape[:2]
    sizes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    y, u, v = (np.empty(size, dtype=np.uint8 if depth == 8 else np.uint16) for size in sizes)
    weights = (0.2627, 0.0593)
    rgb16_to_yuv420(rgb, y, u, v, luma_weights=weights, depth=depth)
    back = to_rgb16(Planes(y, u, v, width, height, depth, True, True, False, weights))
    middles = (slice(2, None, 6), slice(2, None, 6))
    unit = 65535 / (219 << (depth - 8))
    return _summed(np.abs(back[middles].astype(np.float64) - rgb[middles]) / unit)


def _error(path: Path, pixels: Any) -> Error:
    exact = _exact(path, pixels)
    if path.wanted in SCENE_SPACES:
        found = _stored(path, pixels).astype(np.float64)
        brightest = np.clip(np.abs(exact).max(axis=-1, keepdims=True), 2**-10, 65504).astype(np.float16)
        away = np.abs(found - exact) / np.spacing(brightest).astype(np.float64)
    else:
        away = np.abs(_placed(path.found, pixels).shown(path.wanted) / 65535 - np.clip(exact, 0, 1)) * 1023
    return _summed(away)


def _summed(away: Floats) -> Error:
    return Error(float(away.mean()), float(np.quantile(away, 0.999)), float(away.max()))


def _placed(space: ColourSpace, pixels: Any) -> PlacedLight | PlacedDisplay:
    return PlacedLight(pixels, space) if space in SCENE_SPACES else PlacedDisplay(pixels, space)


def _stored(path: Path, pixels: Any) -> Half:
    """As an EXR frame holds it."""
    light = _placed(path.found, pixels).light()
    header = FrameHeader(Fraction(24))
    data = encode_exr(light.pixels, space=path.wanted, header=header, found_in=light.space)
    with OpenEXR.File(io.BytesIO(data)) as file:
        return np.asarray(file.channels()["RGB"].pixels, dtype=np.float16)


def _exact(path: Path, pixels: Any) -> Floats:
    """By OpenColorIO, nothing baked."""
    if path.found is path.wanted:
        return np.asarray(pixels / (1 if path.found in SCENE_SPACES else 65535), dtype=np.float64)
    if path.found in SCENE_SPACES:
        light = pixels.astype(np.float32)
        if path.found is ColourSpace.ACES2065_1:
            light = applied(ocio.ColorSpaceTransform("ACES2065-1", "ACEScg"), light)
    else:
        light = applied(_view(path.found, ocio.TRANSFORM_DIR_INVERSE), pixels.astype(np.float32) / 65535)
        if path.found in SDR_SPACES and path.wanted not in SDR_SPACES:
            light = _rolled_off(light)
    if path.wanted in SCENE_SPACES:
        ending = ocio.ColorSpaceTransform("ACEScg", SCENES[path.wanted])
    else:
        ending = _view(path.wanted, ocio.TRANSFORM_DIR_FORWARD)
    return applied(ending, light).astype(np.float64)


def _rolled_off(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Above 4, s stops of the brightest channel become 2.24 (1 - exp(-s / 2.24)); the others go with it."""
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 4).astype(np.float64)
    stops = np.log2(brightest / 4)
    gain = 2 ** (2.24 * (1 - np.exp(-stops / 2.24)) - stops)
    return np.asarray(light * gain, dtype=np.float32)


def applied(transform: Any, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """A transform of OpenColorIO over a picture's floats."""
    height, width = picture.shape[:2]
    rgba = np.ones((height, width, 4), dtype=np.float32)
    rgba[..., :3] = picture
    processor = _config().getProcessor(transform).getDefaultCPUProcessor()
    processor.apply(ocio.PackedImageDesc(rgba, width, height, 4))
    return rgba[..., :3]


def _view(space: ColourSpace, direction: Any) -> Any:
    transform = ocio.DisplayViewTransform("ACEScg", *VIEWS[space])
    transform.setDirection(direction)
    return transform


@functools.cache
def _config() -> Any:
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-v4.0.0_aces-v2.0_ocio-v2.5")
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    return config


@functools.cache
def _lights() -> Mapping[str, Half]:
    """ACEScg or ACES2065-1: the numbers are the same, their colours are not."""
    axis = np.concatenate([[0.0], np.geomspace(0.002, 64, 31)])
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 128, 3)
    pictures = np.concatenate([*_animatic(), *_ramps(np.geomspace(0.004, 40, 320))])
    return {"pictures": pictures.astype(np.float16), "cube": cube.astype(np.float16)}


def _ramps(exposures: Floats) -> Iterator[Floats]:
    """Skin, sky, leaves, neon and grey, from dark to very bright."""
    for colour in ((0.5, 0.3, 0.2), (0.25, 0.4, 0.7), (0.2, 0.4, 0.1), (0.9, 0.08, 0.5), (0.3, 0.3, 0.3)):
        yield np.tile(exposures[None, :, None] * np.array(colour), (4, 1, 1))


@functools.cache
def _animatic() -> tuple[NDArray[np.float32], ...]:
    plan = plan_shot(PROMPT, duration_seconds=Fraction(2))
    shot = bake(ShotSpec(plan, 5, 320, 180, Fraction(24), 48))
    return tuple(frame.copy() for frame in shot.frames(0, 2))


def _codes(space: ColourSpace) -> Mapping[str, Rgb16]:
    """The same pictures as a display shows them, in eight bits where it is SDR, else in ten."""
    top = 255 if space in SDR_SPACES else 1023
    pictures = np.clip(_exact(Path(ColourSpace.ACESCG, space), _lights()["pictures"]), 0, 1)
    axis = np.linspace(0, 1, 34)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(34, -1, 3)
    sets = {"pictures": np.rint(pictures * top) / top, "cube": cube}
    return {name: np.rint(each * 65535).astype(np.uint16) for name, each in sets.items()}
