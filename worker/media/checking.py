"""Reading a delivery's finished files back, to check them against what was asked for."""

import wave
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from plugin_backend.domain.delivering.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.files.storage import Storage
from worker.media.ahead import ahead
from worker.media.conform import movie_format
from worker.media.conformance import (
    Check,
    compared,
    frame_checks,
    merged,
    movie_checks,
    recording_check,
    unread,
)
from worker.media.formats import MOVIE_FORMATS
from worker.media.hdr import HdrFacts, LightLevels
from worker.media.readback.frames import FrameFound, read_frame
from worker.media.readback.movie import read_movie
from worker.media.readback.stored import sha256_of, stored_sha256

_FRAMES_READ: Final = 5  # of a sequence, its first and its last among them


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file is, and how it compares; of what cannot be read the facts are as they were to be."""

    checks: tuple[Check, ...]
    facts: dict[str, Any]


def check_movie(
    path: Path, output: PlannedOutput, plan: ConformPlan, *, hdr: HdrFacts | None, sound: bool
) -> Checked:
    """A movie that is finished to its last byte, still at hand."""
    try:
        found = read_movie(path)
    except ValueError as error:
        return Checked((unread(output.name, error),), {})
    checks = tuple(movie_checks(found, output, plan, hdr=hdr, sound=sound))
    given = MOVIE_FORMATS[movie_format(output)].bit_depth
    depth = {"bit_depth": min(given, found.depth.used), "decoded_bits": found.depth.decoded}
    return Checked(checks, depth)


def check_sequence(
    frames: Sequence[Mapping[str, Any]],
    output: PlannedOutput,
    plan: ConformPlan,
    *,
    light: LightLevels | None,
    storage: Storage,
    alive: Callable[[], None],
) -> Checked:
    """The frames as storage holds them: all of them listed, some of them read."""
    name, count = output.frame_name(plan.frame_number(0)), plan.frame_count
    numbers = [frame["frame"] for frame in frames]
    wanted = [plan.frame_number(frame) for frame in range(count)]
    checks = [
        Check(name, "frames", _span(wanted), _span(numbers), numbers == wanted),
        _sizes(name, frames, storage=storage),
    ]
    picked, read = _picked(count), []
    depths = set()
    whole = ahead(lambda frame: _read(frames[frame], storage=storage), picked)
    for frame, one in zip(picked, whole, strict=True):
        alive()
        if isinstance(one, Check):
            read.append(one)
            continue
        listed, (found, sha256) = frames[frame], one
        depths.add(found.bit_depth)
        levels = None if light is None else (light.peaks[frame], light.averages[frame])
        read += frame_checks(found, frame, output, plan, light=levels)
        read.append(compared(listed["name"], "checksum", asked=listed["sha256"], found=sha256))
    checks += merged(read, name=name, count=len(picked))
    told = {"bit_depth": min(depths), "decoded_bits": min(depths)} if depths else {}
    return Checked(tuple(checks), told)


def check_recording(path: Path, *, seconds: Fraction) -> Check:
    """A sound file, to the sample."""
    with wave.open(str(path)) as sound:
        facts = (sound.getnchannels(), sound.getframerate(), sound.getnframes())
    return recording_check(path.name, facts, seconds=seconds)


def check_stored(
    files: Iterable[Mapping[str, Any]], *, storage: Storage, alive: Callable[[], None]
) -> list[Check]:
    """Every file that is not a frame, digested once more from where it is stored."""
    return [
        compared(
            file["name"],
            "checksum",
            asked=file["sha256"],
            found=stored_sha256(storage, file["key"], alive=alive),
        )
        for file in files
        if "frames" not in file
    ]


def _read(listed: Mapping[str, Any], *, storage: Storage) -> tuple[FrameFound, str] | Check:
    """A frame as it is stored: what it holds, and the digest of its bytes; else that it cannot be read."""
    try:
        source = storage.readable(listed["key"])
        return read_frame(listed["name"], source), sha256_of(source)
    except FileNotFoundError:
        return unread(listed["name"], "no longer stored")
    except ValueError as error:
        return unread(listed["name"], error)


def _sizes(name: str, frames: Sequence[Mapping[str, Any]], *, storage: Storage) -> Check:
    """One listing tells them all; keys lie below one folder, or each below one of its own."""
    folders = {frame["key"].rpartition("/")[0] for frame in frames}
    above = min(folders, key=len) if len(folders) == 1 else min(folders, key=len).rpartition("/")[0]
    stored = {file.key: file.bytes for file in storage.list(above)}
    whole = sum(stored.get(frame["key"]) == frame["bytes"] for frame in frames)
    return Check(name, "stored whole", f"{len(frames)}", f"{whole}", whole == len(frames))


def _picked(count: int) -> list[int]:
    read = min(_FRAMES_READ, count)
    return sorted({round(place * (count - 1) / max(1, read - 1)) for place in range(read)})


def _span(numbers: Sequence[int]) -> str:
    return f"{len(numbers)}, {numbers[0]} to {numbers[-1]}" if numbers else "none"
