"""`.otioz`: the cut and its media in one zip, for whoever is handed a single file.

It holds each clip's movie: frames have no place in such a bundle, so theirs is the movie beside them
(docs/decisions/0013-one-movie-in-a-bundle.md). Packing is left to who streams the media.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from worker.timeline import otio_json
from worker.timeline.model import Clip, MediaReference, Timeline, UnwritableTimelineError

SUFFIX: Final = ".otioz"
_FOLDER: Final = "media"
_VERSION: Final = b"1.0.0"


def documents(timeline: Timeline) -> Mapping[str, bytes]:
    """The bundle's small files by their names in it, in the order readers look for them."""
    clips = tuple(_packed(item) if isinstance(item, Clip) else item for item in timeline.clips)
    return {"version.txt": _VERSION, "content.otio": otio_json.write(replace(timeline, clips=clips))}


def media(timeline: Timeline) -> Mapping[str, str]:
    """The names in the bundle of the movies that go into it, each with the file beside the timeline it is."""
    names: dict[str, str] = {}
    for _, clip in timeline.placed_clips():
        name = _inside(clip.movie)
        if names.setdefault(name, clip.movie.file) != clip.movie.file:
            raise UnwritableTimelineError(f"Two files are called {name}: a bundle has one folder of media.")
    return names


def _packed(clip: Clip) -> Clip:
    return replace(clip, media=replace(clip.movie, file=_inside(clip.movie)), alternate=None, proxy=None)


def _inside(movie: MediaReference) -> str:
    return f"{_FOLDER}/{PurePosixPath(movie.file).name}"
