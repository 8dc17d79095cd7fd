"""A take as the director sees it: every frame small, one after the other, none of them kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, Final

import av
import cv2
import numpy as np
from av.codec.context import ThreadType
from numpy.typing import NDArray

from worker.media.sources.movie import open_clean

Grey = NDArray[np.uint8]
Rgb = NDArray[np.uint8]

PIXELS: Final = 256 * 144  # of a small picture, whatever its shape
_COLOUR_SHRINKS: Final = 4
_DETAIL_EVERY: Final = 6  # frames: sharpness needs the full size, and does not change quickly
_BLACK, _WHITE = 18, 233  # limited range: at or beyond these codes nothing is left to grade
_LEAST_ROWS: Final = 360
_FLAT_CODES: Final = 12.0  # from pixel to pixel in the quarter: there is no edge to be sharp
_REC709: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True)
class SmallFrame:
    """One frame: luma of about 256 x 144 and colour of a quarter of that, full range, as shown in SDR."""

    number: int
    luma: Grey
    rgb: Rgb
    crushed: float
    """Share of the full-size pixels without any light."""
    clipped: float
    """And with all of it."""
    detail: float | None
    """Octaves by which edges are less steep than in a quarter of the size; None where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """What is known of a take before it is looked at."""

    frame_rate: Fraction
    frame_count: int
    loop: bool = False
    """Whether its end was asked to meet its beginning."""

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return float(self.frame_count / self.frame_rate)


def small_frame(number: int, picture: Rgb) -> SmallFrame:
    """Of a whole picture as shown, 8 bits a channel."""
    luma = np.asarray(cv2.transform(picture, _REC709[None]), np.uint8)
    limited = np.asarray(16 + luma * np.float32(219 / 255) + 0.5, np.uint8)
    size = small_size(picture.shape[1], picture.shape[0])
    colour = cv2.resize(picture, _quarter(size), interpolation=cv2.INTER_AREA)
    return SmallFrame(
        number,
        np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(colour, np.uint8),
        *_ends(limited),
        _detail(limited) if number % _DETAIL_EVERY == 0 else None,
    )


def small_frames(
    file: BinaryIO, *, threads: int = 2, kept: dict[int, Rgb | None] | None = None
) -> Iterator[SmallFrame]:
    """Every frame of one of our own proxies (8-bit 4:2:0, Rec. 709, limited range).

    Of the frames whose numbers `kept` holds, the whole picture is put there too.
    """
    with open_clean(file, "video/mp4") as container:
        stream = container.streams.video[0]
        stream.thread_count, stream.thread_type = threads, ThreadType.AUTO
        for number, frame in enumerate(container.decode(stream)):
            if kept is not None and number in kept:
                kept[number] = _whole(frame)
            yield _decoded(number, frame)


def small_size(width: int, height: int) -> tuple[int, int]:
    """Of the same shape, multiples of 4, never larger than the picture needs to be looked at."""
    scale = min(1.0, (PIXELS / (width * height)) ** 0.5)
    return max(32, round(width * scale / 4) * 4), max(32, round(height * scale / 4) * 4)


def _quarter(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] // _COLOUR_SHRINKS, size[1] // _COLOUR_SHRINKS


def _decoded(number: int, frame: av.VideoFrame) -> SmallFrame:
    y, u, v = (_plane(plane) for plane in frame.planes)
    size = small_size(frame.width, frame.height)
    small = np.asarray(cv2.resize(y, size, interpolation=cv2.INTER_AREA), np.float32)
    return SmallFrame(
        number,
        np.clip((small - 16) * np.float32(255 / 219) + 0.5, 0, 255).astype(np.uint8),
        _colour(*(cv2.resize(plane, _quarter(size), interpolation=cv2.INTER_AREA) for plane in (y, u, v))),
        *_ends(y),
        _detail(y) if number % _DETAIL_EVERY == 0 else None,
    )


def _whole(frame: av.VideoFrame) -> Rgb:
    y, u, v = (_plane(plane) for plane in frame.planes)
    size = (frame.width, frame.height)
    return _colour(y, *(cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in (u, v)))


def _plane(plane: Any) -> Grey:
    rows = np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height]
    return rows.reshape(plane.height, plane.line_size)[:, : plane.width]


def _colour(y: Any, u: Any, v: Any) -> Rgb:
    """Rec. 709 from limited-range samples."""
    light = (y.astype(np.float32) - 16) * np.float32(255 / 219)
    blue, red = ((each.astype(np.float32) - 128) * np.float32(255 / 224) for each in (u, v))
    mixed = (light + 1.5748 * red, light - 0.1873 * blue - 0.4681 * red, light + 1.8556 * blue)
    return np.clip(np.stack(mixed, axis=-1) + 0.5, 0, 255).astype(np.uint8)


def _ends(limited: Grey) -> tuple[float, float]:
    return (
        float(np.count_nonzero(limited <= _BLACK)) / limited.size,
        float(np.count_nonzero(limited >= _WHITE)) / limited.size,
    )


def _detail(limited: Grey) -> float | None:
    """How many times half as steep the steepest edges are from pixel to pixel as in a picture of a quarter.

    0 where edges are sharp, 2 where nothing is; None where there is nothing but smooth shade, and in a
    picture too small for its sharpness to say anything.
    """
    if min(limited.shape) < _LEAST_ROWS:
        return None
    quarter = cv2.resize(limited, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    fine, coarse = _edges(limited), _edges(quarter)
    if coarse < _FLAT_CODES:
        return None
    return float(np.log2(coarse / max(fine, 0.05)))


def _edges(picture: Any) -> float:
    """How steep the steepest hundredth of the picture is, in codes from pixel to pixel."""
    across = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    return float(np.percentile(across[::2], 99))
