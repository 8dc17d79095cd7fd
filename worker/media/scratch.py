"""Scratch folders that do not outlive their process: a killed one's are removed by whoever starts next."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_PREFIX: Final = "media-"
_LOCK: Final = ".in-use"


class ScratchRoom:
    """One process's own folder under the shared one, held by a file lock as long as the process lives."""

    def __init__(self, shared: Path) -> None:
        shared.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(shared)
        unlocked = Path(tempfile.mkdtemp(prefix=".new-", dir=shared))
        self._lock = (unlocked / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # It takes the name that others look for only once they cannot take it for abandoned.
        self.path = unlocked.rename(unlocked.with_name(unlocked.name.replace(".new-", _PREFIX)))

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A fresh folder, removed afterwards whatever is left in it."""
        path = Path(tempfile.mkdtemp(dir=self.path))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def used_bytes(folder: Path) -> int:
    """What lies below a folder that somebody writes to meanwhile."""
    found = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it has just gone
                found += (Path(at) / name).lstat().st_size
    return found


def _remove_abandoned(shared: Path) -> None:
    for room in shared.glob(f"{_PREFIX}*"):
        with suppress(OSError), (room / _LOCK).open("r") as lock:  # no lock file: another is removing it
            if _free(lock):
                shutil.rmtree(room, ignore_errors=True)


def _free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
