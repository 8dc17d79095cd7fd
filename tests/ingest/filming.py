"""Movies to send: every frame carries its number as a row of blocks, over a picture that moves."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from worker.media.kernels import Rgb8

_BITS = 10
WIDTH, HEIGHT = 320, 180


def numbered(number: int, *, width: int = WIDTH, height: int = HEIGHT, step: float = 4.0) -> Rgb8:
    """A frame: its number in blocks along the top, waves that drift by `step` pixels a frame below."""
    y, x = (axis.astype(np.float32) for axis in np.mgrid[0:height, 0:width])
    x = x + step * number
    waves = np.stack(
        [
            128 + 70 * np.sin(x / 19 + y / 23),
            120 + 60 * np.sin(x / 31 - y / 17 + 1),
            110 + 60 * np.cos(x / 23 + y / 41),
        ],
        axis=-1,
    )
    picture: Rgb8 = np.clip(waves, 16, 235).astype(np.uint8)
    block, tall = width // _BITS, height // 6
    for bit in range(_BITS):
        picture[:tall, bit * block : (bit + 1) * block] = 225 if number >> bit & 1 else 30
    return picture


def numbers_in(luma: NDArray[np.uint8] | NDArray[np.uint16], *, middle: float) -> list[int]:
    """Read the numbers back from frames of luma of any size."""
    _, height, width = luma.shape
    block = width // _BITS
    rows = luma[:, height // 16 : height // 8]
    found = np.zeros(len(luma), dtype=np.int64)
    for bit in range(_BITS):
        middles = rows[:, :, bit * block + block // 4 : bit * block + 3 * block // 4]
        found |= (middles.mean(axis=(1, 2)) > middle).astype(np.int64) << bit
    return [int(number) for number in found]


def film(
    path: Path,
    frames: Iterable[Rgb8 | NDArray[np.uint16]],
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rate: Fraction = Fraction(24),
    tags: tuple[int, int, int, int] | None = (1, 1, 1, 1),
    options: Mapping[str, str] | None = None,
    container: Mapping[str, str] | None = None,
    stamps: Sequence[int] | None = None,
) -> Path:
    """Write frames by PyAV; `tags` are primaries, transfer, matrix and range, `stamps` in ticks of a rate."""
    with av.open(str(path), "w", options=dict(container or {})) as movie:
        stream = movie.add_stream(codec, rate=rate, options=dict(options or {}))
        assert isinstance(stream, VideoStream)
        for number, picture in enumerate(frames):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pixels
                if tags is not None:
                    stream.color_primaries, stream.color_trc = tags[0], tags[1]
                    stream.colorspace, stream.color_range = tags[2], tags[3]
            packed = av.VideoFrame.from_ndarray(picture, "rgb48le" if picture.dtype == np.uint16 else "rgb24")
            matrix = 1 if tags is None else tags[2]
            wide = 2 if tags is not None and tags[3] == 2 else 1
            frame = packed.reformat(format=pixels, dst_colorspace=matrix, dst_color_range=wide)
            if tags is not None:
                frame.color_primaries, frame.color_trc = tags[0], tags[1]
                frame.colorspace, frame.color_range = tags[2], tags[3]
            frame.pts = number if stamps is None else stamps[number]
            frame.time_base = 1 / rate
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    return path


def film_numbers(
    path: Path,
    numbers: Iterable[int],
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    step: float = 4.0,
    **how: Any,
) -> Path:
    """Write numbered frames, the rest as `film` takes it."""
    pictures = (numbered(number, width=width, height=height, step=step) for number in numbers)
    return film(path, pictures, **how)
