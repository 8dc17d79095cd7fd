"""What files are told by: digests of their bytes, here and as storage holds them."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from plugin_backend.files.storage import Storage

_READ_AT_ONCE: Final = 8 << 20


def pieces(path: Path, *, alive: Callable[[], None]) -> Iterator[bytes]:
    """The bytes of a file at hand; `alive` is called as they go, however large it is."""
    with path.open("rb") as file:
        while piece := file.read(_READ_AT_ONCE):
            yield piece
            alive()


def file_sha256(path: Path, *, alive: Callable[[], None]) -> str:
    """Of a file at hand."""
    digest = hashlib.sha256()
    for piece in pieces(path, alive=alive):
        digest.update(piece)
    return digest.hexdigest()


def sha256_of(source: Path | bytes) -> str:
    """Of a frame, as storage gives it to be read: a file or its bytes."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored_sha256(storage: Storage, key: str, *, alive: Callable[[], None]) -> str:
    """Of one file, read whole; `alive` is called as it goes."""
    digest, size = hashlib.sha256(), storage.head(key).bytes
    for start in range(0, size, _READ_AT_ONCE):
        for piece in storage.open_range(key, start, min(_READ_AT_ONCE, size - start)):
            digest.update(piece)
        alive()
    return digest.hexdigest()
