"""One pass over a take's pictures makes its proxy, its stills and its measured facts; nothing is read twice.

A long take is passed over in chunks, each a segment movie and a `PassFacts`; those add up to the whole's.
"""

import json
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.colour import DisplayTransform, display_transform
from worker.media.formats import MovieFormat
from worker.media.kernels import Half, Picture, Rgb16
from worker.media.measure import Tally, tally_frame
from worker.media.movie import MovieLabels, MovieWriter
from worker.media.stills import Still, encode_jpeg, in_order, kept_frames

PROXY_SHORT_SIDE: Final = 540


@dataclass(frozen=True, slots=True)
class PassFacts:
    """What a pass found in its run of frames."""

    tally: Tally
    stills: tuple[Still, ...]

    def __add__(self, other: "PassFacts") -> "PassFacts":
        """This run followed by the next."""
        return PassFacts(self.tally + other.tally, in_order(self.stills + other.stills))

    def save(self, path: Path) -> None:
        """Keep it for the step that puts the chunks together."""
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(_entry("tally.json"), json.dumps(self.tally.to_json()))
            for still in self.stills:
                archive.writestr(_entry(f"{still.frame}.jpg"), still.jpeg)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read back what `save` wrote."""
        with zipfile.ZipFile(path) as archive:
            tally = Tally.from_json(json.loads(archive.read("tally.json")))
            names = [name for name in archive.namelist() if name.endswith(".jpg")]
            stills = in_order(Still(int(Path(name).stem), archive.read(name)) for name in names)
        return cls(tally, stills)


class ProxyPass:
    """Writes a proxy (or one segment of it) of scene-linear pictures of any size, and keeps the facts.

    `first_frame` and `clip_frames` place this run in its clip.
    """

    def __init__(
        self,
        path: Path,
        *,
        rate: Fraction,
        width: int,
        height: int,
        clip_frames: int,
        first_frame: int = 0,
        labels: MovieLabels | None = None,
        transform: DisplayTransform | None = None,
        threads: int = 2,
        is_segment: bool = False,
    ) -> None:
        self._size = (width, height)
        self._next_frame = first_frame
        self._wanted = frozenset(kept_frames(clip_frames))
        self._transform = transform or display_transform(ColourSpace.REC709)
        self._tally: Tally | None = None
        self._stills: list[Still] = []
        self._movie = MovieWriter(
            path,
            movie_format=MovieFormat.PROXY,
            rate=rate,
            width=width,
            height=height,
            colour_space=ColourSpace.REC709,
            labels=labels,
            threads=threads,
            is_segment=is_segment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._movie.__exit__(kind, error, trace)

    def write(self, picture: Picture | Half) -> None:
        """Take in the next picture."""
        shown = self._transform.apply(resized(picture, width=self._size[0], height=self._size[1]))
        self.write_shown(shown, tally=tally_frame(picture, shown=shown))

    def write_shown(self, shown: Rgb16, *, tally: Tally) -> None:
        """Take in the next picture as it is shown at the proxy's size, measured already."""
        self._movie.write(shown)
        self._tally = tally if self._tally is None else self._tally + tally
        if self._next_frame in self._wanted:
            self._stills.append(Still(self._next_frame, encode_jpeg(kernels.rgb16_to_rgb8(shown))))
        self._next_frame += 1

    @property
    def facts(self) -> PassFacts:
        """What has been found so far."""
        if self._tally is None:
            raise ValueError("No frame has been taken in yet.")
        return PassFacts(self._tally, tuple(self._stills))


def proxy_size(width: int, height: int, *, short_side: int = PROXY_SHORT_SIDE) -> tuple[int, int]:
    """The proxy's size: the picture's shape, its short side at most `short_side`, both sides even."""
    scale = min(Fraction(1), Fraction(short_side, min(width, height)))
    return _even(width * scale), _even(height * scale)


def resized(picture: Picture | Half, *, width: int, height: int) -> Picture | Half:
    """Scene-linear resizing: areas average when it shrinks, as light does; smooth when it grows."""
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = width <= picture.shape[1] and height <= picture.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    floats = kernels.to_float(picture)
    return np.asarray(cv2.resize(floats, (width, height), interpolation=way), dtype=np.float32)


def _even(side: Fraction) -> int:
    return max(2, round(side / 2) * 2)


def _entry(name: str) -> zipfile.ZipInfo:
    """A member without a date, so that equal facts are equal bytes."""
    return zipfile.ZipInfo(name)
