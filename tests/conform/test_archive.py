"""Archives read back by Python's zipfile and by a streaming reader written from the format's definition."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.files.storage import Storage, open_storage
from worker.media.process import MediaProcess, OperationFailedError
from worker.media.zip_stream import ZipEntry, ZipStream

names = st.text(
    st.characters(exclude_characters="\x00/\\", exclude_categories=["Cs"]), min_size=1, max_size=20
)


@pytest.fixture
def media(tmp_path: Path) -> Iterator[MediaProcess]:
    with MediaProcess(256, tmp_path / "scratch", storage_url=(tmp_path / "store").as_uri()) as process:
        yield process


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return open_storage((tmp_path / "store").as_uri())


def stored(storage: Storage, name: str, data: bytes) -> dict[str, Any]:
    key = f"deliveries/one/{name}"
    storage.put_bytes(key, data)
    return {"name": name, "key": key, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_an_archive_holds_the_delivered_files_stored_and_in_order(
    media: MediaProcess, storage: Storage
) -> None:
    contents = {
        "shot.mov": b"movie" * 1000,
        "shot.0086400.exr": bytes(70_000),
        "report.json": b"{}",
        "empty": b"",
    }
    files = [stored(storage, name, data) for name, data in contents.items()]
    heard: list[tuple[int, int]] = []
    made = media.run(
        "build_archive",
        {"files": files, "key": "archives/one.zip"},
        deadline_seconds=60,
        on_progress=lambda done, total: heard.append((done, total)),
    )
    data = storage.get_bytes("archives/one.zip")
    assert (made["bytes"], made["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents
        assert archive.namelist() == list(contents)
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    assert heard == sorted(heard)
    assert heard[-1][0] == heard[-1][1]


def test_archiving_twice_makes_equal_bytes(media: MediaProcess, storage: Storage) -> None:
    files = [stored(storage, "a.bin", b"a" * 5000)]
    made = [
        media.run("build_archive", {"files": files, "key": f"archives/{n}.zip"}, deadline_seconds=60)[
            "sha256"
        ]
        for n in range(2)
    ]
    assert made[0] == made[1]


def test_a_file_altered_since_delivery_is_named_and_no_archive_is_kept(
    media: MediaProcess, storage: Storage
) -> None:
    files = [stored(storage, "good.bin", b"good"), stored(storage, "bad.bin", b"as delivered")]
    storage.put_bytes("deliveries/one/bad.bin", b"as altered!!")
    with pytest.raises(OperationFailedError, match=r"bad\.bin in storage is not the file"):
        media.run("build_archive", {"files": files, "key": "archives/one.zip"}, deadline_seconds=60)
    assert not storage.exists("archives/one.zip")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_archive(media: MediaProcess, storage: Storage) -> None:
    """The child may take 256 MB; the archive holds more."""
    block = bytes(range(256)) * 4096  # a megabyte
    large = 150
    storage.put_stream("deliveries/one/large.mov", (block for _ in range(large)))
    digest = hashlib.sha256()
    for _ in range(large):
        digest.update(block)
    file = {"key": "deliveries/one/large.mov", "bytes": large << 20, "sha256": digest.hexdigest()}
    files = [{**file, "name": "first.mov"}, {**file, "name": "second.mov"}]
    made = media.run("build_archive", {"files": files, "key": "archives/large.zip"}, deadline_seconds=120)
    assert made["bytes"] > 2 * large << 20


@settings(deadline=None)
@given(st.dictionaries(names, st.binary(max_size=200), max_size=6))
def test_any_names_and_bytes_read_back(contents: dict[str, bytes]) -> None:
    data = zipped(contents)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents
    assert dict(streamed(data)) == contents


def test_offsets_and_sizes_past_four_gigabytes_go_into_zip64_records() -> None:
    """A reader of the table of contents finds a small file behind a pretended five-gigabyte one."""
    size = 5 << 30
    archive = ZipStream()
    head = next(archive.add(ZipEntry("large.mov", size, 0), iter(())))
    assert struct.unpack_from("<QQ", head, len(head) - 16) == (size, size)

    sparse = Sparse()
    archive = ZipStream()
    sparse.skip(archive.add(ZipEntry("large.mov", size, 0), (Zeros(1 << 30) for _ in range(5))))
    for part in (*archive.add(ZipEntry("small.txt", 5, zlib.crc32(b"small")), [b"small"]), *archive.close()):
        sparse.append(part)
    with zipfile.ZipFile(sparse) as read:
        assert read.getinfo("large.mov").file_size == size
        assert read.read("small.txt") == b"small"


def test_more_bytes_than_promised_are_refused() -> None:
    with pytest.raises(ValueError, match="has 3 bytes, not 2"):
        list(ZipStream().add(ZipEntry("a", 2, 0), [b"abc"]))


def zipped(contents: dict[str, bytes]) -> bytes:
    archive = ZipStream()
    parts = [
        part
        for name, data in contents.items()
        for part in archive.add(ZipEntry(name, len(data), zlib.crc32(data)), [data])
    ]
    return b"".join(parts) + b"".join(archive.close())


def streamed(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a reader that cannot seek sees: local headers alone."""
    at = 0
    while data[at : at + 4] == b"PK\x03\x04":
        _, _, flags, method, _, _, crc32, size, _, name, extra = struct.unpack_from("<4s5H3I2H", data, at)
        assert (flags, method) == (0x0800, 0)
        start = at + 30 + name + extra
        content = data[start : start + size]
        assert zlib.crc32(content) == crc32
        yield data[at + 30 : at + 30 + name].decode(), content
        at = start + size


class Zeros(bytes):
    """A block that only says how long it is."""

    def __new__(cls, _length: int) -> Self:
        return super().__new__(cls)

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class Sparse(io.RawIOBase):
    """A file of which only the last part is kept."""

    def __init__(self) -> None:
        self._skipped = 0
        self._tail = b""
        self._at = 0

    def skip(self, parts: Iterator[bytes]) -> None:
        self._skipped += sum(len(part) for part in parts)

    def append(self, part: bytes) -> None:
        self._tail += part

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._skipped + len(self._tail)}
        self._at = starts[whence] + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        start = self._at - self._skipped
        data = self._tail[start:] if size < 0 else self._tail[start : start + size]
        self._at += len(data)
        return data
