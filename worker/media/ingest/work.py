"""What an ingest is asked: the files in its folder, and what the provider says they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from plugin_backend.domain.sequence import ColourSpace

EXR_NAME: Final = "frame.{frame:06d}.exr"
"""What an ingest names the frames it unpacks, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestWork:
    """The arguments of `ingest_take`; names are of files in `folder`."""

    folder: Path
    movies: tuple[str, ...]
    """In the order they play."""
    exr: tuple[str, ...] = ()
    """Archives of frames, or frames, in the order they play."""
    sound: str | None = None
    title: str
    label: str
    """What made the picture; the proxy says it."""
    movie_space: ColourSpace = ColourSpace.REC709
    """Of a movie that does not say it itself."""
    exr_space: ColourSpace = ColourSpace.ACES2065_1
    """Of frames that do not say it themselves: `acescg` or `aces2065-1`."""

    def to_json(self) -> dict[str, Any]:
        """As it goes over the pipe."""
        return {
            "folder": str(self.folder),
            "movies": list(self.movies),
            "exr": list(self.exr),
            "sound": self.sound,
            "title": self.title,
            "label": self.label,
            "movie_space": self.movie_space.value,
            "exr_space": self.exr_space.value,
        }

    @classmethod
    def from_json(cls, arguments: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(
            folder=Path(arguments["folder"]),
            movies=tuple(arguments["movies"]),
            exr=tuple(arguments["exr"]),
            sound=arguments["sound"],
            title=arguments["title"],
            label=arguments["label"],
            movie_space=ColourSpace(arguments["movie_space"]),
            exr_space=ColourSpace(arguments["exr_space"]),
        )
