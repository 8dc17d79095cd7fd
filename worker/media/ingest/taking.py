"""The two ways a take comes: as movies, or as EXR frames that movies may lie beside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.sequence import ColourSpace
from worker.media.ingest.archive import frame_count
from worker.media.ingest.bounds import check_length
from worker.media.ingest.decoding import played
from worker.media.ingest.found import FoundPart
from worker.media.ingest.joining import Joining
from worker.media.ingest.movie import TakenMovie
from worker.media.ingest.passing import Pass
from worker.media.ingest.unpacking import Unpacking
from worker.media.ingest.work import IngestWork
from worker.media.operations import OperationContext
from worker.media.proxy import PassFacts

_LONELY_RATE: Final = Fraction(24)  # of frames without a movie: what every provider of frames counts in
_RANGES: Final = {True: "full", False: "limited"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A take that was passed over once."""

    making: Pass
    passed: PassFacts
    rate: Fraction
    width: int
    height: int
    space: ColourSpace
    parts: tuple[FoundPart, ...]
    exr_frames: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def frame_count(self) -> int:
        """Frames that are played."""
        return self.passed.tally.frames


def take_movies(work: IngestWork, movies: Sequence[TakenMovie], *, context: OperationContext) -> Taken:
    """Movies, played one after the other."""
    first = movies[0]
    frames = sum(movie.pace.frame_count for movie in movies)
    check_length(frames, first.pace.rate)
    making = Pass(
        work.folder,
        rate=first.pace.rate,
        width=first.width,
        height=first.height,
        frames=frames,
        context=context,
    )
    joining = Joining(movies)
    passed = making.run(joining.frames(making.convert))
    return Taken(
        making=making,
        passed=passed,
        rate=first.pace.rate,
        width=first.width,
        height=first.height,
        space=first.space,
        parts=tuple(joining.parts),
        facts=_movie_facts(first, is_even=all(movie.pace.is_even for movie in movies)),
    )


def take_frames(work: IngestWork, movies: Sequence[TakenMovie], *, context: OperationContext) -> Taken:
    """EXR frames; movies beside them are decoded to their ends, and kept."""
    paths = [work.folder / name for name in work.exr]
    rate = movies[0].pace.rate if movies else _LONELY_RATE
    frames = frame_count(paths)
    check_length(frames, rate)
    unpacking = Unpacking(paths, folder=work.folder, rate=rate, declared=work.exr_space)
    height, width = unpacking.look().pixels.shape[:2]
    making = Pass(work.folder, rate=rate, width=width, height=height, frames=frames, context=context)
    passed = making.run(unpacking.frames(making.convert))
    assert unpacking.first is not None, "a pass has frames"
    beside = _movie_facts(movies[0], is_even=movies[0].pace.is_even) if movies else {}
    return Taken(
        making=making,
        passed=passed,
        rate=rate,
        width=width,
        height=height,
        space=unpacking.first.space,
        parts=tuple(_checked(movie, context=context) for movie in movies),
        exr_frames=unpacking.count,
        facts={
            **{f"movie_{name}": value for name, value in beside.items()},
            "codec": "exr",
            "bit_depth": 16,
            "exr_compression": unpacking.first.compression,
            "exr_broken_values": unpacking.broken_values,
        },
    )


def _checked(movie: TakenMovie, *, context: OperationContext) -> FoundPart:
    """A movie beside frames: it is not measured, but every frame of it must be there."""
    count = 0
    for count, _ in enumerate(played(movie), 1):
        context.progress(count, movie.pace.frame_count + 1)
    return FoundPart(file=movie.path.name, first=movie.pace.first, frame_count=count)


def _movie_facts(movie: TakenMovie, *, is_even: bool) -> dict[str, Any]:
    """What the movie's own headers say, and what its clock shows."""
    return {
        "codec": movie.codec,
        "pixel_format": movie.pixel_format,
        "bit_depth": movie.bit_depth,
        "primaries": movie.tags.primaries,
        "transfer": movie.tags.transfer,
        "matrix": movie.tags.matrix,
        "range": _RANGES[movie.tags.is_full_range],
        "evenly_timed": is_even,
    }
