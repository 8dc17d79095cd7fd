"""Conforms that are interrupted, incomplete, fed the wrong frames, or kept in a bucket."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, SourceFacts
from plugin_backend.domain.sequence import Sequence
from plugin_backend.files.location import S3Account
from plugin_backend.files.storage import open_storage
from tests.conform.take import PATTERN, store_frames, store_take, take, work_for
from tests.domain.conforms import EXR, PRORES

# The bucket server of the storage tests: fixtures are found by the names they are imported under.
from tests.files.conftest import account, bucket_url, s3_endpoint  # noqa: F401 - fixtures
from worker.media.finish import conform_finish
from worker.media.operations import OperationContext
from worker.media.process import MediaProcess, OperationFailedError

pytestmark = pytest.mark.slow


def planned(facts: SourceFacts) -> ConformPlan:
    sequence = Sequence.from_json({"width": 160, "height": 90})
    return plan_conform(facts, sequence, [EXR, PRORES], name_stem="sunrise")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_chunk_killed_half_way_and_run_again_leaves_what_one_run_leaves(tmp_path: Path) -> None:
    class WorkerKilledError(Exception):
        pass

    def kill(done: int, _total: int) -> None:
        if done >= 10:
            raise WorkerKilledError

    facts = take(frames=40)
    store_take(tmp_path, facts)
    work: dict[str, Any] = work_for(planned(facts), prefix="deliveries/one") | {"chunk": 0}
    with MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media:
        with pytest.raises(WorkerKilledError):
            media.run("conform_chunk", work, deadline_seconds=60, on_progress=kill)
        partial = digests(tmp_path / "deliveries/one")
        assert 0 < len(partial) < 41
        again = media.run("conform_chunk", work, deadline_seconds=60)
        whole = media.run("conform_chunk", work | {"prefix": "deliveries/two"}, deadline_seconds=60)
    assert digests(tmp_path / "deliveries/one") == digests(tmp_path / "deliveries/two")
    assert [file["sha256"] for file in again["files"]] == [file["sha256"] for file in whole["files"]]
    assert not list((tmp_path / "scratch").iterdir())


def test_a_delivery_is_not_finished_without_all_its_chunks(tmp_path: Path) -> None:
    facts = take(frames=100)
    store_take(tmp_path, facts)
    plan = planned(facts)
    work = work_for(plan, prefix="deliveries/one")
    with MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media:
        chunks = [media.run("conform_chunk", work | {"chunk": 1}, deadline_seconds=60)]
        ending = work | {"chunks": chunks, "asked": {}, "label": "animatic"}
        with pytest.raises(OperationFailedError, match="has 2 chunks, 1 came"):
            media.run("conform_finish", ending, deadline_seconds=60)


def test_a_long_movie_is_heard_of_while_it_is_fetched_joined_digested_and_stored(tmp_path: Path) -> None:
    facts = take(frames=100)
    storage = store_take(tmp_path, facts)
    work = work_for(planned(facts), prefix="deliveries/one")
    ranges = len(work["plan"]["chunks"])
    with MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media:
        chunks = [
            media.run("conform_chunk", work | {"chunk": number}, deadline_seconds=60)
            for number in range(ranges)
        ]
    scratch = tmp_path / "alone"
    scratch.mkdir()
    states: set[tuple[int, bool]] = set()

    def look(_done: int, _total: int) -> None:
        states.add((len(list(scratch.glob("1.*.mov"))), (scratch / "sunrise.mov").exists()))

    ending = work | {"chunks": chunks, "asked": {}, "label": "animatic"}
    conform_finish(ending, OperationContext(scratch, look, storage))
    assert ranges == 2
    assert states >= {(1, False), (2, False)}, "as each range is fetched"
    assert (2, True) in states, "as they are joined"
    assert (0, True) in states, "as what they came to is digested and stored"


def test_a_source_of_another_size_than_the_take_says_is_refused(tmp_path: Path) -> None:
    store_take(tmp_path, take(frames=2, width=80, height=45))
    work = work_for(planned(take(frames=2)), prefix="deliveries/one") | {"chunk": 0}
    with (
        MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media,
        pytest.raises(OperationFailedError, match="is 80 x 45, the take 160 x 90"),
    ):
        media.run("conform_chunk", work, deadline_seconds=60)


def test_a_missing_source_frame_fails_the_chunk_by_its_key(tmp_path: Path) -> None:
    storage = store_take(tmp_path, take(frames=4))
    storage.delete([PATTERN.format(frame=2)])
    work = work_for(planned(take(frames=4)), prefix="deliveries/one") | {"chunk": 0}
    with (
        MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media,
        pytest.raises(OperationFailedError, match=r"000002\.exr"),
    ):
        media.run("conform_chunk", work, deadline_seconds=60)


def test_a_delivery_and_its_archive_are_made_in_a_bucket(
    tmp_path: Path,
    bucket_url: str,  # noqa: F811 - the fixture imported above
    account: S3Account,  # noqa: F811 - the fixture imported above
) -> None:
    storage = open_storage(bucket_url, account=account)
    facts = take(frames=4)
    store_frames(storage, facts)
    work = work_for(planned(facts), prefix="deliveries/one")
    with MediaProcess(1024, tmp_path, storage_url=bucket_url, storage_account=account) as media:
        chunk = media.run("conform_chunk", work | {"chunk": 0}, deadline_seconds=60)
        ending = work | {"chunks": [chunk], "asked": {}, "label": "animatic"}
        finished = media.run("conform_finish", ending, deadline_seconds=60)
        files = [frame for file in finished["files"] for frame in file.get("frames", [file])]
        archive = media.run("build_archive", {"files": files, "key": "archives/one.zip"}, deadline_seconds=60)
    assert len(files) == 4 + 4
    for file in files:
        assert hashlib.sha256(storage.get_bytes(file["key"])).hexdigest() == file["sha256"]
    assert storage.head("archives/one.zip").bytes == archive["bytes"]
