"""A movie's index, laid out by ISO/IEC 14496-12 and QuickTime, read without a media library."""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Self

_ENTRY_HEAD: Final = 86  # of a picture's sample entry, before its boxes
_TIMECODE_HEAD: Final = 34  # of a timecode's
_LARGEST_INDEX: Final = 1 << 28
_DROPS: Final = 1


@dataclass(frozen=True, slots=True)
class Box:
    """One box of an index that is in memory: where its body lies."""

    data: bytes
    kind: bytes
    start: int
    end: int

    @property
    def body(self) -> bytes:
        """What is in it."""
        return self.data[self.start : self.end]

    def children(self, *, skip: int = 0) -> "Iterator[Box]":
        """The boxes in it, after a head of so many bytes; what follows the last is left alone."""
        at = self.start + skip
        while at + 8 <= self.end:
            size, kind = struct.unpack_from(">I4s", self.data, at)
            if size < 8 or at + size > self.end:
                return
            yield Box(self.data, kind, at + 8, at + size)
            at += size

    def find(self, *path: bytes) -> "Box | None":
        """The first box down this path."""
        found: Box | None = self
        for kind in path:
            if found is None:
                return None
            found = next((child for child in found.children() if child.kind == kind), None)
        return found

    def number(self, form: str, at: int) -> int:
        """One number of the body, big-endian."""
        value: int = struct.unpack_from(f">{form}", self.data, self.start + at)[0]
        return value


@dataclass(frozen=True, slots=True)
class TimecodeTrack:
    """What a timecode track counts: frames from midnight."""

    first_frame: int
    drops: bool
    reel: str | None


@dataclass(frozen=True, slots=True)
class LightBoxes:
    """`clli` and `mdcv`, as they are coded: cd/m2; steps of 0.00002; steps of 0.0001 cd/m2."""

    max_cll: int
    max_fall: int
    mastering: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MovieIndex:
    """What a movie's index says of its tracks."""

    width: int
    height: int
    frames: int
    frame_rate: Fraction | None  # none where frames last differently
    seconds: Fraction
    colour: tuple[int, int, int] | None  # primaries, transfer, matrix by ITU-T H.273
    light: LightBoxes | None
    timecode: TimecodeTrack | None
    sound_seconds: Fraction | None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Of a file; ValueError where there is no index with a picture."""
        moov = _moov(path)
        tracks = {_handler(track): track for track in moov.children() if track.kind == b"trak"}
        picture = tracks.get(b"vide")
        if picture is None:
            raise ValueError(f"{path.name} has no picture.")
        entry = _entry(picture)
        timescale, lasts = _timescale(picture), _lasts(picture)
        inside = {box.kind: box for box in entry.children(skip=_ENTRY_HEAD - 8)}
        ticks, frames = sum(n * each for n, each in lasts), sum(n for n, _ in lasts)
        even = len({each for _, each in lasts}) == 1
        movie_scale = moov.find(b"mvhd")
        assert movie_scale is not None
        sound = tracks.get(b"soun")
        return cls(
            width=entry.number("H", 24),
            height=entry.number("H", 26),
            frames=frames,
            frame_rate=Fraction(timescale, lasts[0][1]) if even else None,
            seconds=Fraction(ticks, timescale),
            colour=_colour(inside.get(b"colr")),
            light=_light(inside.get(b"clli"), inside.get(b"mdcv")),
            timecode=_timecode(path, tracks.get(b"tmcd")),
            sound_seconds=None if sound is None else _heard(sound, _clock(movie_scale)),
        )


def _moov(path: Path) -> Box:
    with path.open("rb") as file:
        end, at = file.seek(0, os.SEEK_END), 0
        while at + 8 <= end:
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            head = 8
            if size == 1:
                (size,) = struct.unpack(">Q", file.read(8))
                head = 16
            size = size or end - at
            if size < head or at + size > end:
                break
            if kind == b"moov" and size <= _LARGEST_INDEX:
                data = file.read(size - head)
                return Box(data, kind, 0, len(data))
            at += size
    raise ValueError(f"{path.name} has no index.")


def _handler(track: Box) -> bytes:
    found = track.find(b"mdia", b"hdlr")
    return b"" if found is None else found.body[8:12]


def _needed(track: Box, *path: bytes) -> Box:
    found = track.find(*path)
    if found is None:
        raise ValueError(f"A track has no {path[-1].decode()} box.")
    return found


def _entry(track: Box) -> Box:
    """Of the only kind of sample that a track of ours has."""
    table = _needed(track, b"mdia", b"minf", b"stbl", b"stsd")
    found = next(table.children(skip=8), None)
    if found is None:
        raise ValueError("A track does not say what it holds.")
    return found


def _clock(header: Box) -> int:
    return header.number("I", 20 if header.body[0] else 12)


def _timescale(track: Box) -> int:
    return _clock(_needed(track, b"mdia", b"mdhd"))


def _lasts(track: Box) -> list[tuple[int, int]]:
    """How many samples last how many ticks each, in order."""
    table = _needed(track, b"mdia", b"minf", b"stbl", b"stts")
    count = table.number("I", 4)
    found = [(table.number("I", 8 + 8 * i), table.number("I", 12 + 8 * i)) for i in range(count)]
    if not found or not all(n and ticks for n, ticks in found):
        raise ValueError("A track lasts no time.")
    return found


def _heard(sound: Box, movie_scale: int) -> Fraction:
    """As long as its edit list says, else as its samples last."""
    edits = sound.find(b"edts", b"elst")
    if edits is not None and edits.body[0] == 0 and edits.number("I", 4) == 1:
        return Fraction(edits.number("I", 8), movie_scale)
    return Fraction(sum(n * ticks for n, ticks in _lasts(sound)), _timescale(sound))


def _colour(box: Box | None) -> tuple[int, int, int] | None:
    if box is None or box.body[:4] not in (b"nclc", b"nclx"):
        return None
    return box.number("H", 4), box.number("H", 6), box.number("H", 8)


def _light(levels: Box | None, mastering: Box | None) -> LightBoxes | None:
    if levels is None or mastering is None:
        return None
    return LightBoxes(
        levels.number("H", 0), levels.number("H", 2), struct.unpack(">8H2I", mastering.body[:24])
    )


def _timecode(path: Path, track: Box | None) -> TimecodeTrack | None:
    if track is None:
        return None
    entry = _entry(track)
    offsets = track.find(b"mdia", b"minf", b"stbl", b"stco")
    wide = track.find(b"mdia", b"minf", b"stbl", b"co64")
    if offsets is not None:
        at = offsets.number("I", 8)
    elif wide is not None:
        at = wide.number("Q", 8)
    else:
        return None
    with path.open("rb") as file:
        file.seek(at)
        (first,) = struct.unpack(">I", file.read(4))
    names = [box for box in entry.children(skip=_TIMECODE_HEAD - 8) if box.kind == b"name"]
    reel = names[0].body[4:].decode(errors="replace") if names else None
    return TimecodeTrack(first, bool(entry.number("I", 12) & _DROPS), reel)
