"""Media processes on other machines: they share database, Redis and storage, and no disk of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from plugin_backend.config import inherited_environ
from tests.journeys.stack import Stack, until

pytestmark = pytest.mark.slow

WANTED: Final = {
    "host": "nuke",
    "exr_profile": "dwab",  # takes its time: several ranges
    "sequence": {"frame_rate": "25", "width": 1920, "height": 1080},
}
_DONE: Final = "SELECT result FROM chunks WHERE delivery_id = %s AND state = 'done'"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("machines")) as running:
        yield running


@contextmanager
def machine(stack: Stack, disk: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One more media process, whose scratch and temporary files are on a disk of its own."""
    disk.mkdir()
    own = {"SCRATCH_DIR": str(disk / "scratch"), "TMPDIR": str(disk)}
    environ = {**inherited_environ(), **stack.running(), **own}
    with (disk / "log").open("wb") as log:
        command = [sys.executable, "-m", "worker", "media"]
        process = subprocess.Popen(command, env=environ, cwd=disk, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _is_at_work(disk: Path) -> bool:
    """A run has a folder in its process's room."""
    return any(each.is_dir() for each in disk.glob("scratch/media-*/*"))


def test_machines_share_a_delivery_and_what_a_killed_one_finished_stays(stack: Stack, tmp_path: Path) -> None:
    editor = stack.newcomer("editor-far-away", plan="studio")
    take = editor.ready_draft(brief={"duration_seconds": 5})["takes"][0]["id"]
    disk = tmp_path / "disk"
    with machine(stack, disk) as far:
        until(lambda: list(disk.glob("scratch/media-*")))
        delivery = editor.ok("POST", f"/v1/takes/{take}/deliveries", WANTED)
        until(lambda: _is_at_work(stack.data) and _is_at_work(disk), pause=0.01)
        until(lambda: stack.query(_DONE, delivery["id"]) and _is_at_work(disk), pause=0.01)

        os.kill(far.pid, signal.SIGKILL)
        before = {
            file["key"]: (stack.data / "storage" / file["key"]).stat().st_mtime_ns
            for (result,) in stack.query(_DONE, delivery["id"])
            for file in result["files"]
        }
        done = editor.until_done(f"/v1/deliveries/{delivery['id']}")

    (clip,) = done["clips"]
    assert (done["state"], clip["frame_count"], clip["exr_profile"]) == ("ready", 125, "dwab")
    assert before
    after = {key: (stack.data / "storage" / key).stat().st_mtime_ns for key in before}
    assert after == before
