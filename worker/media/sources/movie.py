"""A source of movies: several played one after the other, entered at the nearest key frame before.

Only movies that an ingest laid into containers of ours are read here: one picture track each, decoded to its
end before it was kept.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any, BinaryIO, Final, Self

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.stream import VideoStream

from plugin_backend.domain.sequence import ColourSpace
from worker.media.sources.display import MovieFrame
from worker.media.sources.steady import Clock, on_screen
from worker.media.sources.tags import Tags

_THREADS: Final = 2
_STEP_BACK_SECONDS: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class MoviePart:
    """One movie of a take, and which of its frames are played."""

    key: str
    media_type: str
    first: Fraction
    """When its first frame shows, in seconds of its own clock."""
    frame_count: int
    skip: int = 0
    """Frames left out at its beginning."""

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """As a take's source tells it."""
        return cls(
            key=document["key"],
            media_type=document["media_type"],
            first=Fraction(document["first"]),
            frame_count=document["frame_count"],
            skip=document["skip"],
        )


@dataclass(frozen=True, slots=True)
class MovieSource:
    """A `SourceReader` of parts; `opened` gives the bytes of one."""

    parts: tuple[MoviePart, ...]
    rate: Fraction
    space: ColourSpace
    opened: Callable[[str], BinaryIO]
    expands: bool = False
    """Whether more is made of its range of light than it has."""

    def frames(self, wanted: Iterable[int]) -> Iterator[MovieFrame]:
        """Decoded in order; frames between wanted ones are decoded too."""
        for part, numbers in groupby(wanted, key=self._part_of):
            first = sum(each.frame_count for each in self.parts[:part])
            yield from self._frames_of(self.parts[part], [number - first for number in numbers])

    def _part_of(self, number: int) -> int:
        for index, part in enumerate(self.parts):
            if number < part.frame_count:
                return index
            number -= part.frame_count
        raise ValueError("The take has fewer frames than that.")

    def _frames_of(self, part: MoviePart, numbers: list[int]) -> Iterator[MovieFrame]:
        clock = Clock(part.first, self.rate)
        with self.opened(part.key) as file, open_clean(file, part.media_type) as container:
            stream = container.streams.video[0]
            tags = tags_of(stream)
            local = [number + part.skip for number in numbers]
            shown = decoded_from(container, stream, clock.middle_of(local[0]))
            for _, frame in on_screen(shown, local, clock=clock):
                yield MovieFrame(frame, tags, self.space, self.expands)


def open_clean(file: BinaryIO, media_type: str) -> InputContainer:
    """One of our own containers, by the demuxer its type names: nothing is guessed, nothing else opened."""
    demuxer = "matroska" if media_type == "video/webm" else "mov"
    container = av.open(file, format=demuxer)
    assert isinstance(container, InputContainer)
    return container


def tags_of(stream: VideoStream) -> Tags:
    """The colour a movie says it has; a full-range pixel format says so too."""
    codec = stream.codec_context
    full = 2 if (codec.pix_fmt or "").startswith("yuvj") else codec.color_range
    return Tags(codec.color_primaries, codec.color_trc, codec.colorspace, full)


def decoded_from(
    container: InputContainer, stream: VideoStream, moment: Fraction
) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    """Frames with their moments, from a key frame that shows at or before this moment.

    A demuxer enters by when frames are decoded, so the key frame it finds may show too late: then further
    back, at last from the start. Frames that show before the key frame they were entered by lack what they
    build on and are passed over.
    """
    stream.thread_count = _THREADS
    stream.thread_type = ThreadType.AUTO
    assert stream.time_base is not None
    step = Fraction(0)
    while True:
        entry = moment - step
        start = (stream.start_time or 0) * stream.time_base
        from_start = entry <= start
        container.seek(int(max(entry, start) / stream.time_base), stream=stream, backward=True)
        shown = _from_key_frame(container, stream, is_start=from_start)
        found = next(shown, None)
        if found is None or found[0] <= moment or from_start:
            if found is not None:
                yield found
                yield from shown
            return
        shown.close()
        step = 2 * step or _STEP_BACK_SECONDS


def _from_key_frame(
    container: InputContainer, stream: VideoStream, *, is_start: bool
) -> Generator[tuple[Fraction, av.VideoFrame]]:
    entered = is_start
    for frame in container.decode(stream):
        entered = entered or frame.key_frame
        if entered and frame.pts is not None and frame.time_base is not None:
            yield frame.pts * Fraction(frame.time_base), frame
