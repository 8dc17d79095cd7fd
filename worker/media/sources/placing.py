"""Scaling pictures and laying them into a frame: light in light, a display's picture as it is encoded."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.delivering.placing import Placement
from worker.media import kernels
from worker.media.kernels import Half, Picture, Rgb16

_LOWEST_LIGHT: Final = np.float32(-0.5)  # enlarging keeps out-of-gamut negatives down to here
_Sample = TypeVar("_Sample", np.uint16, np.float32)


def placed_light(picture: Picture | Half, placement: Placement, *, width: int, height: int) -> Picture | Half:
    """Scale in scene-linear light, then lay on black or cut off what hangs over."""
    if (placement.width, placement.height) == (picture.shape[1], picture.shape[0]) == (width, height):
        return picture
    if _hangs_over(picture, placement, width=width, height=height):
        return resampled_light(kernels.to_float(picture), _window(picture, placement, (width, height)))
    scaled = scaled_light(picture, width=placement.width, height=placement.height)
    return _laid(kernels.to_float(scaled), placement, width=width, height=height)


def placed_shown(rgb: Rgb16, placement: Placement, *, width: int, height: int) -> Rgb16:
    """Scale as it is encoded, as editors' programs do with movies, then lay on black or cut off."""
    if _hangs_over(rgb, placement, width=width, height=height):
        return np.asarray(_between(rgb, _window(rgb, placement, (width, height))), dtype=np.uint16)
    scaled = resized_rgb(rgb, width=placement.width, height=placement.height)
    return _laid(scaled, placement, width=width, height=height)


def scaled_light(picture: Picture | Half, *, width: int, height: int) -> Picture | Half:
    """Areas average where it shrinks, as light does; smooth where it grows."""
    if (width, height) == (picture.shape[1], picture.shape[0]):
        return picture
    if picture.dtype == np.float16 and (box := _whole_box(picture, width, height)) is not None:
        return kernels.averaged(np.asarray(picture, dtype=np.float16), box)
    floats = kernels.to_float(picture)
    if width < picture.shape[1]:
        return np.asarray(cv2.resize(floats, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)
    return _enlarged(floats, (width, height))


def _whole_box(picture: Picture | Half, width: int, height: int) -> int | None:
    """How many pixels a side become one, where that is a whole number."""
    box = picture.shape[1] // width
    return box if box > 1 and picture.shape[:2] == (height * box, width * box) else None


def resized_rgb(rgb: Rgb16, *, width: int, height: int) -> Rgb16:
    """A display-encoded picture at another size: averaged when it shrinks, ringless cubic when it grows."""
    if (rgb.shape[1], rgb.shape[0]) == (width, height):
        return rgb
    if width < rgb.shape[1]:
        small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, dtype=np.uint16)
    grown = _between(rgb, lambda source, way: cv2.resize(source, (width, height), interpolation=way))
    return np.asarray(grown, dtype=np.uint16)


def _hangs_over(picture: NDArray[Any], placement: Placement, *, width: int, height: int) -> bool:
    """Whether an enlarged picture covers more than the frame: then what is not seen is not made either."""
    grows = placement.width > picture.shape[1] and (placement.width, placement.height) != (width, height)
    across = placement.left <= 0 and placement.left + placement.width >= width
    down = placement.top <= 0 and placement.top + placement.height >= height
    return grows and across and down


def _window(picture: NDArray[Any], placement: Placement, size: tuple[int, int]) -> Callable[[Any, int], Any]:
    """Enlarges as far as it is seen: what `cv2.resize` would make, to a thirty-second of a pixel."""
    across, down = picture.shape[1] / placement.width, picture.shape[0] / placement.height
    corner = ((0.5 - placement.left) * across - 0.5, (0.5 - placement.top) * down - 0.5)
    matrix = np.array([[across, 0, corner[0]], [0, down, corner[1]]])

    def seen(source: Any, way: int) -> Any:
        flags = way | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(source, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)

    return seen


def _laid(scaled: NDArray[_Sample], placement: Placement, *, width: int, height: int) -> NDArray[_Sample]:
    left, top, size = placement.left, placement.top, (placement.width, placement.height)
    if size == (width, height):
        return scaled
    canvas: NDArray[Any] = np.zeros((height, width, 3), dtype=scaled.dtype)
    canvas[max(0, top) : top + size[1], max(0, left) : left + size[0]] = scaled[
        max(0, -top) : max(0, -top) + height, max(0, -left) : max(0, -left) + width
    ]
    return canvas


def _enlarged(picture: Picture, size: tuple[int, int]) -> Picture:
    return resampled_light(picture, lambda source, way: cv2.resize(source, size, interpolation=way))


def resampled_light(picture: Picture, resample: Callable[[Any, int], Any]) -> Picture:
    """Cubic, over stops above white rather than over light, held between the neighbours.

    In light alone a sun at 50 outweighs all around it: its edge turns to stairs and rings far below black.
    `resample` is given a picture and OpenCV's name of an interpolation.
    """
    sharp = _between(cv2.log(np.maximum(picture, _LOWEST_LIGHT) + np.float32(1)), resample)
    return np.asarray(cv2.exp(sharp, sharp) - np.float32(1), dtype=np.float32)


def _between(source: Any, resample: Callable[[Any, int], Any]) -> Any:
    """Cubic, held between the neighbours: nothing beside an edge is darker or brighter than all around it."""
    sharp = resample(source, cv2.INTER_CUBIC)
    around = np.ones((3, 3), dtype=np.uint8)
    for bound, limit in ((cv2.erode, np.maximum), (cv2.dilate, np.minimum)):
        limit(sharp, resample(bound(source, around), cv2.INTER_NEAREST), out=sharp)
    return sharp
