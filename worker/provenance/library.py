"""The library that reads and writes Content Credentials: its settings, and files that show signs of life."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

import c2pa

from plugin_backend.files.media_types import media_type_of
from plugin_backend.signing import Credential

EMBEDDED: Final = frozenset({".jpg", ".jpeg", ".m4v", ".mov", ".mp4", ".png", ".tif", ".tiff"})
"""The endings of pictures that hold their own credentials; frames of other kinds have theirs beside them."""

SIDECAR_SUFFIX: Final = ".c2pa"

_SPILLS_AT_MB: Final = 16  # what the library keeps in memory of a file before it turns to disk

# A movie is hashed in pieces of this size: whole, the library would hold half a gigabyte of it at a time.
_HASHED_AT_ONCE_KB: Final = 8 << 10

Pulse = Callable[[], None]


def silent() -> None:
    """A pulse nobody feels."""


def library_context(roots: str) -> Any:
    """Offline, without thumbnails, believing chains that end in these PEM certificates."""
    settings = {
        "core": {
            "backing_store_memory_threshold_in_mb": _SPILLS_AT_MB,
            "merkle_tree_chunk_size_in_kb": _HASHED_AT_ONCE_KB,
        },
        "verify": {
            "verify_trust": True,
            "verify_after_sign": False,  # we read every file back ourselves
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        "trust": {"trust_anchors": roots} if roots else {},
        "builder": {"thumbnail": {"enabled": False}},
    }
    return c2pa.Context(settings=c2pa.Settings.from_dict(settings))


def library_signer(credential: Credential) -> Any:
    """Signs with the credential's key, in this process."""
    info = c2pa.C2paSignerInfo(
        credential.algorithm, credential.certificate.encode(), credential.private_key.encode(), None
    )
    return c2pa.Signer.from_info(info)


def signed_format(name: str) -> str:
    """The media type the library knows a file by."""
    return media_type_of(name).partition(";")[0]


class WatchedFile:
    """A file whose every read and write is a sign of life: the library is silent while it hashes."""

    def __init__(self, file: BinaryIO, pulse: Pulse) -> None:
        self._file = file
        self._pulse = pulse

    @classmethod
    @contextmanager
    def open(cls, path: Path, mode: str, *, pulse: Pulse = silent) -> Iterator[Self]:
        """Open a file of this machine for the length of a block."""
        with path.open(mode) as file:
            yield cls(cast("BinaryIO", file), pulse)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer from here on; how many bytes came."""
        self._pulse()
        return int(self._file.readinto(buffer))  # type: ignore[attr-defined]  # every file of a disk has it

    def read(self, size: int = -1) -> bytes:
        """Bytes from here on."""
        self._pulse()
        return self._file.read(size)

    def write(self, data: bytes) -> int:
        """Put bytes here."""
        self._pulse()
        return self._file.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place."""
        return self._file.tell()

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()


def store_of(reader: Any) -> dict[str, Any]:
    """What a reader found, as plain data."""
    found: dict[str, Any] = json.loads(reader.json())
    return found
