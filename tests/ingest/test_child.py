"""Where a stranger's files are read: in a child that knows nothing of ours, and only there."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest.filming import film_numbers
from tests.ingest.takes import Runner
from tests.media_process.children import REPOSITORY
from worker.media.ingest.work import IngestWork
from worker.media.operations import OPERATIONS, READS_STRANGERS
from worker.media.process import MediaProcess, OperationFailedError

pytestmark = pytest.mark.slow

LOADED = """
import sys, worker.media.ingest
print(*sorted(sys.modules))
"""


def test_what_reads_a_take_loads_no_storage_no_service_and_no_provider() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=REPOSITORY, capture_output=True, check=True, text=True
    )
    loaded = done.stdout.split()
    assert "worker.media.ingest" in loaded
    ours = (
        "plugin_backend.files.storage",
        "plugin_backend.services",
        "plugin_backend.db",
        "worker.providers",
    )
    assert not [name for name in loaded if name.startswith((*ours, "obstore", "sqlalchemy", "httpx"))]


def test_every_operation_that_reads_strangers_files_is_listed_and_known() -> None:
    assert {"ingest_take", "inspect_asset"} == READS_STRANGERS
    assert set(OPERATIONS) >= READS_STRANGERS


def test_a_take_is_read_without_storage_even_where_our_own_work_has_it(tmp_path: Path) -> None:
    """The same process lends storage to a comparison, which fails on the key and not on the loan."""
    url = (tmp_path / "store").as_uri()
    folder = tmp_path / "in"
    folder.mkdir()
    film_numbers(folder / "sent.mp4", range(12))
    work = IngestWork(folder=folder, movies=("sent.mp4",), title="SH010", label="ray-3.2")
    with MediaProcess(1024, tmp_path / "scratch", storage_url=url) as media:
        runner = Runner(media)
        assert runner("ingest_take", work.to_json())["frame_count"] == 12
        missing = {"key": "takes/none.mp4", "frame_rate": "24", "frame_count": 1}
        with pytest.raises(OperationFailedError, match="NotFound"):
            runner("compare_takes", {"one": missing, "other": missing})
