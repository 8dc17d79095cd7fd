"""One door for all tests of a module, and the operation itself for files that would only ever be refused."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ingest.takes import Door, open_door
from worker.media.ingest.found import Found
from worker.media.ingest.operation import ingest_take
from worker.media.ingest.work import IngestWork
from worker.media.operations import OperationContext


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Found]:
    """`ingest_take` in this process: a second instead of the many that a fresh child takes."""

    def run(*movies: Path, exr: tuple[Path, ...] = (), sound: Path | None = None) -> Found:
        folder = tmp_path / "ingest"
        folder.mkdir(exist_ok=True)
        for path in (*movies, *exr, *(() if sound is None else (sound,))):
            shutil.copy(path, folder / f"sent.{path.name}")
        work = IngestWork(
            folder=folder,
            movies=tuple(f"sent.{path.name}" for path in movies),
            exr=tuple(f"sent.{path.name}" for path in exr),
            sound=None if sound is None else f"sent.{sound.name}",
            title="SH010",
            label="ray-3.2",
        )
        context = OperationContext(scratch=folder, progress=lambda _done, _total: None)
        return Found.from_json(ingest_take(work.to_json(), context), folder=folder)

    return run
