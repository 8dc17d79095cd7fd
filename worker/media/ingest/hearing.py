"""Finding a take's sound, in its movies or beside them, and laying it out under the picture."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from worker.media.ingest.found import FoundPart
from worker.media.ingest.movie import TakenMovie
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.ingest.sound import SoundFacts, SoundTrack, lay_sound
from worker.media.inspection.container import open_recording
from worker.media.inspection.kinds import type_of
from worker.media.inspection.verdict import RefusedError
from worker.media.sources.movie import open_clean


def hear_parts(movies: Sequence[TakenMovie], parts: Sequence[FoundPart], *, path: Path) -> SoundFacts | None:
    """The sound of chained movies, as one WAV file at `path`; None when none of them has any."""
    facts = None
    begins = Fraction(0)
    if not any(movie.has_sound for movie in movies):
        return None
    with SoundTrack(path) as track:
        for movie, part in zip(movies, parts, strict=True):
            rate = movie.pace.rate
            ends = begins + part.frame_count / rate
            if movie.has_sound:
                with movie.path.open("rb") as file, open_clean(file, movie.media_type) as container:
                    first = movie.pace.first + part.skip / rate
                    heard = lay_sound(track, container, picture_first=first, begins=begins, ends=ends)
                    facts = facts or heard
            track.be_silent(until_seconds=ends)
            begins = ends
    return facts


def hear_file(recording: Path, *, seconds: Fraction, path: Path) -> SoundFacts:
    """A recording that came beside the picture and starts with it."""
    try:
        with (
            SoundTrack(path) as track,
            recording.open("rb") as file,
            open_recording(file, type_of(recording)) as container,
        ):
            if not container.streams.audio:
                raise TakeRefusedError(Refusal.EMPTY, "The provider's sound file holds no sound.")
            return lay_sound(track, container, picture_first=Fraction(0), begins=Fraction(0), ends=seconds)
    except (av.FFmpegError, RefusedError) as error:
        detail = "The sound that the provider sent is damaged or no recording."
        raise TakeRefusedError(Refusal.DAMAGED, detail) from error
