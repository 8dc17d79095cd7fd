"""The editor's sequence: rational frame rate, size, colour space, and timecode as SMPTE ST 12-1 counts it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, Self, TypeVar

from plugin_backend.domain.errors import FieldProblem, ValidationFailedError

T = TypeVar("T")

SUPPORTED_RATES: Final = tuple(
    Fraction(rate)
    for rate in ("24000/1001", 24, 25, "30000/1001", 30, "48000/1001", 48, 50, "60000/1001", 60, 100, 120)
)
MIN_SIDE: Final = 16
MAX_SIDE: Final = 8192
MAX_HANDLES: Final = 600

_RATE: Final = re.compile(r"([0-9]{1,6})(?:/([0-9]{1,6}))?")
_DECIMAL: Final = re.compile(r"[0-9]{1,6}\.[0-9]{1,20}")
_DECIMAL_NEARNESS: Final = Fraction(1, 100)  # 23.98 and 23.976 both mean 24000/1001
_LABEL: Final = re.compile(r"([0-9]{2})([:;])([0-9]{2})\2([0-9]{2})([:;])([0-9]{2,3})")


class ColourSpace(StrEnum):
    """What the numbers in a frame mean: primaries and transfer by their usual joint name."""

    REC709 = "rec709"
    P3_D65 = "p3-d65"
    REC2100_PQ = "rec2100-pq"
    REC2100_HLG = "rec2100-hlg"
    ACESCG = "acescg"
    ACES2065_1 = "aces2065-1"


@dataclass(frozen=True, slots=True, order=True)
class FrameRate:
    """An exact number of frames a second."""

    fraction: Fraction

    def __post_init__(self) -> None:
        if self.fraction not in SUPPORTED_RATES:
            raise ValueError(f"{self.fraction} is not a supported frame rate; use one of {_spelt_rates()}.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `24000/1001` or `24`; a decimal is refused with the fraction it stands for."""
        match = _RATE.fullmatch(text)
        if match is None:
            raise ValueError(_why_not_a_rate(text))
        numerator, denominator = int(match[1]), int(match[2] or 1)
        if numerator == 0 or denominator == 0:
            raise ValueError(f"A frame rate is above zero; use one of {_spelt_rates()}.")
        return cls(Fraction(numerator, denominator))

    @property
    def nominal(self) -> int:
        """The whole number timecode counts in: 24 for 24000/1001."""
        return math.ceil(self.fraction)

    @property
    def is_ntsc(self) -> bool:
        """Whether it runs at 1000/1001 of its nominal speed."""
        return self.fraction.denominator == 1001

    @property
    def can_drop(self) -> bool:
        """Whether drop-frame timecode is defined for it: only 30000/1001 and 60000/1001."""
        return self.is_ntsc and self.nominal % 30 == 0

    def __str__(self) -> str:
        return str(self.fraction)


