"""A provider's files, put through the real door: storage, a fresh child, storage again."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugin_backend.files.storage import Storage, open_storage
from worker.media.ingest.parent import Telling, ingest
from worker.media.operations import READS_STRANGERS
from worker.media.process import MediaProcess
from worker.providers.protocol import StoredTake

TELLING = Telling(title="SH010", label="ray-3.2")


@dataclass
class Runner:
    """A `MediaRunner` without a claim to hold; it counts how often it was told to."""

    media: MediaProcess
    renewals: int = 0

    def __call__(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return self.media.run(op, arguments, deadline_seconds=250, untrusted=op in READS_STRANGERS)

    def folder(self) -> AbstractContextManager[Path]:
        return self.media.folder()

    def alive(self) -> None:
        self.renewals += 1


@dataclass(frozen=True, slots=True)
class Door:
    """Where files go in and takes come out."""

    folder: Path
    runner: Runner
    storage: Storage = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        object.__setattr__(self, "storage", open_storage(self.folder.as_uri()))

    def take(
        self,
        *movies: Path,
        exr: Sequence[Path] = (),
        audio: Path | None = None,
        telling: Telling = TELLING,
        take_id: str | None = None,
    ) -> StoredTake:
        """Ingest these files as `fetch` would have left them; a take of its own unless one is named."""
        take_id = take_id or f"take_{next(self._numbers)}"
        files = [("movie", path) for path in movies] + [("exr", path) for path in exr]
        files += [] if audio is None else [("audio", audio)]
        listed = [
            self._fetched(role, path, f"takes/{take_id}/original/{number}.bin")  # the name says nothing
            for number, (role, path) in enumerate(files)
        ]
        return ingest(
            {"files": listed}, take_id=take_id, telling=telling, storage=self.storage, run=self.runner
        )

    def path(self, entry: Mapping[str, Any]) -> Path:
        """A stored file, checked against what is listed of it."""
        path = self.folder / str(entry["key"])
        data = path.read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])
        return path

    def _fetched(self, role: str, path: Path, key: str) -> dict[str, Any]:
        self.storage.put_file(key, path)
        return {"role": role, "key": key, "bytes": path.stat().st_size}


@contextmanager
def open_door(folder: Path) -> Iterator[Door]:
    with MediaProcess(2560, folder / "scratch") as media:
        yield Door(folder / "store", Runner(media))
