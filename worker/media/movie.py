"""A movie writer: streams display-encoded frames into a file with the right tags, timecode and reel."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar, assert_never

import av
import numpy as np
from av.codec.context import ThreadType
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace, Timecode
from worker.media import limited_range
from worker.media.colour import ColourTags, colour_tags
from worker.media.formats import MOVIE_FORMATS, MovieFormat, MovieSpec, PixelLayout
from worker.media.hdr import HdrFacts
from worker.media.kernels import Rgb16
from worker.media.yuv import Samples

_LIMITED_RANGE: Final = 1
_Sample = TypeVar("_Sample", np.uint8, np.uint16)


@dataclass(frozen=True, slots=True)
class MovieLabels:
    """What a movie says about itself besides its picture."""

    timecode: Timecode | None = None  # of the first frame
    reel: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    hdr: HdrFacts | None = None  # told by joining: they are known once every frame has been seen


class MovieWriter:
    """Writes display-encoded frames one by one; memory does not grow with length.

    A movie may also be written as segments, one `MovieWriter` each over consecutive frame ranges, and put
    together by `worker.media.join.join`.
    """

    def __init__(
        self,
        path: Path,
        *,
        movie_format: MovieFormat,
        rate: Fraction,
        width: int,
        height: int,
        colour_space: ColourSpace,
        labels: MovieLabels | None = None,
        threads: int = 2,
        is_segment: bool = False,
    ) -> None:
        """Segments skip the rewrite that puts the index first: joining does it once for all."""
        spec = MOVIE_FORMATS[movie_format]
        _check(spec, colour_space=colour_space, width=width, height=height)
        self.frame_count = 0
        self._spec = spec
        self._rate = rate
        self._tags = colour_tags(colour_space)
        self._size = (width, height)
        self._spare: list[av.VideoFrame] = []
        labels = labels or MovieLabels()
        self._container = open_movie(path, spec=spec, rate=rate, labels=labels, faststart=not is_segment)
        self._stream = self._add_stream(threads)
        label_stream(self._stream, spec=spec, labels=labels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._container.close()

    def write(self, rgb: Rgb16) -> None:
        """Append one frame."""
        self._append_once(self.coded(rgb))

    def write_samples(self, y: Samples, u: Samples, v: Samples) -> None:
        """Append one frame whose samples are in the movie's own layout and colour already."""
        self._append_once(self.relaid(y, u, v))

    def coded(self, rgb: Rgb16) -> av.VideoFrame:
        """A picture as the movie codes it, to be appended; in any thread."""
        width, height = self._size
        if rgb.shape != (height, width, 3):
            raise ValueError(f"The frame is {rgb.shape[1]} x {rgb.shape[0]}, the movie {width} x {height}.")
        frame = self._blank()
        _fill(frame, rgb, layout=self._spec.layout, tags=self._tags)
        return frame

    def relaid(self, y: Samples, u: Samples, v: Samples) -> av.VideoFrame:
        """Samples in the movie's own layout and colour, to be appended; in any thread."""
        frame = self._blank()
        for plane, samples in zip(frame.planes, (y, u, v), strict=True):
            rows: Samples
            rows = _plane(plane, np.uint8) if samples.dtype == np.uint8 else _plane(plane, np.uint16)
            rows[:, : plane.width] = samples[: plane.height, : plane.width]
        return frame

    def append(self, frame: av.VideoFrame) -> None:
        """Encode the next frame; the same one may come again."""
        frame.color_primaries = self._tags.primaries
        frame.color_trc = self._tags.transfer
        frame.colorspace = self._tags.matrix
        frame.color_range = _LIMITED_RANGE
        frame.pts = self.frame_count
        frame.time_base = 1 / self._rate
        self.frame_count += 1
        self._container.mux(self._stream.encode(frame))

    def take_back(self, frame: av.VideoFrame) -> None:
        """A frame that will not be appended again: its memory serves the next."""
        self._spare.append(frame)

    def close(self) -> None:
        """Flush the encoder and write the index; the movie is complete after this."""
        if not self.frame_count:
            self._container.close()
            raise ValueError("A movie has at least one frame.")
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def _append_once(self, frame: av.VideoFrame) -> None:
        self.append(frame)
        self.take_back(frame)

    def _blank(self) -> av.VideoFrame:
        """A frame to be filled; an encoder that still holds on to the last one keeps that one's memory."""
        try:
            frame = self._spare.pop()
        except IndexError:
            return av.VideoFrame(*self._size, self._spec.layout.value)
        frame.make_writable()
        return frame

    def _add_stream(self, threads: int) -> VideoStream:
        options = dict(self._spec.options)
        if self._spec.key_frame_seconds:
            interval = str(math.ceil(self._rate) * self._spec.key_frame_seconds)
            options |= {"g": interval, "keyint_min": interval}
        stream = self._container.add_stream(self._spec.encoder, rate=self._rate, options=options)
        assert isinstance(stream, VideoStream)
        if self._spec.codec_tag is not None:
            stream.codec_context.codec_tag = self._spec.codec_tag
        stream.width, stream.height = self._size
        stream.pix_fmt = self._spec.layout.value
        stream.color_primaries = self._tags.primaries
        stream.color_trc = self._tags.transfer
        stream.colorspace = self._tags.matrix
        stream.color_range = _LIMITED_RANGE
        stream.thread_count = threads
        stream.thread_type = ThreadType.FRAME
        return stream


