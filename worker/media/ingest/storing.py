"""Copying between storage and a child's folder, piece by piece, the take's lease held meanwhile."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from plugin_backend.files.storage import Storage

_PIECE: Final = 64 << 20
_READ_AT_ONCE: Final = 1 << 20


class Keeper:
    """Brings files into one folder and keeps what is made there."""

    def __init__(self, storage: Storage, folder: Path, *, alive: Callable[[], None]) -> None:
        self.folder = folder
        self._storage = storage
        self._alive = alive

    def bring(self, key: str, name: str, *, size: int) -> None:
        """Copy a stored file into the folder."""
        with (self.folder / name).open("wb") as file:
            for start in range(0, size, _PIECE):
                for chunk in self._storage.open_range(key, start, min(_PIECE, size - start)):
                    file.write(chunk)
                    self._alive()

    def keep(self, name: str, key: str) -> dict[str, Any]:
        """Put a file of the folder into storage, and remove it here; its key, size and checksum."""
        path = self.folder / name
        digest, size = hashlib.sha256(), path.stat().st_size

        def read() -> Iterator[bytes]:
            with path.open("rb") as file:
                while chunk := file.read(_READ_AT_ONCE):
                    digest.update(chunk)
                    self._alive()
                    yield chunk

        self._storage.put_stream(key, read())
        path.unlink()
        return {"key": key, "bytes": size, "sha256": digest.hexdigest()}
