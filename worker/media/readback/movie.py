"""A finished movie read back: its index by our own reader, some of its frames by a decoder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer

from worker.media.readback.boxes import LightBoxes, MovieIndex
from worker.media.readback.messages import light_messages
from worker.media.readback.samples import Depth, depth_of, luma_of

_REEL: Final = "com.apple.proapps.reel"
_LOOKS: Final = 3  # the beginning, the middle and near the end
_FRAMES_A_LOOK: Final = 2


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """What a movie's sound says."""

    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class MovieFound:
    """What a movie holds, whatever was meant."""

    index: MovieIndex
    coded_size: tuple[int, int]
    colour: tuple[int, int, int]  # of the decoded frames
    full_range: bool
    depth: Depth
    messages: LightBoxes | None
    sound: SoundTrack | None
    reel: str | None  # of the timecode track; MP4 has it in its metadata alone


def read_movie(path: Path) -> MovieFound:
    """Of a file; ValueError for what is no movie, or one whose frames do not decode."""
    index = MovieIndex.read(path)
    try:
        with av.open(str(path)) as container:
            return _found(container, index)
    except av.FFmpegError as error:
        raise ValueError(f"{path.name} does not decode: {error}") from error


def _found(container: InputContainer, index: MovieIndex) -> MovieFound:
    messages = _messages(container)
    frames = list(_some_frames(container, index))
    if not frames:
        raise ValueError("No frame of the movie decodes.")
    shown = frames[0]
    depth = depth_of((luma_of(frame) for frame in frames), bits=shown.format.components[0].bits)
    sound = next(iter(container.streams.audio), None)
    return MovieFound(
        index=index,
        coded_size=(shown.width, shown.height),
        colour=(int(shown.color_primaries), int(shown.color_trc), int(shown.colorspace)),
        full_range=int(shown.color_range) == 2,
        depth=depth,
        messages=messages,
        sound=None if sound is None else SoundTrack(sound.codec_context.name, sound.rate, sound.channels),
        reel=_reel(container, index),
    )


def _reel(container: InputContainer, index: MovieIndex) -> str | None:
    track = index.timecode
    return track.reel if track is not None and track.reel else container.metadata.get(_REEL)


def _messages(container: InputContainer) -> LightBoxes | None:
    """Of the first key frame, where it is HEVC."""
    stream = container.streams.video[0]
    if stream.codec_context.name != "hevc":
        return None
    packet = next((each for each in container.demux(stream) if each.size), None)
    return None if packet is None else light_messages(bytes(packet))


def _some_frames(container: InputContainer, index: MovieIndex) -> Iterator[av.VideoFrame]:
    stream = container.streams.video[0]
    assert stream.time_base is not None
    for look in range(_LOOKS):
        moment = index.seconds * look / _LOOKS
        container.seek(int(moment / stream.time_base), stream=stream)
        for _, frame in zip(range(_FRAMES_A_LOOK), container.decode(stream), strict=False):
            yield frame