def open_movie(
    path: Path, *, spec: MovieSpec, rate: Fraction, labels: MovieLabels, faststart: bool = True
) -> OutputContainer:
    """Open a file for writing; equal frames and labels make equal bytes (no dates, no library versions)."""
    if labels.timecode is not None and labels.timecode.rate.fraction != rate:
        raise ValueError(f"The timecode counts at {labels.timecode.rate}, the movie at {rate}.")
    # A time base of the exact rate, for the track and the movie: edits and durations are then whole frames.
    ticks = str(rate.numerator if rate.denominator > 1 else rate.numerator * 1000)
    options = {
        "movflags": "+write_colr+use_metadata_tags" + ("+faststart" if faststart else ""),
        "video_track_timescale": ticks,
        "movie_timescale": ticks,
        "fflags": "+bitexact",
    }
    container = av.open(str(path), "w", format=spec.container, options=options)
    container.metadata.update(labels.metadata)
    if labels.timecode is not None:
        container.metadata["timecode"] = str(labels.timecode)
    if labels.reel:
        container.metadata["com.apple.proapps.reel"] = labels.reel
    return container


def label_stream(stream: VideoStream, *, spec: MovieSpec, labels: MovieLabels) -> None:
    """The codec's display name, and the reel: QuickTime keeps it in the timecode track's source name."""
    stream.metadata["encoder"] = spec.compressor_name
    if labels.reel:
        stream.metadata["reel_name"] = labels.reel


def _check(spec: MovieSpec, *, colour_space: ColourSpace, width: int, height: int) -> None:
    if colour_space not in spec.colour_spaces:
        raise ValueError(f"{spec.compressor_name} here does not carry {colour_space}.")
    if width % 2 or height % 2:
        raise ValueError(f"A movie's sides are even; {width} x {height} is not.")


def _fill(frame: av.VideoFrame, rgb: Rgb16, *, layout: PixelLayout, tags: ColourTags) -> None:
    """Convert straight into the encoder's own planes."""
    match layout:
        case PixelLayout.YUV420P8:
            y8, u8, v8 = (_plane(plane, np.uint8) for plane in frame.planes)
            limited_range.rgb16_to_yuv420(rgb, y8, u8, v8, luma_weights=tags.luma_weights, depth=8)
        case PixelLayout.YUV420P10 | PixelLayout.YUV420P12:
            y, u, v = (_plane(plane, np.uint16) for plane in frame.planes)
            depth = 10 if layout is PixelLayout.YUV420P10 else 12
            limited_range.rgb16_to_yuv420(rgb, y, u, v, luma_weights=tags.luma_weights, depth=depth)
        case PixelLayout.YUV422P10:
            y, u, v = (_plane(plane, np.uint16) for plane in frame.planes)
            limited_range.rgb16_to_yuv422p10(rgb, y, u, v, luma_weights=tags.luma_weights)
        case PixelLayout.YUV444P10:
            y, u, v = (_plane(plane, np.uint16) for plane in frame.planes)
            limited_range.rgb16_to_yuv444p10(rgb, y, u, v, luma_weights=tags.luma_weights)
        case _:
            assert_never(layout)


def _plane(plane: av.video.plane.VideoPlane, dtype: type[_Sample]) -> NDArray[_Sample]:
    """A plane's memory as rows, padding included; the kernels stay left of it."""
    samples = np.frombuffer(memoryview(plane), dtype=dtype)
    stride = plane.line_size // samples.itemsize
    return samples[: stride * plane.height].reshape(plane.height, stride)
