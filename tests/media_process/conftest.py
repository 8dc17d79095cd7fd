"""A media process with operations on trial, and the door that uploads come through."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.media_process.children import OPERATIONS
from worker.media.asset_check import check_asset
from worker.media.inspection.verdict import Verdict
from worker.media.process import MediaProcess


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture
def media(scratch: Path) -> Iterator[MediaProcess]:
    with MediaProcess(512, scratch, operations=OPERATIONS) as process:
        yield process


@pytest.fixture
def check(tmp_path: Path) -> Iterator[Callable[[bytes | Path], Verdict]]:
    folder = tmp_path / "out"
    folder.mkdir()
    with MediaProcess(1024, tmp_path / "scratch") as media:

        def run(upload: bytes | Path) -> Verdict:
            path = tmp_path / "upload.png"  # always the same name: it says nothing
            if isinstance(upload, Path):
                shutil.copy(upload, path)
            else:
                path.write_bytes(upload)
            return check_asset(media, path, folder=folder, on_progress=lambda _done, _total: None)

        yield run
