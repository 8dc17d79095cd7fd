"""Laying a movie's coded frames into a new container: nothing else of the old one comes along."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from worker.media.inspection.container import open_recording
from worker.media.inspection.kinds import FileType

_MP4_CODECS: Final = frozenset({"h264", "hevc", "av1", "mpeg4", "aac", "mp3", "alac"})
_WEBM_CODECS: Final = frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})
_ALSO_IN_MP4: Final = _MP4_CODECS | {"vp9", "opus", "flac", "ac3", "eac3"}  # where no other house takes both


@dataclass(frozen=True, slots=True)
class House:
    """A container and the names of what is in it."""

    name: str
    media_type: str
    container: str


_MP4: Final = House("clean.mp4", "video/mp4", "mp4")
_MOV: Final = House("clean.mov", "video/quicktime", "mov")
_WEBM: Final = House("clean.webm", "video/webm", "webm")


def rehouse(path: Path, file_type: FileType, index: int, *, shown: Sequence[int], folder: Path) -> House:
    """Copy the picture and the first sound; `shown` are the picture's time stamps, in file order."""
    with path.open("rb") as file, open_recording(file, file_type) as source:
        streams = [source.streams[index], *source.streams.audio[:1]]
        house = _house_for([stream.codec_context.codec.canonical_name for stream in streams])
        options = {"fflags": "+bitexact"} | ({} if house is _WEBM else {"movflags": "+faststart"})
        target = folder / house.name
        with av.open(str(target), "w", format=house.container, options=options) as clean:
            _copy(source, clean, streams, decoded=iter(decode_stamps(shown)))
    return house


def _house_for(codecs: list[str]) -> House:
    if set(codecs) <= _MP4_CODECS:
        return _MP4
    if set(codecs) <= _WEBM_CODECS:
        return _WEBM
    return _MP4 if set(codecs) <= _ALSO_IN_MP4 else _MOV


def decode_stamps(shown: Sequence[int]) -> list[int]:
    """When each frame is decoded, from when each is shown: containers such as Matroska tell only the latter.

    Frames are decoded in the order of the file and as evenly as they are shown, each no later than it shows.
    """
    ordered = sorted(shown)
    early = max((due - show for due, show in zip(ordered, shown, strict=True)), default=0)
    return [due - early for due in ordered]


def _copy(
    source: InputContainer, clean: OutputContainer, streams: list[Stream], *, decoded: Iterator[int]
) -> None:
    copies = {}
    for stream in streams:
        copies[stream.index] = clean.add_stream_from_template(stream, opaque=True)  # packets move, no encoder
        copies[stream.index].metadata.clear()
    for packet in source.demux(streams):
        if packet.size == 0 or packet.pts is None:
            continue
        packet.dts = next(decoded) if packet.stream_index == streams[0].index else packet.pts
        packet.stream = copies[packet.stream_index]
        clean.mux_one(packet)
