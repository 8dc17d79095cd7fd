"""Unix sockets: no port to clash over, and nobody but their owner can open them."""

import hashlib
import tempfile
from contextlib import suppress
from pathlib import Path

_LONGEST = 80  # a socket's path may be 103 bytes on macOS, 107 on Linux; the servers add a name of their own


def socket_folder(data_dir: Path, *, owners: frozenset[int]) -> Path:
    """Where a server keeps its socket: in its data, or in the temporary folder when that path is too long."""
    if len(str(data_dir).encode()) <= _LONGEST:
        return data_dir
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"plugin-backend-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise PermissionError(
            f"{folder} belongs to somebody else; remove it, or choose a shorter data folder"
        )
    return folder


def leave_sockets(data_dir: Path, folder: Path) -> None:
    """Remove a folder made for sockets alone; a server that still uses it keeps it."""
    if folder != data_dir:
        with suppress(OSError):
            folder.rmdir()
