"""Joining: segments of one movie, written frame range by frame range, become the movie by copying packets."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from worker.media.dnxhr import said_in_bt2020, says_bt709
from worker.media.formats import MOVIE_FORMATS, MovieFormat, MovieSpec
from worker.media.hdr_labels import put_boxes, sei_unit
from worker.media.movie import MovieLabels, label_stream, open_movie
from worker.media.sound_writer import SoundWriter


def join(
    segments: Sequence[Path],
    path: Path,
    *,
    movie_format: MovieFormat,
    rate: Fraction,
    labels: MovieLabels | None = None,
    sound: Path | None = None,
    alive: Callable[[], None] = lambda: None,
) -> int:
    """Join segments of one `MovieWriter` recipe, in order, into a movie; returns its frame count.

    Nothing is decoded but `sound`, a WAV file that starts with the picture. Time stamps are
    counted anew in frames, as in a movie written in one go. HDR facts are put into the first segment's boxes.
    `alive` is called after each segment.
    """
    if not segments:
        raise ValueError("There are no segments to join.")
    spec = MOVIE_FORMATS[movie_format]
    labels = labels or MovieLabels()
    if labels.hdr is not None:
        put_boxes(segments[0], labels.hdr)
    sei = sei_unit(labels.hdr) if labels.hdr is not None and spec.encoder == "libx265" else b""
    with open_movie(path, spec=spec, rate=rate, labels=labels) as movie, av.open(str(segments[0])) as first:
        template = first.streams.video[0]
        stream = _copied(movie, template, spec=spec, rate=rate)
        label_stream(stream, spec=spec, labels=labels)
        track = None if sound is None else SoundWriter(movie, sound, codec=spec.sound_codec)
        count = 0
        for count, packet in enumerate(_copies(segments, template, rate=rate, sei=sei, alive=alive), start=1):
            packet.stream = stream
            movie.mux_one(packet)
            if track is not None:
                track.write(until=count / rate)
        if track is not None:
            track.close()
    return count


def _copies(
    segments: Sequence[Path], template: VideoStream, *, rate: Fraction, sei: bytes, alive: Callable[[], None]
) -> "Iterator[Packet[VideoStream]]":
    count = 0
    for segment in segments:
        with av.open(str(segment)) as source:
            _check_alike(source.streams.video[0], template, name=segment.name)
            for packet in _frames(source, rate=rate, offset=count):
                count += 1
                yield _told(packet, sei)
        alive()


def _copied(movie: OutputContainer, template: VideoStream, *, spec: MovieSpec, rate: Fraction) -> VideoStream:
    """A stream like the segments', with what copying forgets."""
    stream = movie.add_stream_from_template(template)
    if spec.codec_tag is not None:
        stream.codec_context.codec_tag = spec.codec_tag
    stream.rate = rate  # the segment's was guessed by a reader; drop-frame timecode needs it exact
    return stream


def _frames(source: InputContainer, *, rate: Fraction, offset: int) -> "Iterator[Packet[VideoStream]]":
    """A segment's packets, stamped in frames of the whole movie."""
    stream = source.streams.video[0]
    delay = stream.codec_context.reorder_depth  # frames that decode before the one that shows first
    for number, packet in enumerate(p for p in source.demux(stream) if p.size):
        assert packet.pts is not None
        shown = packet.pts * packet.time_base * rate
        if shown.denominator != 1 or shown < number - delay:
            raise ValueError(f"Frame {number} of a segment is not on a frame of {rate} per second.")
        packet.time_base = 1 / rate
        packet.pts = offset + int(shown)
        packet.dts = offset + number - delay
        packet.duration = 1
        yield packet


def _told(packet: "Packet[VideoStream]", sei: bytes) -> "Packet[VideoStream]":
    """A frame with what its encoder left out: HDR facts before a key frame, its colour in DNxHR."""
    codec = packet.stream.codec_context
    if says_bt709(codec.name, matrix=int(codec.colorspace)):
        return _remade(packet, said_in_bt2020(bytes(packet)))
    if sei and packet.is_keyframe:
        return _remade(packet, sei + bytes(packet))
    return packet


def _remade(packet: "Packet[VideoStream]", data: bytes) -> "Packet[VideoStream]":
    made = cast("Packet[VideoStream]", Packet(data))
    made.time_base, made.pts, made.dts = packet.time_base, packet.pts, packet.dts
    made.duration, made.is_keyframe = packet.duration, packet.is_keyframe
    return made


def _check_alike(stream: VideoStream, template: VideoStream, *, name: str) -> None:
    mine, its = (
        (s.codec_context.name, s.width, s.height, s.pix_fmt, s.codec_context.extradata)
        for s in (template, stream)
    )
    if mine != its:
        raise ValueError(f"{name} was not written by the recipe of the first segment.")
