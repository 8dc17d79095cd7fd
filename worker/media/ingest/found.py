"""What an ingest says of a take: files in its folder, and facts. The parent believes nothing of it unread."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Self

from plugin_backend.domain.sequence import ColourSpace

LIGHT_FILES: Final = ("proxy", "poster", "contact_sheet", "first_frame", "last_frame")
_TEXT_LENGTH: Final = 200
_MOST: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPart:
    """One movie of the take, laid into a clean container; parts play one after the other."""

    file: str
    first: Fraction
    """When its first frame shows, in seconds of its own clock."""
    frame_count: int
    """How many frames of it are played: without what is skipped."""
    skip: int = 0
    """Frames left out at its beginning, because the part before ended with them."""
    difference: float | None = None
    """How far its first frame is from the last before it, in 8-bit codes; None for the first part."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, fractions as text."""
        return {
            "file": self.file,
            "first": str(self.first),
            "frame_count": self.frame_count,
            "skip": self.skip,
            "difference": self.difference,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything an ingest found and made; names are of files in its folder."""

    frame_rate: Fraction
    frame_count: int
    width: int
    height: int
    space: ColourSpace
    """Of what deliveries are made from: the frames if there are any, else the movie."""
    movie_space: ColourSpace
    parts: tuple[FoundPart, ...] = ()
    exr_frames: int = 0
    sound: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    measures: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it goes over the pipe."""
        return {
            "frame_rate": str(self.frame_rate),
            "frame_count": self.frame_count,
            "width": self.width,
            "height": self.height,
            "space": self.space.value,
            "movie_space": self.movie_space.value,
            "parts": [part.to_json() for part in self.parts],
            "exr_frames": self.exr_frames,
            "sound": self.sound,
            "files": dict(self.files),
            "facts": dict(self.facts),
            "measures": dict(self.measures),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any], *, folder: Path) -> Self:
        """Read what a child said; KeyError, TypeError or ValueError when it makes no sense."""
        return cls(
            frame_rate=_positive(document["frame_rate"]),
            frame_count=_whole(document["frame_count"], least=1),
            width=_whole(document["width"], least=1),
            height=_whole(document["height"], least=1),
            space=ColourSpace(document["space"]),
            movie_space=ColourSpace(document["movie_space"]),
            parts=tuple(_part(part, folder=folder) for part in document["parts"]),
            exr_frames=_whole(document["exr_frames"]),
            sound=None if document["sound"] is None else _name(document["sound"], folder=folder),
            files={role: _name(document["files"][role], folder=folder) for role in LIGHT_FILES},
            facts=_plain_members(document["facts"]),
            measures=_plain_members(document["measures"]),
        )


def _part(document: Mapping[str, Any], *, folder: Path) -> FoundPart:
    difference = document["difference"]
    return FoundPart(
        file=_name(document["file"], folder=folder),
        first=_fraction(document["first"]),
        frame_count=_whole(document["frame_count"], least=1),
        skip=_whole(document["skip"]),
        difference=None if difference is None else _number(difference),
    )


def _whole(value: object, *, least: int = 0) -> int:
    if type(value) is not int or not least <= value < _MOST:
        raise ValueError("The ingest gave no whole number.")
    return value


def _number(value: object) -> float:
    if type(value) not in (int, float) or not math.isfinite(float(str(value))):
        raise ValueError("The ingest gave no number.")
    return float(str(value))


def _fraction(value: object) -> Fraction:
    return Fraction(str(value)[:60])


def _positive(value: object) -> Fraction:
    found = _fraction(value)
    if not 0 < found <= 1000:
        raise ValueError("The ingest gave no frame rate.")
    return found


def _plain_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """Flat facts: texts, numbers, flags and nothing else."""
    if len(document) > 60:
        raise ValueError("The ingest gave more facts than there are.")
    return {_text(name): _plain(value) for name, value in document.items()}


def _plain(value: object) -> str | int | float | bool | None:
    match value:
        case None | bool():
            return value
        case int():
            return _whole(value, least=-_MOST)
        case float():
            return _number(value)
        case _:
            return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _TEXT_LENGTH or not value.isprintable():
        raise ValueError("The ingest gave no short text.")
    return value


def _name(value: object, *, folder: Path) -> str:
    if not isinstance(value, str) or value != Path(value).name or not (folder / value).is_file():
        raise ValueError("The ingest named a file that is not in its folder.")
    if (folder / value).is_symlink():
        raise ValueError("The ingest left a link where a file should be.")
    return value
