"""Storage against the database: orphans go, nothing else does, what is gone is told, counts are put right."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from plugin_backend.services import assets
from plugin_backend.services.keeping import storage_walk
from plugin_backend.services.keeping.storage_walk import Findings, Manner
from plugin_backend.services.keeping.tidying import tidy
from tests.services.storing import PICTURE, delivered, ready_asset, stored_take, used
from tests.services.studio import Studio

LATER = timedelta(days=2)


@pytest.fixture
def full(studio: Studio) -> Studio:
    """A studio whose clock is that of its disk, with files of every kind in use."""
    studio.clock.moment = _disk_time()
    caller = studio.person()
    delivered(studio, caller, stored_take(studio, caller, size=40), size=30)
    ready_asset(studio, caller, size=20)
    assets.receive(studio.house, caller, PICTURE, b"png")
    return studio


def _disk_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _keys(studio: Studio) -> set[str]:
    folders = ("takes", "deliveries", "assets", "incoming", "doctor", "elsewhere")
    return {file.key for folder in folders for file in studio.house.storage.list(folder)}


def _walk(studio: Studio, **manner: bool) -> Findings:
    whole = Findings()
    for found in storage_walk.whole_round(studio.house, Manner(**manner)):
        whole.figures.update(found.figures)
        whole.orphans += found.orphans
        whole.missing += found.missing
    return whole


def _orphans(studio: Studio) -> set[str]:
    (delivery_id,) = studio.rows("SELECT id FROM deliveries")[0]
    found = {
        "takes/take_00000000000000000000000000/proxy.mp4",
        "takes/take_zzzzzzzzzzzzzzzzzzzzzzzzzz/proxy.mp4",
        f"deliveries/{delivery_id}/range-0.bin",
        "assets/ast_00000000000000000000000000/clean.png",
        "incoming/ast_00000000000000000000000000/original",
        "exports/exp_00000000000000000000000000/all.zip",
        "doctor/probe.txt",
    }
    for key in found:
        studio.house.storage.put_bytes(key, b"orphan")
    return found


def test_what_nobody_names_goes_after_a_day_and_everything_else_stays(full: Studio) -> None:
    in_use = _keys(full)
    orphans = _orphans(full)
    full.house.storage.put_bytes("elsewhere/theirs.txt", b"x")
    full.clock.turn(timedelta(hours=23))
    assert _walk(full).orphans == []

    full.clock.turn(LATER)
    dry = _walk(full, removes=False)
    assert {file.key for file in dry.orphans} == orphans
    assert _keys(full) > in_use
    assert {file.key for file in _walk(full).orphans} == orphans

    assert _keys(full) == in_use | {"elsewhere/theirs.txt"}
    assert storage_walk.foreign_folders(full.house) == ("elsewhere",)
    assert _walk(full).orphans == []


def test_a_file_that_is_written_anew_meanwhile_is_no_orphan(full: Studio, tmp_path: Path) -> None:
    _orphans(full)
    full.clock.turn(LATER)
    fresh = "takes/take_00000000000000000000000000/proxy.mp4"
    moment = (full.clock.moment - timedelta(minutes=1)).timestamp()
    os.utime(tmp_path / "storage" / fresh, (moment, moment))

    assert fresh not in {file.key for file in _walk(full).orphans}
    assert full.house.storage.exists(fresh)


def test_files_that_rows_name_and_storage_lacks_are_told_of(full: Studio) -> None:
    full.clock.turn(LATER)
    (key,) = [file.key for file in full.house.storage.list("deliveries")]
    (clean,) = [file.key for file in full.house.storage.list("assets")]
    before = set(_walk(full, removes=False).missing)
    full.house.storage.delete([key, clean])

    assert set(_walk(full, removes=False).missing) - before == {key, clean}


def test_counts_that_went_wrong_are_put_right_from_the_files(full: Studio) -> None:
    (owner_id,) = full.rows("SELECT DISTINCT owner_id FROM storage_uses")[0]
    right = full.rows("SELECT kind, bytes FROM storage_totals ORDER BY kind")
    with full.house.engine.begin() as connection:
        connection.execute(text("DELETE FROM storage_uses WHERE kind = 'delivery'"))
        connection.execute(text("UPDATE storage_uses SET bytes = 9999 WHERE kind = 'take'"))
        connection.execute(text("UPDATE storage_totals SET bytes = 0 WHERE kind = 'delivery'"))
        connection.execute(text("UPDATE storage_totals SET bytes = 9999 WHERE kind = 'take'"))
    full.clock.turn(LATER)

    assert _walk(full, removes=False).figures["corrected"] == 2
    assert full.rows("SELECT kind, bytes FROM storage_totals ORDER BY kind") == right
    assert full.one("SELECT count(DISTINCT owner_id) FROM storage_uses WHERE owner_id = :o", o=owner_id) == 1


def test_the_clock_walks_once_a_day_and_goes_on_where_it_was(full: Studio) -> None:
    orphans = _orphans(full)
    full.clock.turn(LATER)

    storage_walk.go_on_for(full.house, seconds=0.0)  # no time at all: nothing
    assert full.count("walks") == 0
    with capture_logs() as logs:
        for _ in range(20):
            storage_walk.go_on_for(full.house, seconds=0.001)  # one stretch
    removed = [key for line in logs if line["event"] == "storage.orphans-removed" for key in line["keys"]]
    assert sorted(removed) == sorted(orphans)
    ((place, last),) = full.rows("SELECT place, last FROM walks")
    assert (place, last["orphans"]) == ("", len(orphans))

    again = _orphans(full)
    tidy(full.house)
    assert all(full.house.storage.exists(key) for key in again)


def test_a_folder_larger_than_a_page_is_walked_whole(studio: Studio) -> None:
    studio.clock.moment = _disk_time() + LATER
    ids = [f"take_{number:026d}" for number in range(7)]
    for take_id in ids:
        for frame in range(300):
            studio.house.storage.put_bytes(f"takes/{take_id}/{frame:06d}.exr", b"x")

    found = _walk(studio)

    assert found.figures["files"] == found.figures["orphans"] == 2_100
    assert used(studio, studio.person()) == {}
