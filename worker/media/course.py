"""How a clip goes: what every frame measured, in eleven numbers, and which runs of frames stand out."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Final, Self

from worker.media.measure import Tally, luminance_stops
from worker.media.motion import Motion
from worker.media.scopes import Inside, Waveform
from worker.media.stills import Still, kept_frames

_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame. Stops count from diffuse white; what depends on the frame before is 0 for the first."""

    mean_stops: float
    low_stops: float  # one pixel in a hundred is darker
    high_stops: float  # and one brighter
    peak_stops: float
    brightness: float  # as shown in SDR, in 8-bit codes
    speed: float  # widths since the frame before
    black: float  # 1 or 0, as the next two
    repeats: float
    cuts: float
    in_rec709: float  # shares of the pixels
    in_p3: float

    def joined(self, motion: Motion) -> "Moment":
        """With what its neighbour before it, in another chunk, says of it."""
        repeats, cuts = _flags(motion)
        return replace(self, speed=motion.speed, repeats=repeats, cuts=cuts)


@dataclass(frozen=True, slots=True)
class FrameLook:
    """What was seen of one prepared frame, to be noted once for each delivered frame that shows it."""

    tally: Tally
    waveform: Waveform
    inside: Inside
    still: bytes | None = None
    """A small JPEG, of the frames that the contact sheet shows."""


@dataclass(frozen=True, slots=True)
class Course:
    """A run of frames, in order."""

    moments: tuple[Moment, ...]
    waveform: Waveform
    inside: Inside
    stills: tuple[Still, ...]

    def __add__(self, other: "Course") -> "Course":
        """This run followed by the next."""
        return Course(
            self.moments + other.moments,
            self.waveform + other.waveform,
            self.inside + other.inside,
            self.stills + other.stills,
        )

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return {
            "moments": [[round(value, _DIGITS) for value in astuple(moment)] for moment in self.moments],
            "waveform": self.waveform.to_json(),
            "inside": [self.inside.looked_at, *self.inside.counts],
            "stills": [still.to_json() for still in self.stills],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        looked_at, *counts = document["inside"]
        return cls(
            tuple(Moment(*values) for values in document["moments"]),
            Waveform.from_json(document["waveform"]),
            Inside(looked_at, (counts[0], counts[1], counts[2])),
            tuple(Still.from_json(still) for still in document["stills"]),
        )


class Notes:
    """Notes a run of frames as they pass; feed every delivered frame once, in order."""

    def __init__(self, clip_frames: int, *, gaps: Container[int] = ()) -> None:
        """`gaps` are the frames that do not follow the one before, as where a list goes on elsewhere."""
        self._gaps = gaps
        self._wanted = frozenset(kept_frames(clip_frames))
        self._tally: Tally | None = None
        self._moments: list[Moment] = []
        self._stills: list[Still] = []
        self._waveform: Waveform | None = None
        self._inside = Inside(0, (0, 0, 0))

    def add(self, number: int, look: FrameLook) -> None:
        """The next frame, by its number in the clip."""
        motion = Motion()
        if self._tally is None:
            self._tally, self._waveform = look.tally, look.waveform
        else:
            assert self._waveform is not None
            before, self._tally = self._tally, _met(self._tally, look.tally, apart=number in self._gaps)
            motion = _between(before.motion, self._tally.motion)
            self._waveform += look.waveform
        self._inside += look.inside
        self._moments.append(_moment(look, motion))
        if look.still is not None and number in self._wanted:
            self._stills.append(Still(number, look.still))

    @property
    def tally(self) -> Tally:
        """What is known so far."""
        if self._tally is None:
            raise ValueError("No frame has been noted yet.")
        return self._tally

    @property
    def course(self) -> Course:
        """How it went so far."""
        if self._waveform is None:
            raise ValueError("No frame has been noted yet.")
        return Course(tuple(self._moments), self._waveform, self._inside, tuple(self._stills))


def joined(
    chunks: Iterable[tuple[Tally, Course | None]], *, gaps: Container[int] = ()
) -> tuple[Tally, Course | None]:
    """Runs in order, as one, `gaps` as of `Notes`; no course where a run of an earlier version has none."""
    (tally, course), *others = chunks
    for next_tally, next_course in others:
        met = _met(tally, next_tally, apart=tally.frames in gaps)
        if course is not None and next_course is not None:
            motion = _between(tally.motion, met.motion, next_tally.motion)
            first, *rest = next_course.moments
            moments = (first.joined(motion), *rest)
            course += Course(moments, next_course.waveform, next_course.inside, next_course.stills)
        else:
            course = None
        tally = met
    return tally, course


def _met(tally: Tally, following: Tally, *, apart: bool) -> Tally:
    return tally.apart(following) if apart else tally + following


def departures(brightness: Sequence[float], cuts: Sequence[float]) -> list[float]:
    """How far each frame's brightness is from its neighbours' mean, in codes; a cut is none."""
    found = [0.0] * len(brightness)
    for i in range(1, len(brightness) - 1):
        if not cuts[i] and not cuts[i + 1]:
            found[i] = abs(brightness[i] - (brightness[i - 1] + brightness[i + 1]) / 2)
    return found


def _moment(look: FrameLook, motion: Motion) -> Moment:
    low, high = luminance_stops(look.tally, 0.01), luminance_stops(look.tally, 0.99)
    counted = max(1, look.inside.looked_at)
    return Moment(
        look.tally.mean_stops,
        low,
        high,
        look.tally.peak_stops,
        look.tally.brightness,
        motion.speed,
        float(look.tally.black),
        *_flags(motion),
        look.inside.counts[0] / counted,
        look.inside.counts[1] / counted,
    )


def _flags(motion: Motion) -> tuple[float, float]:
    return float(motion.frozen), float(motion.cuts)


def _between(before: Motion, after: Motion, further: Motion | None = None) -> Motion:
    """The one pair that a sum of motions has more than those it was made of."""
    further = further or Motion()
    return Motion(
        speed=max(0.0, after.speed - before.speed - further.speed),
        frozen=after.frozen - before.frozen - further.frozen,
        cuts=after.cuts - before.cuts - further.cuts,
    )
