"""Children of a media process, as seen from outside."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from worker.media.process import MediaProcess

OPERATIONS = "tests.media_process.operations_on_trial"
REPOSITORY = Path(__file__).parents[2]


def pid_of(media: MediaProcess) -> int:
    pid = media.run("describe_child", {}, deadline_seconds=30)["pid"]
    assert isinstance(pid, int)
    return pid


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came true"
        threading.Event().wait(0.01)
