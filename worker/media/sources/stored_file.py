"""A stored file as a demuxer reads it: seekable, fetched in blocks, a few of which are kept."""

import io
from collections import OrderedDict
from typing import Final

from plugin_backend.files.storage import Storage

_BLOCK: Final = 1 << 20
_BLOCKS_KEPT: Final = 16


class StoredFile(io.RawIOBase):
    """Read-only bytes of one key."""

    def __init__(self, storage: Storage, key: str) -> None:
        super().__init__()
        self._storage = storage
        self._key = key
        self._size = storage.head(key).bytes
        self._at = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """As of any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """At most a block at a time, which every demuxer expects of a stream; b"" at the end."""
        if self._at >= self._size:
            return b""
        number, start = divmod(self._at, _BLOCK)
        block = self._block(number)
        piece = block[start:] if size < 0 else block[start : start + size]
        self._at += len(piece)
        return piece

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        start = number * _BLOCK
        length = min(_BLOCK, self._size - start)
        block = b"".join(self._storage.open_range(self._key, start, length))
        self._blocks[number] = block
        if len(self._blocks) > _BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return block
