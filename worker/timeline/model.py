"""One video track of clips and gaps, as every timeline format here can carry it.

Only what relinks and plays the same in every host is expressible: one rate, whole frames, files beside the
timeline with portable names. What a format cannot say is refused here or by its writer, never bent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Sequence, Timecode

# Final Cut Pro wants %E4%B8%AD in a URL, Resolve does not decode it, an EDL is ASCII: names need no escape.
_PORTABLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_COUNTER: Final = re.compile(r"%0([1-9])d")
_MAX_CHANNELS: Final = 16  # what a QuickTime movie is sure to carry

SAMPLE_RATE: Final = 48_000
"""Of all sound beside a picture, in samples a second."""


class UnwritableTimelineError(ValueError):
    """The timeline holds what no file, or not this format, can carry."""


class MediaKind(StrEnum):
    """How a media reference's frames lie on disk."""

    MOVIE = "movie"
    IMAGE_SEQUENCE = "image-sequence"


class MarkerColour(StrEnum):
    """The colours an EDL's locators have; other formats know more."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    CYAN = "cyan"
    MAGENTA = "magenta"
    YELLOW = "yellow"
    WHITE = "white"
    BLACK = "black"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A note on frames, counted from the first frame of the media (a clip's) or of the timeline."""

    name: str
    frame: int
    frame_count: int = 1
    note: str = ""
    colour: MarkerColour = MarkerColour.RED

    def __post_init__(self) -> None:
        _require(self.frame >= 0 and self.frame_count >= 1, "A marker lies on at least one frame from 0 up.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The sound in a movie, from its first frame to its last; all of it is delivered at one sample rate."""

    channels: int
    bit_depth: int = 16

    def __post_init__(self) -> None:
        _require(1 <= self.channels <= _MAX_CHANNELS, f"Sound has 1 to {_MAX_CHANNELS} channels.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReference:
    """A file beside the timeline; for an image sequence `file` is a pattern such as `sh010.%07d.exr`."""

    file: str
    kind: MediaKind
    width: int
    height: int
    start_timecode: Timecode
    frame_count: int
    colour_space: ColourSpace
    reel: str
    first_image: int = 0
    sound: Sound | None = None

    def __post_init__(self) -> None:
        counters = 1 if self.kind is MediaKind.IMAGE_SEQUENCE else 0
        plain, found = _COUNTER.subn("0", self.file)
        portable = found == counters and _PORTABLE.fullmatch(plain) is not None
        _require(
            portable, f"{self.file!r} is no portable relative name (letters, digits, . _ - and one %04d)."
        )
        _require(
            self.frame_count >= 1 and self.first_image >= 0,
            "Media has at least one frame, numbered from 0 up.",
        )
        silent = self.sound is None or self.kind is MediaKind.MOVIE
        _require(silent, f"{self.file} is a sequence of images, which has no sound.")

    @property
    def frame_rate(self) -> FrameRate:
        """The rate its timecode counts at."""
        return self.start_timecode.rate

    @property
    def position(self) -> int:
        """Its first frame, counted from 00:00:00:00; past midnight as its images are numbered."""
        midnight = replace(self.start_timecode, frames=0)
        runs_on = self.kind is MediaKind.IMAGE_SEQUENCE and midnight + self.first_image == self.start_timecode
        return self.first_image if runs_on else self.start_timecode.frames

    @property
    def last_image(self) -> int:
        """The number of a sequence's last image."""
        return self.first_image + self.frame_count - 1

    @property
    def digits(self) -> int:
        """How many digits a sequence's image numbers have at least."""
        match = _COUNTER.search(self.file)
        assert match is not None
        return int(match[1])

    @property
    def around_number(self) -> tuple[str, str]:
        """What stands before and after the image number."""
        prefix, _, suffix = _COUNTER.split(self.file)
        return prefix, suffix

    @property
    def run(self) -> str:
        """A sequence as Resolve spells it: the run of its numbers in brackets; a movie's own name."""
        if self.kind is MediaKind.MOVIE:
            return self.file
        prefix, suffix = self.around_number
        return f"{prefix}[{self.first_image:0{self.digits}}-{self.last_image:0{self.digits}}]{suffix}"

    @property
    def first_file(self) -> str:
        """The movie itself, or a sequence's first image."""
        if self.kind is MediaKind.MOVIE:
            return self.file
        prefix, suffix = self.around_number
        return f"{prefix}{self.first_image:0{self.digits}}{suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A run of a media's frames in the edit.

    `handles` counts the frames at each end of the media that lie outside the editor's shot; `alternate`
    is the same frames in another form, for hosts that cannot read the first; `proxy` a light stand-in.
    """

    name: str
    media: MediaReference
    source_start_frame: int
    frame_count: int
    handles: int = 0
    alternate: MediaReference | None = None
    proxy: MediaReference | None = None
    bin: str = ""
    markers: tuple[Marker, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inside = self.source_start_frame >= 0 and self.frame_count >= 1 and self.handles >= 0
        _require(inside, f"Clip {self.name!r} is empty or starts before its media.")
        for media in self.forms:
            _require(
                self.source_end_frame <= media.frame_count,
                f"Clip {self.name!r} runs past the end of {media.file}.",
            )
        same = len({(media.start_timecode, media.frame_count) for media in self.forms}) == 1
        _require(same, f"Clip {self.name!r} has a form with another timecode or length.")

    @property
    def source_end_frame(self) -> int:
        """The media frame after the last one used."""
        return self.source_start_frame + self.frame_count

    @property
    def forms(self) -> tuple[MediaReference, ...]:
        """The media, then its alternate and its proxy as far as there are any."""
        return tuple(form for form in (self.media, self.alternate, self.proxy) if form is not None)

    @property
    def movie(self) -> MediaReference:
        """The form that is one file; refused when there is none."""
        for media in self.forms:
            if media.kind is MediaKind.MOVIE:
                return media
        raise UnwritableTimelineError(
            f"Clip {self.name!r} needs a movie: this format cannot name an image sequence."
        )

    @property
    def audible(self) -> MediaReference | None:
        """The form to play sound from: frames have none, the movie beside them may."""
        return next((form for form in self.forms if form.sound is not None), None)

    @property
    def source_position(self) -> int:
        """The first frame used, counted from the media's 00:00:00:00; past midnight it counts on."""
        return self.media.start_timecode.frames + self.source_start_frame

    @property
    def source_in(self) -> Timecode:
        """The media's timecode at the first frame used."""
        return self.media.start_timecode + self.source_start_frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nothing, for some frames."""

    frame_count: int

    def __post_init__(self) -> None:
        _require(self.frame_count >= 1, "A gap lasts at least one frame.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Clips and gaps end to end, in the editor's own sequence.

    `runs` asks for image sequences as one name, for who knows no numbered references where a format has them.
    """

    name: str
    sequence: Sequence
    clips: tuple[Clip | Gap, ...]
    markers: tuple[Marker, ...] = ()
    runs: bool = False

    def __post_init__(self) -> None:
        _require(any(isinstance(item, Clip) for item in self.clips), "A timeline has at least one clip.")
        for _, clip in self.placed_clips():
            conformed = clip.media.frame_rate == self.sequence.frame_rate
            _require(
                conformed,
                f"Clip {clip.name!r} runs at {clip.media.frame_rate}; conform it to the sequence first.",
            )

    @property
    def start(self) -> Timecode:
        """The first record frame's timecode, such that the first clip's shot falls on the playhead.

        Handles that the timeline shows come before it; handles that it cuts away do not move it.
        """
        first = self.clips[0]
        shown = max(0, first.handles - first.source_start_frame) if isinstance(first, Clip) else 0
        return self.sequence.playhead - shown

    @property
    def frame_count(self) -> int:
        """How long the whole runs."""
        return sum(item.frame_count for item in self.clips)

    def placed(self) -> Iterator[tuple[int, Clip | Gap]]:
        """Every item with the record frame it starts at, counted from the timeline's start."""
        record = 0
        for item in self.clips:
            yield record, item
            record += item.frame_count

    @property
    def channels(self) -> int:
        """How many channels of sound the clips have at most; 0 when all are silent."""
        sounds = [form.sound for _, clip in self.placed_clips() if (form := clip.audible)]
        return max((sound.channels for sound in sounds if sound), default=0)

    def placed_clips(self) -> Iterator[tuple[int, Clip]]:
        """The clips among them."""
        for record, item in self.placed():
            if isinstance(item, Clip):
                yield record, item


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence where it is called
    if not holds:
        raise UnwritableTimelineError(otherwise)
