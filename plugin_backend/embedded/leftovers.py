"""What an earlier run may have left: a server on its way down, or a file whose number is a stranger's now."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path


def end_leftover(pid_file: Path, *, naming: str, with_signal: signal.Signals, timeout: float) -> None:
    """Stop the process a file speaks of, if its command line proves that it is the one meant."""
    deadline = time.monotonic() + timeout
    while (pid := _number_in(pid_file)) is not None and naming in _command_of(pid):
        with suppress(ProcessLookupError):
            os.kill(pid, with_signal if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.05)


def names_a_living_process(pid_file: Path) -> bool:
    """Whether the number in a file belongs to any process at all."""
    pid = _number_in(pid_file)
    return pid is not None and _command_of(pid) != ""


def last_lines(log: Path, *, count: int = 12) -> str:
    """How a log ends, for the sentence that says why something did not start."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _number_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _command_of(pid: int) -> str:
    """The command line of a process; nothing when there is none, or it has ended already."""
    if Path("/proc/self").exists():
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
                .strip()
            )
        except OSError:
            return ""
    listed = subprocess.run(  # noqa: S603 - a fixed program and a number
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()
