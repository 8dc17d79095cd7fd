"""Movies: every packet is read, frames from first to last are decoded, and the coded frames move house.

The demuxer is the one the first bytes name, reading from an open file: playlists, references to other files
and network addresses have no way in.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from worker.media.inspection.container import open_recording
from worker.media.inspection.image import save_poster
from worker.media.inspection.kinds import FileType, Kind
from worker.media.inspection.rehouse import rehouse
from worker.media.inspection.sound import inspect_sound
from worker.media.inspection.verdict import RefusedError, Verdict

MAX_BYTES: Final = 200 << 20
MAX_SECONDS: Final = 60
MAX_SIDE: Final = 4096
MIN_SIDE: Final = 16
MAX_RATE: Final = 120
_MAX_STREAMS: Final = 16
_TOLERANCE_SECONDS: Final = Fraction(1, 2)
_CODECS: Final = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "prores", "dnxhd", "mpeg4", "mjpeg", "cfhd"})
_DECODED_PIXELS: Final = 1_200_000_000  # up to this a movie is decoded whole: 24 s of 1080p
_LOOKS: Final = 8
_FRAMES_A_LOOK: Final = 4
_LAST_FRAMES: Final = 300

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Timing:
    """What reading every packet found."""

    shown: tuple[int, ...]  # the frames' time stamps, in the order of the file
    start: Fraction
    end: Fraction
    is_whole: bool

    @property
    def frames(self) -> int:
        return len(self.shown)

    @property
    def seconds(self) -> Fraction:
        return self.end - self.start


def inspect_recording(path: Path, file_type: FileType, *, folder: Path, progress: Progress) -> Verdict:
    """The facts of a movie, or of sound alone, and its clean copy."""
    if path.stat().st_size > MAX_BYTES:
        raise RefusedError(f"Files may have {MAX_BYTES >> 20} MB; send a shorter or smaller one.")
    with damage_is_refused(file_type), path.open("rb") as file, open_recording(file, file_type) as container:
        if len(container.streams) > _MAX_STREAMS:
            raise RefusedError(f"This {file_type.name} has over {_MAX_STREAMS} tracks; export one of each.")
        pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
        if pictures and file_type.kind is Kind.VIDEO:
            return _inspect_movie(path, file_type, pictures[0], folder=folder, progress=progress)
        if container.streams.audio:
            return inspect_sound(
                path, container, file_type, folder=folder, progress=progress, longest=MAX_SECONDS
            )
    raise RefusedError(f"This {file_type.name} has neither picture nor sound; export it again.")


@contextmanager
def damage_is_refused(file_type: FileType) -> Iterator[None]:
    """A decoder's complaint, in words for the person who sent the file."""
    try:
        yield
    except (av.error.FFmpegError, EOFError, OverflowError) as error:
        raise RefusedError(_damaged(file_type)) from error


def _damaged(file_type: FileType) -> str:
    return f"This {file_type.name} is damaged or cut short: export it again, or upload it again to the end."


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _inspect_movie(
    path: Path, file_type: FileType, stream: VideoStream, *, folder: Path, progress: Progress
) -> Verdict:
    _check_header(stream)
    timing = _read_all(path, file_type, stream.index, progress=progress)
    declared = _declared_seconds(stream)
    if not timing.is_whole or (declared is not None and timing.seconds + _TOLERANCE_SECONDS < declared):
        raise RefusedError(_damaged(file_type))
    if timing.seconds > MAX_SECONDS + _TOLERANCE_SECONDS:
        raise RefusedError(
            f"This movie lasts {float(timing.seconds):.1f} s; movies may last {MAX_SECONDS} s: cut it down."
        )
    rate = stream.average_rate or timing.frames / timing.seconds
    if rate > MAX_RATE:
        raise RefusedError(f"This movie plays {float(rate):.0f} frames a second; send {MAX_RATE} or fewer.")
    first = _decode(path, file_type, stream.index, timing=timing, progress=progress)
    house = rehouse(path, file_type, stream.index, shown=timing.shown, folder=folder)
    save_poster(_upright(first), folder / "poster.jpg")
    width, height = first.width, first.height
    if first.rotation % 180:
        width, height = height, width
    return Verdict(
        kind=Kind.VIDEO,
        media_type=house.media_type,
        width=width,
        height=height,
        duration_seconds=timing.seconds,
        frame_rate=rate,
        file=house.name,
        poster="poster.jpg",
    )


