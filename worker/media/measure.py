"""Measured facts of a clip, frame by frame: light, motion, steadiness. Nothing here is estimated by a model.

A `Tally` is what is known of some run of frames; a single frame is a run of one, and `+` joins neighbouring
runs, looking at the frames where they meet. So a clip measured in chunks measures the same as in one go.
"""

import base64
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.media import kernels
from worker.media.kernels import Half, Picture, Rgb8, Rgb16
from worker.media.motion import Grey, Motion, motion_between

_GREY_WIDTH: Final = 320  # sharpness is read here, motion at half of it
_MOST_GREY_HEIGHT: Final = 4 * _GREY_WIDTH
_BINS_PER_STOP: Final = 8
_LOWEST_STOP: Final = -14
_BINS: Final = 28 * _BINS_PER_STOP
_BLACK_BELOW_CODES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Measures:
    """The facts of a clip. Stops count from diffuse white; speeds are in picture widths a second.

    Directions are those the picture's content moves in: 0 right, 90 up. A positive zoom means it grows.
    """

    frame_rate: Fraction
    frame_count: int
    duration_seconds: Fraction
    luminance_mean: float  # scene-linear, 1.0 = diffuse white
    luminance_p1_stops: float
    luminance_p50_stops: float
    luminance_p99_stops: float
    luminance_peak_stops: float
    motion_mean_widths_per_second: float
    motion_peak_widths_per_second: float
    motion_direction_degrees: float | None  # none when the content has no common direction
    motion_zoom_per_second: float
    flicker_codes: float  # mean departure from the neighbours' brightness, in 8-bit codes
    sharpness_codes: float  # strength of fine detail at 320 wide, in 8-bit codes
    black_frame_count: int
    frozen_frame_count: int
    cut_count: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: rates and durations as the API spells them, floats rounded to what they mean."""
        found: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            found[name] = round(value, 4) if isinstance(value, float) else value
        found["frame_rate"] = str(self.frame_rate)
        found["duration_seconds"] = round(float(self.duration_seconds), 6)
        return found


@dataclass(frozen=True, slots=True)
class _Steadiness:
    """Brightness against its neighbours'; the outermost two at each end wait for the next run."""

    head: tuple[float, ...]
    tail: tuple[float, ...]
    departure: float = 0.0
    triples: int = 0

    def followed_by(self, other: "_Steadiness", *, is_one: bool, adds_one: bool) -> "_Steadiness":
        """Single frames are told: of more than one, a head or tail as short ends at a gap, and is whole."""
        seam = self.tail + other.head
        met = [abs(seam[i] - (seam[i - 1] + seam[i + 1]) / 2) for i in range(1, len(seam) - 1)]
        return _Steadiness(
            (self.head + other.head)[:2] if is_one else self.head,
            (self.tail + other.tail)[-2:] if adds_one else other.tail,
            self.departure + other.departure + sum(met),
            self.triples + other.triples + len(met),
        )

    def apart(self, other: "_Steadiness") -> "_Steadiness":
        return _Steadiness(
            self.head, other.tail, self.departure + other.departure, self.triples + other.triples
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of a run of frames; small, whatever its length."""

    frames: int
    luminance: float  # sum of the frames' means
    peak: float
    histogram: NDArray[np.int64]  # of luminance, eight bins a stop
    sharpness: float
    black: int
    motion: Motion
    steadiness: _Steadiness
    first: Grey
    last: Grey

    def __add__(self, other: "Tally") -> "Tally":
        """This run followed by the next."""
        met = motion_between(self.last, other.first)
        steadiness = self.steadiness.followed_by(
            other.steadiness, is_one=self.frames == 1, adds_one=other.frames == 1
        )
        return self._with(other, motion=self.motion + met + other.motion, steadiness=steadiness)

    def apart(self, other: "Tally") -> "Tally":
        """This run, and one after a gap: where they meet nothing is compared."""
        steadiness = self.steadiness.apart(other.steadiness)
        return self._with(other, motion=self.motion + other.motion, steadiness=steadiness)

    def _with(self, other: "Tally", *, motion: Motion, steadiness: _Steadiness) -> "Tally":
        return Tally(
            self.frames + other.frames,
            self.luminance + other.luminance,
            max(self.peak, other.peak),
            self.histogram + other.histogram,
            self.sharpness + other.sharpness,
            self.black + other.black,
            motion,
            steadiness,
            self.first,
            other.last,
        )

    @property
    def mean_stops(self) -> float:
        """The mean light, against diffuse white."""
        return _stops(self.luminance / self.frames)

    @property
    def peak_stops(self) -> float:
        """The brightest pixel, against diffuse white."""
        return _stops(self.peak)

    @property
    def brightness(self) -> float:
        """Of the first frame, as shown, in 8-bit codes."""
        return self.steadiness.head[0]

    def measures(self, rate: Fraction) -> Measures:
        """The facts, at the rate the frames play."""
        motion, per_second = self.motion, float(rate) / max(1, self.motion.pairs)
        return Measures(
            frame_rate=rate,
            frame_count=self.frames,
            duration_seconds=self.frames / rate,
            luminance_mean=self.luminance / self.frames,
            luminance_p1_stops=luminance_stops(self, 0.01),
            luminance_p50_stops=luminance_stops(self, 0.5),
            luminance_p99_stops=luminance_stops(self, 0.99),
            luminance_peak_stops=self.peak_stops,
            motion_mean_widths_per_second=motion.speed * per_second,
            motion_peak_widths_per_second=motion.peak_speed * float(rate),
            motion_direction_degrees=motion.direction_degrees,
            motion_zoom_per_second=motion.zoom * per_second,
            flicker_codes=self.steadiness.departure / max(1, self.steadiness.triples),
            sharpness_codes=self.sharpness / self.frames,
            black_frame_count=self.black,
            frozen_frame_count=motion.frozen,
            cut_count=motion.cuts,
        )

    def to_json(self) -> dict[str, Any]:
        """Everything needed to go on in another process."""
        return {
            "frames": self.frames,
            "luminance": self.luminance,
            "peak": self.peak,
            "histogram": {str(i): int(self.histogram[i]) for i in np.flatnonzero(self.histogram)},
            "sharpness": self.sharpness,
            "black": self.black,
            "motion": {name: getattr(self.motion, name) for name in Motion.__dataclass_fields__},
            "steadiness": {name: getattr(self.steadiness, name) for name in _Steadiness.__dataclass_fields__},
            "first": _packed(self.first),
            "last": _packed(self.last),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        histogram = np.zeros(_BINS, dtype=np.int64)
        for index, count in document["histogram"].items():
            histogram[int(index)] = count
        steadiness = document["steadiness"]
        ends = {name: tuple(steadiness[name]) for name in ("head", "tail")}
        return cls(
            frames=document["frames"],
            luminance=document["luminance"],
            peak=document["peak"],
            histogram=histogram,
            sharpness=document["sharpness"],
            black=document["black"],
            motion=Motion(**document["motion"]),
            steadiness=_Steadiness(**(steadiness | ends)),
            first=_unpacked(document["first"]),
            last=_unpacked(document["last"]),
        )


class Measurer:
    """Measures frames as they pass; feed every frame once, in order."""

    def __init__(self) -> None:
        self._tally: Tally | None = None

    def add(self, picture: Picture | Half, *, shown: Rgb16 | Rgb8) -> None:
        """One frame: scene-linear for its light, and as shown for what an eye makes of it."""
        frame = tally_frame(picture, shown=shown)
        self._tally = frame if self._tally is None else self._tally + frame

    @property
    def tally(self) -> Tally:
        """What is known so far."""
        if self._tally is None:
            raise ValueError("No frame has been measured yet.")
        return self._tally


def tally_frame(picture: Picture | Half, *, shown: Rgb16 | Rgb8) -> Tally:
    """A run of one frame of scene-linear light."""
    luminance, peak = kernels.luminance_thumbnail(picture)
    return tally_light(luminance, peak, shown=shown)


def tally_light(luminance: NDArray[np.float32], peak: float, *, shown: Rgb16 | Rgb8) -> Tally:
    """A run of one frame whose light is known already: small, box-averaged, and its brightest pixel."""
    grey = _grey(shown)
    small = _resized(grey, grey.shape[1] // 2, grey.shape[0] // 2)
    brightness = float(grey.mean())
    return Tally(
        frames=1,
        luminance=float(luminance.mean()),
        peak=peak,
        histogram=_histogram(luminance),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).std()),
        black=int(brightness < _BLACK_BELOW_CODES),
        motion=Motion(),
        steadiness=_Steadiness((brightness,), (brightness,)),
        first=small,
        last=small,
    )


def _grey(shown: Rgb16 | Rgb8) -> Grey:
    height, width = shown.shape[:2]
    rgb = kernels.rgb16_to_rgb8(shown)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = min(_GREY_WIDTH / width, _MOST_GREY_HEIGHT / height)  # a tower would be enlarged without end
    return _resized(grey, *(max(2, round(side * scale / 2) * 2) for side in (width, height)))


def _resized(grey: Grey, width: int, height: int) -> Grey:
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _histogram(luminance: NDArray[np.float32]) -> NDArray[np.int64]:
    stops = np.log2(np.maximum(luminance, 2.0**_LOWEST_STOP))
    bins = np.clip((stops - _LOWEST_STOP) * _BINS_PER_STOP, 0, _BINS - 1).astype(np.int64)
    return np.bincount(bins.reshape(-1), minlength=_BINS).astype(np.int64)


def luminance_stops(tally: Tally, share: float) -> float:
    """The light that so much of the picture is darker than, against diffuse white."""
    counts = np.cumsum(tally.histogram)
    found = int(np.searchsorted(counts, share * counts[-1]))
    return _LOWEST_STOP + (found + 0.5) / _BINS_PER_STOP


def _stops(luminance: float) -> float:
    return math.log2(max(luminance, 2.0**_LOWEST_STOP))


def _packed(grey: Grey) -> dict[str, Any]:
    data = base64.b64encode(zlib.compress(grey.tobytes(), 6)).decode()
    return {"height": grey.shape[0], "width": grey.shape[1], "data": data}


def _unpacked(document: Mapping[str, Any]) -> Grey:
    pixels = np.frombuffer(zlib.decompress(base64.b64decode(document["data"])), dtype=np.uint8)
    return pixels.reshape(document["height"], document["width"])
