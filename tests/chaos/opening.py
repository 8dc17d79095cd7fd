"""Media operations that open a movie to its end, measure nothing and draw nothing."""

import shutil
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import av

from plugin_backend.domain.sequence import ColourSpace
from worker.media.ingest.found import LIGHT_FILES, Found, FoundPart
from worker.media.ingest.work import IngestWork
from worker.media.operations import OperationContext

OPERATIONS: Final[Mapping[str, str]] = {"ingest_take": "tests.chaos.opening:ingest_take"}
PRELOAD: Final = ()

_SUFFIXES: Final = {"proxy": "mp4", "poster": "jpg", "contact_sheet": "jpg"}
_MEASURES: Final = {"luminance_peak_stops": 0.0, "motion_mean_widths_per_second": 0.1}


def ingest_take(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Decode every frame, keep the movie, and leave a file for each that a take has."""
    work = IngestWork.from_json(arguments)
    with av.open(str(work.folder / work.movies[0])) as movie:
        stream = movie.streams.video[0]
        width, height = stream.codec_context.width, stream.codec_context.height
        rate = Fraction(stream.average_rate or 24)
        count = sum(1 for _ in movie.decode(stream))
    context.progress(count, count)
    shutil.copy(work.folder / work.movies[0], work.folder / "part.mp4")
    files = {role: f"{role}.{_SUFFIXES.get(role, 'png')}" for role in LIGHT_FILES}
    for name in files.values():
        (work.folder / name).write_bytes(b"nobody looks")
    return Found(
        frame_rate=rate,
        frame_count=count,
        width=width,
        height=height,
        space=ColourSpace.REC709,
        movie_space=ColourSpace.REC709,
        parts=(FoundPart(file="part.mp4", first=Fraction(0), frame_count=count),),
        files=files,
        facts={"colour_space": "rec709", "audio": False},
        measures=_MEASURES,
    ).to_json()
