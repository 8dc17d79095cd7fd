"""What an inspection says: facts and a clean copy of a good file, or the sentence that refuses a bad one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Self


class RefusedError(Exception):
    """The file cannot be used; the text is the sentence a person reads, and it names the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`file`, `poster` and `rendition` are names in the folder the inspection was given."""

    kind: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: Fraction | None = None
    frame_rate: Fraction | None = None
    file: str | None = None
    poster: str | None = None
    rendition: str | None = None
    """A picture as providers are given it."""
    problem: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the asset may be used."""
        return self.problem is None

    def to_json(self) -> dict[str, Any]:
        """Fractions as text."""
        found = asdict(self)
        for name in ("duration_seconds", "frame_rate"):
            if found[name] is not None:
                found[name] = str(found[name])
        return found

    @classmethod
    def from_json(cls, document: Mapping[str, Any], *, folder: Path) -> Self:
        """Read what a child said, believing nothing: it may have been taken over by the file it read."""
        return cls(
            kind=_text(document["kind"]),
            media_type=_text(document["media_type"]),
            width=_whole(document["width"]),
            height=_whole(document["height"]),
            duration_seconds=_fraction(document["duration_seconds"]),
            frame_rate=_fraction(document["frame_rate"]),
            file=_name(document["file"], folder=folder),
            poster=_name(document["poster"], folder=folder),
            rendition=_name(document["rendition"], folder=folder),
            problem=_text(document["problem"]),
        )


def _text(value: object) -> str | None:
    if value is not None and not (isinstance(value, str) and len(value) <= 500):
        raise ValueError("The inspection gave no short text.")
    return value


def _whole(value: object) -> int | None:
    if value is not None and not (type(value) is int and 0 < value < 1 << 20):
        raise ValueError("The inspection gave no size.")
    return value


def _fraction(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value)[:60])


def _name(value: object, *, folder: Path) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value != Path(value).name or not (folder / value).is_file():
        raise ValueError("The inspection named a file that is not in its folder.")
    if (folder / value).is_symlink():
        raise ValueError("The inspection left a link where a file should be.")
    return value
