"""The parent's side of an ingest: a provider's files go into a child that knows nothing, a take comes out.

Files are copied from storage into a folder, read there by `ingest_take` in a fresh bounded child without
storage, network or secrets, and what it leaves is put into storage under the take's own keys. Nothing here
asks the provider for anything: whatever goes wrong, what was made is not made again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import structlog

from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.media_types import media_type_of
from plugin_backend.files.storage import Storage
from worker.media.ingest.found import Found
from worker.media.ingest.refusals import Refusal
from worker.media.ingest.storing import Keeper
from worker.media.ingest.work import EXR_NAME, IngestWork
from worker.media.process import OperationFailedError
from worker.providers.protocol import FetchRefusedError, MediaRunner, StoredTake

_SENTENCE_LENGTH: Final = 300

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What only the caller knows of a take."""

    title: str
    """Heads the contact sheet: the shot's label or prompt."""
    label: str
    """What made the picture, as files and reports say it: the model's label."""
    movie_space: ColourSpace = ColourSpace.REC709
    """Of a movie that does not say it itself."""
    exr_space: ColourSpace = ColourSpace.ACES2065_1
    """Of EXR frames that do not say it themselves."""


def ingest(
    fetched: Mapping[str, Any], *, take_id: str, telling: Telling, storage: Storage, run: MediaRunner
) -> StoredTake:
    """Make a take of what was fetched; run again, it writes the same keys.

    `fetched["files"]` lists what `fetch` left in storage, each `{role, key, bytes}`, with roles `movie` (the
    parts of a chained take in the order they play), `exr` (an archive, or frames in order) and `audio`;
    other roles are left alone. Raises `FetchRefusedError("provider-failed", sentence)` for files that are no
    take (of another type, cut short, damaged, empty, black, too long, too large), which ends the take and
    leads to no other submission. What a worker can do better the next time (a child killed, storage away)
    comes out as it is.
    """
    with run.folder() as folder:
        keeper = Keeper(storage, folder, alive=run.alive)
        work = _copied(fetched["files"], keeper=keeper, telling=telling)
        found = _read(work, run=run)
        originals = [file["key"] for file in fetched["files"]]
        return _stored(found, f"takes/{take_id}", keeper=keeper, label=telling.label, originals=originals)


def _copied(files: Sequence[Mapping[str, Any]], *, keeper: Keeper, telling: Telling) -> IngestWork:
    """The files in the folder, named by us: a provider's own names are not looked at."""
    names: dict[str, list[str]] = {"movie": [], "exr": [], "audio": []}
    for file in files:
        if file["role"] in names:
            name = f"{file['role']}.{len(names[file['role']]):04d}"
            keeper.bring(file["key"], name, size=file["bytes"])
            names[file["role"]].append(name)
    if not names["movie"] and not names["exr"]:
        raise FetchRefusedError("provider-failed", "The provider sent neither a movie nor frames.")
    return IngestWork(
        folder=keeper.folder,
        movies=tuple(names["movie"]),
        exr=tuple(names["exr"]),
        sound=next(iter(names["audio"]), None),
        title=telling.title,
        label=telling.label,
        movie_space=telling.movie_space,
        exr_space=telling.exr_space,
    )


def _read(work: IngestWork, *, run: MediaRunner) -> Found:
    try:
        return Found.from_json(run("ingest_take", work.to_json()), folder=work.folder)
    except OperationFailedError as error:
        if error.slug not in list(Refusal):
            raise
        raise FetchRefusedError("provider-failed", _plain(error.detail)) from error
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("an ingest made no sense", reason=str(error))
        raise FetchRefusedError("provider-failed", "What the provider sent could not be read.") from error


def _plain(sentence: str) -> str:
    """The child read a stranger's file: its words are shown, but not believed to be harmless."""
    return "".join(letter for letter in sentence if letter.isprintable())[:_SENTENCE_LENGTH]


def _stored(found: Found, prefix: str, *, keeper: Keeper, label: str, originals: Sequence[str]) -> StoredTake:
    source = _source(found, prefix, keeper=keeper) | {"originals": list(originals)}
    files = {
        role: keeper.keep(name, f"{prefix}/{_key_name(role, name)}") for role, name in found.files.items()
    }
    if found.sound is not None:
        files["sound"] = keeper.keep(found.sound, f"{prefix}/sound{Path(found.sound).suffix}")
    return StoredTake(
        source=source, files=files, facts=_facts(found, label=label), measures=dict(found.measures)
    )


def _key_name(role: str, name: str) -> str:
    return f"{role}{Path(name).suffix}"


def _source(found: Found, prefix: str, *, keeper: Keeper) -> dict[str, Any]:
    movie = _movie_source(found, prefix, keeper=keeper) if found.parts else None
    if not found.exr_frames:
        assert movie is not None, "an ingest finds a movie or frames"
        return movie
    pattern = f"{prefix}/exr/{{frame:06d}}.exr"
    for frame in range(found.exr_frames):
        keeper.keep(EXR_NAME.format(frame=frame), pattern.format(frame=frame))
    return {
        "kind": "exr",
        "pattern": pattern,
        "first": 0,
        "colour_space": found.space.value,
        **_shape(found),
        "movie": movie,
    }


def _movie_source(found: Found, prefix: str, *, keeper: Keeper) -> dict[str, Any]:
    parts = []
    for number, part in enumerate(found.parts):
        kept = keeper.keep(part.file, f"{prefix}/source/{number}{Path(part.file).suffix}")
        parts.append({**part.to_json(), **kept, "media_type": media_type_of(part.file)})
    return {
        "kind": "movie",
        "parts": parts,
        "colour_space": found.movie_space.value,
        **_shape(found),
        "audio": found.sound is not None,
    }


def _shape(found: Found) -> dict[str, Any]:
    return {"frame_rate": str(found.frame_rate), "width": found.width, "height": found.height}


def _facts(found: Found, *, label: str) -> dict[str, Any]:
    return {
        **found.facts,
        **_shape(found),
        "frame_count": found.frame_count,
        "duration": str(Fraction(found.frame_count) / found.frame_rate),
        "joints": list(_joints(found)),
        "label": label,
    }


def _joints(found: Found) -> Iterator[dict[str, Any]]:
    """Where chained parts meet, and what was dropped there."""
    frame = 0
    for before, part in zip(found.parts, found.parts[1:], strict=False):
        frame += before.frame_count
        yield {"frame": frame, "dropped": part.skip, "difference_codes": part.difference}
