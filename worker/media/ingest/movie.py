"""A provider's movie: recognised by its first bytes, read to its last packet, laid into a clean container.

What is kept is the coded picture and sound as they came, in a container of ours: nothing else of the file
(other tracks, edit lists, references, comments) comes along, and from here on only the clean one is read.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.stream import Disposition
from av.video.stream import VideoStream

from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.media_types import media_type_of
from worker.media.ingest.bounds import check_length, check_size
from worker.media.ingest.rates import Pace, pace_of
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.inspection.container import open_recording
from worker.media.inspection.kinds import FileType, Kind, type_of
from worker.media.inspection.rehouse import rehouse
from worker.media.inspection.verdict import RefusedError
from worker.media.operations import OperationContext
from worker.media.sources.movie import tags_of
from worker.media.sources.tags import Tags

_CODECS: Final = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "prores", "dnxhd", "mpeg4", "mjpeg", "cfhd"})
_OUR_TROUBLE: Final = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.ENOMEM, errno.EMFILE)
_MAX_STREAMS: Final = 16
_LATE_SECONDS: Final = Fraction(1, 4)  # a header's promise of length may be rounded by this


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMovie:
    """One movie of a take, clean, and what reading every packet of it found."""

    path: Path
    pace: Pace
    shown_frames: int
    """Coded frames that are ever shown, each once."""
    width: int
    height: int
    codec: str
    pixel_format: str
    bit_depth: int
    tags: Tags
    space: ColourSpace
    has_sound: bool

    @property
    def media_type(self) -> str:
        """Of the clean container."""
        return media_type_of(self.path.name)


@dataclass(frozen=True, slots=True)
class _Packets:
    """When the coded frames show: in file order as the container counts, and risen as moments."""

    stamps: tuple[int, ...]
    shown: tuple[Fraction, ...]
    last_lasts: Fraction
    is_whole: bool


def take_movie(path: Path, number: int, *, declared: ColourSpace, context: OperationContext) -> TakenMovie:
    """Check a movie and lay it into `source.<number>.*` beside it; TakeRefusedError says what is wrong."""
    file_type = _type_of(path)
    with damage_is_refused(), path.open("rb") as file, open_recording(file, file_type) as container:
        stream = _picture(list(container.streams.video), count=len(container.streams))
        index = stream.index
        packets = _read(path, file_type, index, context=context)
        _check_whole(stream, packets)
        tick = Fraction(stream.time_base or 1)
        check_length(len(packets.shown), _pace(packets, tick=tick).rate)
        house = rehouse(path, file_type, index, shown=packets.stamps, folder=path.parent)
        clean = (path.parent / house.name).rename(path.parent / f"source.{number}.{house.container}")
        tags, codec = tags_of(stream), stream.codec_context
        depth = _bit_depth(codec.pix_fmt)
        return TakenMovie(
            path=clean,
            pace=_pace_of_clean(clean, packets, tick=tick, context=context),
            shown_frames=len(packets.shown),
            width=codec.width,
            height=codec.height,
            codec=codec.codec.canonical_name,
            pixel_format=codec.pix_fmt or "unknown",
            bit_depth=depth,
            tags=tags,
            space=tags.space(_believed(declared, depth=depth)),
            has_sound=bool(container.streams.audio),
        )


@contextmanager
def damage_is_refused() -> Iterator[None]:
    """What a decoder stumbles over is the file's fault, and nobody's to repair; a full disk is not."""
    try:
        yield
    except (av.FFmpegError, ValueError) as error:
        if isinstance(error, av.FFmpegError) and error.errno in _OUR_TROUBLE:
            raise
        detail = f"The movie that the provider sent is damaged: {_last_words(error)}"
        raise TakeRefusedError(Refusal.DAMAGED, detail) from error


def check_alike(movies: list[TakenMovie]) -> None:
    """Parts play as one take only in one size, rate and colour."""
    for number, movie in enumerate(movies[1:], 2):
        for about, mine, its in (
            ("size", f"{movies[0].width} x {movies[0].height}", f"{movie.width} x {movie.height}"),
            ("frame rate", str(movies[0].pace.rate), str(movie.pace.rate)),
            ("colour", str(movies[0].space), str(movie.space)),
        ):
            if mine != its:
                detail = f"Part {number} of what the provider sent has another {about}: {its}, not {mine}."
                raise TakeRefusedError(Refusal.MISMATCHED, detail)


def _type_of(path: Path) -> FileType:
    try:
        found = type_of(path)
    except RefusedError as refused:
        what = str(refused).partition(";")[0].rstrip(".")
        detail = f"The provider sent no movie. {what}."
        raise TakeRefusedError(Refusal.WRONG_TYPE, detail) from refused
    if found.kind is not Kind.VIDEO:
        raise TakeRefusedError(Refusal.WRONG_TYPE, f"The provider sent {found.name}, not a movie.")
    return found


def _picture(tracks: list[VideoStream], *, count: int) -> VideoStream:
    pictures = [track for track in tracks if not track.disposition & Disposition.attached_pic]
    if count > _MAX_STREAMS:
        raise TakeRefusedError(Refusal.WRONG_TYPE, f"The provider's movie has {count} tracks.")
    if not pictures:
        raise TakeRefusedError(Refusal.EMPTY, "The provider's movie has no picture.")
    codec = pictures[0].codec_context
    check_size(codec.width, codec.height)
    if (name := codec.codec.canonical_name) not in _CODECS:
        raise TakeRefusedError(Refusal.WRONG_TYPE, f"The provider's movie is coded as {name}.")
    return pictures[0]


def _read(path: Path, file_type: FileType, index: int, *, context: OperationContext) -> _Packets:
    """Every packet of the picture, to the end of the file."""
    stamps: list[int] = []
    shown: dict[Fraction, Fraction] = {}
    is_whole = True
    size = path.stat().st_size
    with path.open("rb") as file, open_recording(file, file_type) as container:
        for packet in container.demux(container.streams[index]):
            if packet.size == 0 or packet.pts is None:
                continue
            is_whole &= not packet.is_corrupt
            stamps.append(packet.pts)
            if not packet.is_discard:
                base = Fraction(packet.time_base)
                shown[packet.pts * base] = (packet.duration or 0) * base
            context.progress(min(packet.pos or 0, size), size + 1)
    if not shown:
        raise TakeRefusedError(Refusal.EMPTY, "The provider's movie holds no frame.")
    moments = sorted(shown)
    return _Packets(tuple(stamps), tuple(moments), shown[moments[-1]], is_whole)


def _pace(packets: _Packets, *, tick: Fraction) -> Pace:
    return pace_of(packets.shown, tick=tick, last_lasts=packets.last_lasts)


def _pace_of_clean(clean: Path, original: _Packets, *, tick: Fraction, context: OperationContext) -> Pace:
    """By the clean container's own clock; the coarser of both ticks is how far its stamps may be off.

    It must hold every frame that the original held.
    """
    file_type = type_of(clean)
    with clean.open("rb") as file, open_recording(file, file_type) as container:
        packets = _read(clean, file_type, container.streams.video[0].index, context=context)
        if len(packets.shown) != len(original.shown):
            found = f"{len(packets.shown)} of {len(original.shown)}"
            raise ValueError(f"only {found} frames could be laid into a new container")
        return _pace(packets, tick=max(tick, Fraction(container.streams.video[0].time_base or 1)))


def _check_whole(stream: VideoStream, packets: _Packets) -> None:
    """Against what the header promises: the number of frames, or where there is none the length."""
    found, promised = len(packets.stamps), stream.frames
    if promised and (found < promised or not packets.is_whole):
        whole = found - (not packets.is_whole)
        raise TakeRefusedError(
            Refusal.TRUNCATED, f"The movie that the provider sent is cut short: {whole} of {promised} frames."
        )
    seconds = packets.shown[-1] + packets.last_lasts - packets.shown[0]
    declared = _declared_seconds(stream)
    if not packets.is_whole or (declared is not None and seconds + _LATE_SECONDS < declared):
        raise TakeRefusedError(
            Refusal.TRUNCATED, f"The movie that the provider sent is cut short after {float(seconds):.1f} s."
        )


def _declared_seconds(stream: VideoStream) -> Fraction | None:
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * Fraction(stream.time_base)
    return None


def _believed(declared: ColourSpace, *, depth: int) -> ColourSpace:
    """HDR is not coded in eight bits: an untagged movie of eight is SDR, whatever was asked for."""
    is_hdr = declared in (ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG)
    return ColourSpace.REC709 if is_hdr and depth < 10 else declared


def _bit_depth(pixel_format: str | None) -> int:
    return 8 if pixel_format is None else av.VideoFormat(pixel_format).components[0].bits


def _last_words(error: Exception) -> str:
    text = error.strerror if isinstance(error, av.FFmpegError) else str(error)
    return (text or type(error).__name__).rstrip(".") + "."
