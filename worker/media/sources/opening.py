"""Opening a take's source as its row tells it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, BinaryIO, cast

from plugin_backend.domain.delivering.conform_plan import SourceFacts
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import Storage
from worker.media.sources.frames import FrameSource
from worker.media.sources.movie import MoviePart, MovieSource
from worker.media.sources.protocol import SourceReader
from worker.media.sources.stored_file import StoredFile


def open_source(
    document: Mapping[str, Any], *, facts: SourceFacts, storage: Storage, expands: bool = False
) -> SourceReader:
    """The reader of a source of any kind: `frames` of ours, a provider's `exr` frames, or its `movie`."""
    match document["kind"]:
        case "frames" | "exr":
            return FrameSource(storage, document["pattern"], document["first"], facts)
        case "movie":
            return MovieSource(
                parts=tuple(MoviePart.from_json(part) for part in document["parts"]),
                rate=Fraction(document["frame_rate"]),
                space=ColourSpace(document["colour_space"]),
                opened=lambda key: cast("BinaryIO", StoredFile(storage, key)),
                expands=expands,
            )
        case kind:
            raise ValueError(f"A take's source is frames, exr or movie, not {kind!r}.")
