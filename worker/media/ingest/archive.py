"""A provider's EXR frames, in an archive or loose, in the order of their numbers.

Nothing in an archive says where anything is written: names order the frames and are used for nothing else,
and an archive with a name that climbs out of a folder is refused all the same. One frame is unpacked at a
time, within a bound, so that an archive of any promised size costs one frame.
"""

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from worker.media.ahead import MOST_UNDER_WAY
from worker.media.ingest.bounds import MAX_ARCHIVE_BYTES, MAX_EXR_BYTES, MAX_FRAMES
from worker.media.ingest.refusals import Refusal, TakeRefusedError

EXR_MAGIC: Final = b"\x76\x2f\x31\x01"
_ZIP_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an empty one
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 1
_NUMBER: Final = re.compile(r"(\d+)(?=\D*$)")


def unpacked(paths: Sequence[Path], *, folder: Path) -> Iterator[Path]:
    """The frames of these files one after another; each stays while `ahead` may be reading it."""
    for path in paths:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == EXR_MAGIC:
            yield path
        elif magic in _ZIP_MAGICS:
            yield from _members(path, folder=folder)
        else:
            detail = "The provider sent neither an EXR frame nor a zip archive of them."
            raise TakeRefusedError(Refusal.WRONG_TYPE, detail)


def frame_count(paths: Sequence[Path]) -> int:
    """How many frames these files promise."""
    count = 0
    for path in paths:
        with path.open("rb") as file:
            is_archive = file.read(4) in _ZIP_MAGICS
        if is_archive:
            with _opened(path) as archive:
                count += len(_in_order(archive))
        else:
            count += 1
    return count


def _members(path: Path, *, folder: Path) -> Iterator[Path]:
    with _opened(path) as archive:
        for place, member in enumerate(_in_order(archive)):
            frame = folder / f"unpacked.{place % (MOST_UNDER_WAY + 1)}.exr"  # others may still be read
            with archive.open(member) as packed, frame.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
            yield frame


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        detail = "The archive of frames that the provider sent is damaged or cut short."
        raise TakeRefusedError(Refusal.DAMAGED, detail) from error


def _in_order(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The frames of an archive that is one whole sequence; TakeRefusedError for any other."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    for member in members:
        _check_safe(member)
    frames = [member for member in members if _is_frame(PurePosixPath(member.filename))]
    if not frames:
        raise TakeRefusedError(Refusal.EMPTY, "The provider's archive holds no EXR frame.")
    if len(frames) > MAX_FRAMES or sum(frame.file_size for frame in frames) > MAX_ARCHIVE_BYTES:
        detail = f"The provider's archive of {len(frames)} frames unpacks to more than a take may have."
        raise TakeRefusedError(Refusal.TOO_LARGE, detail)
    if len(frames) == 1:
        return frames
    return _numbered(frames)


def _check_safe(member: zipfile.ZipInfo) -> None:
    name = member.filename
    climbs = name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts
    if climbs or stat.S_ISLNK(member.external_attr >> 16):
        raise TakeRefusedError(Refusal.WRONG_TYPE, "The provider's archive points outside itself.")
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise TakeRefusedError(Refusal.WRONG_TYPE, "The provider's archive is packed in a way not read here.")
    if member.file_size > MAX_EXR_BYTES:
        detail = f"A file of the provider's archive unpacks to {member.file_size >> 20} MB."
        raise TakeRefusedError(Refusal.TOO_LARGE, detail)


def _is_frame(name: PurePosixPath) -> bool:
    return name.suffix.lower() == ".exr" and not name.name.startswith(".") and "__MACOSX" not in name.parts


def _numbered(frames: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    numbers: dict[int, zipfile.ZipInfo] = {}
    sequences = set()
    for frame in frames:
        stem = frame.filename.rpartition(".")[0]
        found = _NUMBER.search(stem)
        if found is None or int(found[1]) in numbers:
            raise TakeRefusedError(Refusal.MISMATCHED, "The frames of the provider's archive have no order.")
        numbers[int(found[1])] = frame
        sequences.add((stem[: found.start()], stem[found.end() :]))
    if len(sequences) > 1:
        raise TakeRefusedError(Refusal.MISMATCHED, "The provider's archive holds several sequences.")
    missing = sorted(set(range(min(numbers), max(numbers) + 1)) - set(numbers))[:1]
    if missing:
        detail = f"Frame {missing[0]} is missing in the provider's archive."
        raise TakeRefusedError(Refusal.TRUNCATED, detail)
    return [numbers[number] for number in sorted(numbers)]
