"""A full scratch disk: said in so many words, nothing half made is kept, and room is enough to go on."""

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from plugin_backend.domain.conform import plan_conform
from plugin_backend.domain.conform_plan import SourceFacts
from plugin_backend.domain.sequence import Sequence
from tests.conform.take import PRORES, store_take, work_for
from worker.media.process import MediaProcess, OperationFailedError

pytestmark = pytest.mark.slow

TAKE = SourceFacts(Fraction(24), 24, 640, 360)  # about two megabytes of ProRes


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("Only root may mount a disk.")
    yield path
    subprocess.run(["umount", str(path)], check=True)


def _resize(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def test_a_full_scratch_disk_is_named_and_leaves_nothing_behind(tmp_path: Path, disk: Path) -> None:
    store_take(tmp_path / "store", TAKE)
    sequence = Sequence.from_json({"frame_rate": "24", "width": TAKE.width, "height": TAKE.height})
    plan = plan_conform(TAKE, sequence, [PRORES], name_stem="full")
    work = work_for(plan, prefix="deliveries/one") | {"chunk": 0}
    store = tmp_path / "store"
    with MediaProcess(1024, disk / "scratch", storage_url=store.as_uri()) as media:
        with pytest.raises(OperationFailedError, match="no room left") as caught:
            media.run("conform_chunk", work, deadline_seconds=120)
        assert caught.value.slug == "disk-full"
        assert not list((store / "deliveries").rglob("*"))
        assert not list((disk / "scratch").rglob("*.mov"))

        _resize(disk, "64m")
        made = media.run("conform_chunk", work, deadline_seconds=120)

    assert (store / made["segments"]["0"]).stat().st_size > 1 << 20
    assert not (disk / "scratch").exists() or not list((disk / "scratch").iterdir())
