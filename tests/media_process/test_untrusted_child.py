"""What a child that opens a stranger's file may and may not do."""

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.media_process.children import REPOSITORY, is_alive
from worker.media.process import MediaProcess, OperationFailedError, OutOfMemoryError


def test_an_untrusted_child_sees_no_secret_no_storage_and_ends_with_its_run(
    scratch: Path, tmp_path: Path
) -> None:
    seen = run_in_a_process_with_secrets(scratch, tmp_path)
    assert seen["has_storage"] == "False"
    assert "canary" not in seen["environment"]
    assert "plugin_backend.files.storage" not in seen["modules"]
    assert not is_alive(int(seen["pid"]))


def test_untrusted_children_are_always_fresh(media: MediaProcess) -> None:
    runs = [media.run("describe_child", {}, deadline_seconds=30, untrusted=True) for _ in range(2)]
    assert runs[0]["pid"] != runs[1]["pid"]
    assert runs[0]["open_files"] < 10


def test_an_untrusted_child_cannot_write_without_end(media: MediaProcess) -> None:
    with pytest.raises(OperationFailedError, match="File too large"):
        media.run("write_large_file", {"megabytes": 600}, deadline_seconds=60, untrusted=True)


def test_an_untrusted_child_cannot_take_a_gigabyte(media: MediaProcess) -> None:
    with pytest.raises(OutOfMemoryError):
        media.run("hoard", {"megabytes": 1100}, deadline_seconds=30, untrusted=True)


def test_an_untrusted_child_reaches_no_server(media: MediaProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert media.run("open_socket", {"port": port}, deadline_seconds=30) == {"connected": True}
        if not _may_leave_the_network():
            pytest.skip("this kernel grants no network namespace")
        with pytest.raises(OperationFailedError):
            media.run("open_socket", {"port": port}, deadline_seconds=30, untrusted=True)


DESCRIBE = """
import json, sys
from pathlib import Path
from worker.media.process import MediaProcess
with MediaProcess(512, Path(sys.argv[1]), operations="tests.media_process.operations_on_trial") as media:
    seen = media.run("describe_child", {}, deadline_seconds=30, untrusted=True)
print(json.dumps({name: str(value) for name, value in seen.items()}))
"""


def run_in_a_process_with_secrets(scratch: Path, tmp_path: Path) -> dict[str, str]:
    secrets = ("SECRET_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "LUMA_API_KEY")
    environment = {**os.environ, **dict.fromkeys(secrets, "canary")}  # noqa: TID251 - a whole environment
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DESCRIBE), scratch],
        cwd=REPOSITORY,
        env={**environment, "TMPDIR": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


def _may_leave_the_network() -> bool:
    code = "import ctypes; c = ctypes.CDLL(None); exit(bool(c.unshare(0x40000000) and c.unshare(0x50000000)))"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
