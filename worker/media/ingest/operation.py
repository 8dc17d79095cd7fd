"""Taking in what a provider made: every frame decoded within limits, measured, and laid into clean files.

Runs in a fresh child without storage, network or secrets (see worker/media/process.py). What it keeps are a
provider's coded pictures and sound in containers of ours, or its EXR frames rewritten; deliveries are made
from those. The parent's side is worker/media/ingest/parent.py.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import cv2

from plugin_backend.domain.sequence import ColourSpace
from worker.media.formats import MovieFormat
from worker.media.ingest.found import Found
from worker.media.ingest.hearing import hear_file, hear_parts
from worker.media.ingest.movie import TakenMovie, check_alike, take_movie
from worker.media.ingest.passing import dynamic_range
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.ingest.sound import SoundFacts
from worker.media.ingest.taking import Taken, take_frames, take_movies
from worker.media.ingest.work import IngestWork
from worker.media.join import join
from worker.media.measure import Measures
from worker.media.movie import MovieLabels
from worker.media.operations import OperationContext

_LIGHT: Final = {
    "proxy": "proxy.mp4",
    "poster": "poster.jpg",
    "contact_sheet": "contact_sheet.jpg",
    "first_frame": "first_frame.png",
    "last_frame": "last_frame.png",
}
_SOUND: Final = "sound.wav"
_DARK_STOPS: Final = -6.0  # a night sky is black on average, but its stars are not


def ingest_take(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Check and take in the files that `IngestWork` names; gives a `Found` as JSON.

    Raises TakeRefusedError, whose slug is a `Refusal`, for files that are no take.
    """
    cv2.setNumThreads(1)  # the threads here are enough
    work = IngestWork.from_json(arguments)
    movies = [
        take_movie(work.folder / name, number, declared=work.movie_space, context=context)
        for number, name in enumerate(work.movies)
    ]
    check_alike(movies)
    taken = (take_frames if work.exr else take_movies)(work, movies, context=context)
    measures = taken.making.save_stills(taken.passed, title=work.title)
    _refuse_black(measures)
    heard = _hear(work, movies, taken)
    _join_proxy(work, taken, has_sound=heard is not None)
    return Found(
        frame_rate=taken.rate,
        frame_count=taken.frame_count,
        width=taken.width,
        height=taken.height,
        space=taken.space,
        movie_space=movies[0].space if movies else ColourSpace.REC709,
        parts=taken.parts,
        exr_frames=taken.exr_frames,
        sound=None if heard is None else _SOUND,
        files=_LIGHT,
        facts=_facts(taken, heard, measures),
        measures=measures.to_json(),
    ).to_json()


def _refuse_black(measures: Measures) -> None:
    is_dark = measures.luminance_peak_stops < _DARK_STOPS
    if is_dark and measures.black_frame_count == measures.frame_count:
        raise TakeRefusedError(Refusal.BLACK, "Every frame that the provider sent is black.")


def _hear(work: IngestWork, movies: Sequence[TakenMovie], taken: Taken) -> SoundFacts | None:
    path = work.folder / _SOUND
    if work.sound is not None:
        seconds = Fraction(taken.frame_count) / taken.rate
        return hear_file(work.folder / work.sound, seconds=seconds, path=path)
    return hear_parts(movies, taken.parts, path=path)


def _join_proxy(work: IngestWork, taken: Taken, *, has_sound: bool) -> None:
    picture = work.folder / "picture.mp4"
    joined = join(
        [picture],
        work.folder / _LIGHT["proxy"],
        movie_format=MovieFormat.PROXY,
        rate=taken.rate,
        labels=MovieLabels(metadata={"com.plugin-backend.generator": work.label}),
        sound=work.folder / _SOUND if has_sound else None,
    )
    assert joined == taken.frame_count, "the proxy has the take's frames"
    picture.unlink()


def _facts(taken: Taken, heard: SoundFacts | None, measures: Measures) -> dict[str, Any]:
    return {
        **taken.facts,
        "dynamic_range": dynamic_range(measures, space=taken.space),
        "colour_space": taken.space.value,
        "audio": heard is not None,
        **({} if heard is None else heard.to_json()),
    }
