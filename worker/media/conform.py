"""What the operations of a conform share: their arguments, and how a picture is placed in a frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, assert_never

import cv2
import numpy as np

from plugin_backend.domain.conform_plan import (
    ConformPlan,
    DeliveryFormat,
    OutputRole,
    Placement,
    PlannedOutput,
)
from plugin_backend.files.storage import Storage
from worker.media import kernels
from worker.media.exr import read_source_exr
from worker.media.formats import MovieFormat
from worker.media.kernels import Half, Picture, Rgb16

_MEASURED_WIDTH: Final = 640
_LOWEST_LIGHT: Final = np.float32(-0.5)  # enlarging keeps out-of-gamut negatives down to here


@dataclass(frozen=True, slots=True)
class ConformWork:
    """The arguments of both operations, as a row stores them."""

    plan: ConformPlan
    source_pattern: str  # key of a source frame, with `{frame:06d}` or the like where its number goes
    prefix: str  # below which every key of the delivery lies
    source_first: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)  # ids and the generator, told by every file

    def source_key(self, frame: int) -> str:
        """Where the source frame lies that a delivered frame shows."""
        return self.source_pattern.format(frame=self.source_first + self.plan.source_frame(frame))

    def key(self, name: str) -> str:
        """Where a delivered file goes."""
        return f"{self.prefix}/{name}"

    def segment_key(self, output: int, *, chunk: int) -> str:
        """Where a chunk leaves its part of a movie until the movie is joined."""
        suffix = self.plan.outputs[output].name.rpartition(".")[2]
        return f"{self.prefix}/segments/{output}.{chunk:04d}.{suffix}"

    @property
    def frame_attributes(self) -> dict[str, str]:
        """The metadata as EXR names it."""
        return {f"pluginbackend:{name}": value for name, value in self.metadata.items()}

    @property
    def movie_metadata(self) -> dict[str, str]:
        """The metadata as QuickTime and MP4 name it."""
        return {f"com.plugin-backend.{name}": value for name, value in self.metadata.items()}

    def to_json(self) -> dict[str, Any]:
        """The arguments, but for which chunk."""
        return {
            "plan": self.plan.to_json(),
            "source_pattern": self.source_pattern,
            "prefix": self.prefix,
            "source_first": self.source_first,
            "metadata": dict(self.metadata),
        }

    @classmethod
    def from_json(cls, arguments: Mapping[str, Any]) -> Self:
        """Read the arguments; others beside them are left alone."""
        return cls(
            plan=ConformPlan.from_json(arguments["plan"]),
            source_pattern=arguments["source_pattern"],
            prefix=arguments["prefix"],
            source_first=arguments["source_first"],
            metadata=arguments["metadata"],
        )


def movie_format(output: PlannedOutput) -> MovieFormat:
    """The recipe of a movie."""
    if output.role is OutputRole.PROXY:
        return MovieFormat.PROXY
    match output.format:
        case DeliveryFormat.H264:
            return MovieFormat.H264
        case DeliveryFormat.PRORES_422_HQ:
            return MovieFormat.PRORES_422_HQ
        case DeliveryFormat.EXR_ACES:
            raise ValueError("Frames are not a movie.")
        case _:
            assert_never(output.format)


def read_placed(storage: Storage, key: str, *, plan: ConformPlan) -> Picture | Half:
    """A source frame as it lies in the sequence's frame; untouched halves where it fits pixel for pixel."""
    pixels, _ = read_source_exr(storage.get_bytes(key))
    found, source = (pixels.shape[1], pixels.shape[0]), (plan.source.width, plan.source.height)
    if found != source:
        raise ValueError(f"{key} is {found[0]} x {found[1]}, the take {source[0]} x {source[1]}.")
    return placed(pixels, plan.placement, width=plan.sequence.width, height=plan.sequence.height)


def placed(picture: Picture | Half, placement: Placement, *, width: int, height: int) -> Picture | Half:
    """Scale in scene-linear light, then lay on black or cut off what hangs over."""
    size = (placement.width, placement.height)
    if size == (picture.shape[1], picture.shape[0]) == (width, height):
        return picture
    scaled = _scaled(kernels.to_float(picture), size)
    if size == (width, height):
        return scaled
    canvas = np.zeros((height, width, 3), dtype=np.float32)
    left, top = placement.left, placement.top
    canvas[max(0, top) : top + size[1], max(0, left) : left + size[0]] = scaled[
        max(0, -top) : max(0, -top) + height, max(0, -left) : max(0, -left) + width
    ]
    return canvas


def shrunk(picture: Picture | Half, *, width: int = _MEASURED_WIDTH) -> Picture | Half:
    """A small copy to measure or show, when no file needs the large one in that colour space."""
    if picture.shape[1] <= width:
        return picture
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return _scaled(kernels.to_float(picture), (width, height))


def resized_rgb(rgb: Rgb16, *, width: int, height: int) -> Rgb16:
    """A display-encoded picture at a proxy's size."""
    if (rgb.shape[1], rgb.shape[0]) == (width, height):
        return rgb
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint16)


def _scaled(picture: Picture, size: tuple[int, int]) -> Picture:
    if size == (picture.shape[1], picture.shape[0]):
        return picture
    if size[0] < picture.shape[1]:
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    return _enlarged(picture, size)


def _enlarged(picture: Picture, size: tuple[int, int]) -> Picture:
    """Cubic, over stops above white rather than over light, held between the neighbours.

    In light alone a sun at 50 outweighs all around it: its edge turns to stairs and rings far below black.
    """
    source = cv2.log(np.maximum(picture, _LOWEST_LIGHT) + np.float32(1))
    sharp = cv2.resize(source, size, interpolation=cv2.INTER_CUBIC)
    around = np.ones((3, 3), dtype=np.uint8)
    for bound, limit in ((cv2.erode, np.maximum), (cv2.dilate, np.minimum)):
        nearest = cv2.resize(bound(source, around), size, interpolation=cv2.INTER_NEAREST)
        limit(sharp, nearest, out=sharp)
    return np.asarray(cv2.exp(sharp, sharp) - np.float32(1), dtype=np.float32)