def _check_header(stream: VideoStream) -> None:
    codec = stream.codec_context
    if (name := codec.codec.canonical_name) not in _CODECS:
        raise RefusedError(f"Its codec is {name}; export it as H.264, HEVC or ProRes.")
    _check_size(codec.width, codec.height)


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise RefusedError(f"This movie is {width} x {height}; send one of at most {MAX_SIDE} pixels a side.")
    if min(width, height) < MIN_SIDE:
        raise RefusedError(
            f"This movie is {width} x {height}; send one of at least {MIN_SIDE} pixels a side."
        )


def _declared_seconds(stream: VideoStream) -> Fraction | None:
    if stream.duration is None or stream.time_base is None:
        return None
    return stream.duration * stream.time_base


def _read_all(path: Path, file_type: FileType, index: int, *, progress: Progress) -> _Timing:
    """Every packet of the picture, to the end of the file."""
    stamps: list[int] = []
    start, end, is_whole = None, Fraction(0), True
    size = path.stat().st_size
    with path.open("rb") as file, open_recording(file, file_type) as container:
        for packet in container.demux(container.streams[index]):
            if packet.size == 0 or packet.pts is None:
                continue
            is_whole &= not packet.is_corrupt
            stamps.append(packet.pts)
            shown = packet.pts * packet.time_base
            start = shown if start is None else min(start, shown)
            end = max(end, shown + (packet.duration or 0) * packet.time_base)
            progress(packet.pos or 0, 2 * size)
    if start is None or end <= start:
        raise RefusedError(f"This {file_type.name} holds no frame; export it again.")
    return _Timing(tuple(stamps), start, end, is_whole)


def _decode(
    path: Path, file_type: FileType, index: int, *, timing: _Timing, progress: Progress
) -> VideoFrame:
    """The first frame, after decoding all of them, or where that is long work looks from first to last."""
    with path.open("rb") as file, open_recording(file, file_type) as container:
        stream = container.streams.video[index_among_video(container, index)]
        stream.thread_count = 2
        pixels = stream.codec_context.width * stream.codec_context.height
        first: VideoFrame | None = None
        whole = pixels * timing.frames <= _DECODED_PIXELS
        for done, frame in enumerate(_looked_at(container, stream, timing, whole=whole), 1):
            _check_size(frame.width, frame.height)
            if frame.is_corrupt:
                raise RefusedError(_damaged(file_type))
            first = first or frame
            progress(timing.frames + min(done, timing.frames), 2 * timing.frames)
    if first is None:
        raise RefusedError(_damaged(file_type))
    return first


def index_among_video(container: InputContainer, index: int) -> int:
    """A stream's place among the pictures."""
    return [stream.index for stream in container.streams.video].index(index)


def _looked_at(
    container: InputContainer, stream: VideoStream, timing: _Timing, *, whole: bool
) -> Iterator[VideoFrame]:
    if whole:
        yield from container.decode(stream)
        return
    assert stream.time_base is not None
    for look in range(_LOOKS):
        moment = timing.start + timing.seconds * look / _LOOKS
        container.seek(int(moment / stream.time_base), stream=stream)
        yield from _some(container.decode(stream), count=_FRAMES_A_LOOK)
    container.seek(int(timing.end / stream.time_base), stream=stream)
    yield from _some(container.decode(stream), count=_LAST_FRAMES)


def _some(frames: Iterator[VideoFrame], *, count: int) -> Iterator[VideoFrame]:
    for _, frame in zip(range(count), frames, strict=False):
        yield frame


def _upright(frame: VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24")).rotate(frame.rotation, expand=True)