@dataclass(frozen=True, slots=True)
class Timecode:
    """A frame's label: `frames` counts from 00:00:00:00 of a day and stays within it.

    Adding and subtracting frames goes round the clock: the frame after 23:59:59:23 is 00:00:00:00.
    """

    frames: int
    rate: FrameRate
    drop: bool = False

    def __post_init__(self) -> None:
        if self.drop and not self.rate.can_drop:
            raise ValueError(
                f"Drop-frame timecode exists at 30000/1001 and 60000/1001 only, not at {self.rate}."
            )
        if not 0 <= self.frames < _frames_per_day(self.rate, drop=self.drop):
            raise ValueError(f"{self.frames} frames lie outside the 24 hours that timecode counts.")

    @classmethod
    def parse(cls, text: str, *, rate: FrameRate) -> Self:
        """Read `01:00:00:00`, or `01:00:00;00` (also `01;00;00;00`) for drop-frame."""
        match = _LABEL.fullmatch(text)
        if match is None or (match[2], match[5]) == (";", ":"):
            raise ValueError("Write timecode as HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame.")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 3, 4, 6))
        drop = match[5] == ";"
        if drop and not rate.can_drop:
            raise ValueError(f"There is no drop-frame timecode at {rate}; write {text.replace(';', ':')}.")
        _check_label(hours, minutes, seconds, frames, rate=rate, drop=drop)
        total_minutes = hours * 60 + minutes
        skipped = _dropped_per_minute(rate, drop=drop) * (total_minutes - total_minutes // 10)
        return cls((total_minutes * 60 + seconds) * rate.nominal + frames - skipped, rate, drop)

    @property
    def seconds(self) -> Fraction:
        """Real seconds from 00:00:00:00, exactly."""
        return self.frames / self.rate.fraction

    def frames_since(self, earlier: "Timecode") -> int:
        """How many frames run from `earlier` forward to this label, past midnight when need be."""
        if (earlier.rate, earlier.drop) != (self.rate, self.drop):
            raise ValueError("Timecodes of different rates or counting cannot be compared.")
        return (self.frames - earlier.frames) % _frames_per_day(self.rate, drop=self.drop)

    def __add__(self, frames: int) -> "Timecode":
        wrapped = (self.frames + frames) % _frames_per_day(self.rate, drop=self.drop)
        return Timecode(wrapped, self.rate, self.drop)

    def __sub__(self, frames: int) -> "Timecode":
        return self + -frames

    def __str__(self) -> str:
        label = self.frames + _labels_skipped(self)
        seconds, frames = divmod(label, self.rate.nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        width = len(str(self.rate.nominal - 1))  # 120 frames a second need three digits
        return f"{hours:02}:{minutes:02}:{seconds:02}{';' if self.drop else ':'}{frames:0{width}}"


@dataclass(frozen=True, slots=True)
class Sequence:
    """The editor's own sequence, as far as a delivery must match it."""

    frame_rate: FrameRate
    width: int
    height: int
    colour_space: ColourSpace
    playhead: Timecode
    handles_frames: int

    def __post_init__(self) -> None:
        if self.playhead.rate != self.frame_rate:
            raise ValueError("The playhead counts at another rate than the sequence.")
        for side in (self.width, self.height):
            _whole(side, low=MIN_SIDE, high=MAX_SIDE)
        _whole(self.handles_frames, low=0, high=MAX_HANDLES)

    @property
    def clip_start(self) -> Timecode:
        """Where a delivered clip's timecode starts: the playhead minus the handles."""
        return self.playhead - self.handles_frames

    @classmethod
    def from_json(cls, document: Mapping[str, object], *, pointer: str = "/sequence") -> Self:
        """Read the API's spelling; absent members take defaults; every problem is reported at once."""
        reader = _Reader(document, pointer)
        reader.refuse_unknown(set(_DEFAULTS))
        rate = reader.read("frame_rate", _rate)
        width = reader.read("width", lambda value: _whole(value, low=MIN_SIDE, high=MAX_SIDE))
        height = reader.read("height", lambda value: _whole(value, low=MIN_SIDE, high=MAX_SIDE))
        colour_space = reader.read("colour_space", _colour_space)
        # Without a readable rate the playhead's spelling cannot be judged.
        playhead = (
            None if rate is None else reader.read("playhead_timecode", lambda v: _timecode(v, rate=rate))
        )
        handles = reader.read("handles_frames", lambda value: _whole(value, low=0, high=MAX_HANDLES))
        if reader.problems:
            raise ValidationFailedError(reader.problems)
        assert rate is not None
        assert width is not None
        assert height is not None
        assert colour_space is not None
        assert playhead is not None
        assert handles is not None
        return cls(rate, width, height, colour_space, playhead, handles)

    def to_json(self) -> dict[str, str | int]:
        """The API's spelling."""
        return {
            "frame_rate": str(self.frame_rate),
            "width": self.width,
            "height": self.height,
            "colour_space": self.colour_space.value,
            "playhead_timecode": str(self.playhead),
            "handles_frames": self.handles_frames,
        }


def frames_for(seconds: Fraction, rate: FrameRate) -> int:
    """How many frames a duration takes: seconds times rate, half up."""
    return math.floor(seconds * rate.fraction + Fraction(1, 2))


_DEFAULTS: Final[Mapping[str, object]] = {
    "frame_rate": "24",
    "width": 1920,
    "height": 1080,
    "colour_space": ColourSpace.REC709.value,
    "playhead_timecode": "01:00:00:00",
    "handles_frames": 0,
}


class _Reader:
    """Reads members one by one and keeps what is wrong with each."""

    def __init__(self, document: Mapping[str, object], pointer: str) -> None:
        self._document = document
        self._pointer = pointer
        self.problems: list[FieldProblem] = []

    def refuse_unknown(self, known: set[str]) -> None:
        for name in sorted(set(self._document) - known):
            escaped = name.replace("~", "~0").replace("/", "~1")
            detail = f"A sequence has no such member; it has {', '.join(sorted(known))}."
            self.problems.append(FieldProblem(f"{self._pointer}/{escaped}", detail))

    def read(self, name: str, parse: Callable[[object], T]) -> T | None:
        try:
            return parse(self._document.get(name, _DEFAULTS[name]))
        except ValueError as error:
            self.problems.append(FieldProblem(f"{self._pointer}/{name}", str(error)))
            return None


def _rate(value: object) -> FrameRate:
    return FrameRate.parse(str(value))  # a JSON number is read as if it were quoted


def _timecode(value: object, *, rate: FrameRate) -> Timecode:
    return Timecode.parse(value if isinstance(value, str) else "", rate=rate)


def _colour_space(value: object) -> ColourSpace:
    if value not in list(ColourSpace):
        raise ValueError(f"Use one of {', '.join(ColourSpace)}.")
    return ColourSpace(str(value))


def _whole(value: object, *, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"Give a whole number from {low} to {high}.")
    return value


def _spelt_rates() -> str:
    return ", ".join(str(rate) for rate in SUPPORTED_RATES)


def _why_not_a_rate(text: str) -> str:
    if _DECIMAL.fullmatch(text):
        nearest = min(SUPPORTED_RATES, key=lambda rate: abs(rate - Fraction(text)))
        if abs(nearest - Fraction(text)) <= _DECIMAL_NEARNESS:
            return f'{text} is not exact; write "{nearest}".'
    return f"A frame rate is a whole number or a fraction; use one of {_spelt_rates()}."


def _check_label(hours: int, minutes: int, seconds: int, frames: int, *, rate: FrameRate, drop: bool) -> None:
    if hours > 23 or max(minutes, seconds) > 59:
        raise ValueError("Timecode runs from 00:00:00:00 to 23:59:59 and the last frame of that second.")
    if frames >= rate.nominal:
        raise ValueError(f"At {rate} the frames of a second run from 0 to {rate.nominal - 1}.")
    dropped = _dropped_per_minute(rate, drop=drop)
    if seconds == 0 and frames < dropped and minutes % 10:
        label = f"{hours:02}:{minutes:02}:00;"
        raise ValueError(f"Drop-frame skips {label}{frames:02}; that minute starts at {label}{dropped:02}.")


def _dropped_per_minute(rate: FrameRate, *, drop: bool) -> int:
    return rate.nominal // 15 if drop else 0  # 2 at 30000/1001, 4 at 60000/1001


def _frames_per_day(rate: FrameRate, *, drop: bool) -> int:
    return 86_400 * rate.nominal - _dropped_per_minute(rate, drop=drop) * 9 * 6 * 24


def _labels_skipped(timecode: Timecode) -> int:
    """How many labels drop-frame counting has left out by this frame."""
    dropped = _dropped_per_minute(timecode.rate, drop=timecode.drop)
    short_minute = timecode.rate.nominal * 60 - dropped
    ten_minutes = short_minute * 10 + dropped  # the tenth minute keeps all its labels
    tens, rest = divmod(timecode.frames, ten_minutes)
    return dropped * (9 * tens + max(0, rest - dropped) // short_minute)
