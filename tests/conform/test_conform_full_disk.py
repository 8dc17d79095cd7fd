"""A full disk: said in so many words, nothing half made is kept, and room is enough to go on.

What a run may have of the disk is bound by a setting, which the system holds it to as it does a full disk's.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.sequence import Sequence
from tests.conform.take import store_take, work_for
from tests.domain.conforms import PRORES
from worker.media.process import MediaProcess, OperationFailedError, OutOfDiskError

pytestmark = pytest.mark.slow

TAKE = SourceFacts(Fraction(24), 24, 640, 360)  # about two megabytes of ProRes
LARGE_FRAMES = OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES, ExrProfile.ST2065_4)  # 1.4 MB each


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name != ".in-use"}


def _work(store: Path, output: OutputSpec) -> dict[str, Any]:
    store_take(store, TAKE)
    sequence = Sequence.from_json({"frame_rate": "24", "width": TAKE.width, "height": TAKE.height})
    return work_for(plan_conform(TAKE, sequence, [output], name_stem="full"), prefix="deliveries/one")


@pytest.mark.parametrize("output", [PRORES, LARGE_FRAMES], ids=["scratch", "storage"])
def test_a_full_disk_is_named_leaves_nothing_behind_and_can_be_made_room_on(
    tmp_path: Path, output: OutputSpec
) -> None:
    """Movies are written to scratch first; frames go straight to the storage."""
    store, scratch = tmp_path / "store", tmp_path / "scratch"
    work = _work(store, output) | {"chunk": 0}
    with MediaProcess(1024, scratch, scratch_mb=1, storage_url=store.as_uri()) as media:
        with pytest.raises(OperationFailedError, match="no room left") as caught:
            media.run("conform_chunk", work, deadline_seconds=120)
        assert caught.value.slug == "disk-full"
        assert _files(store / "deliveries") == set()
        assert _files(scratch) == set()

    with MediaProcess(1024, scratch, scratch_mb=64, storage_url=store.as_uri()) as media:
        made = media.run("conform_chunk", work, deadline_seconds=120)

    stored = [store / made["segments"][name] for name in made["segments"]]
    stored += [store / file["key"] for file in made["files"]]
    assert min(path.stat().st_size for path in stored) > 1 << 20
    assert _files(scratch) == set()


def test_files_that_are_too_large_together_end_the_run_and_are_removed(tmp_path: Path) -> None:
    operations = "tests.media_process.operations_on_trial"
    with MediaProcess(512, tmp_path, scratch_mb=4, operations=operations) as media:
        with pytest.raises(OutOfDiskError, match="of the 4 MB of local disk allowed"):
            media.run("fill_folder", {}, deadline_seconds=60)
        assert _files(tmp_path) == set()
        assert media.run("add", {"a": 1, "b": 1}, deadline_seconds=60) == {"sum": 2}
