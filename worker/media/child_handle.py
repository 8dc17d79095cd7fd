"""The parent's hold on one media child: start it, talk over its pipes, weigh it, kill it."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import structlog

import worker
from plugin_backend.config import inherited_environ
from worker.media.limits import ChildLimits, child_environment

_LONGEST_MESSAGE: Final = 8 << 20
_LOGGED_LINES: Final = 500  # of one child; a stranger's file must not fill the log
_LOGGED_CHARACTERS: Final = 2000
_TIDYING_SECONDS: Final = 2
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")

_log = structlog.get_logger(__name__)


class ProtocolError(Exception):
    """The child said something that is no message of ours."""


class ChildHandle:
    """A spawned child in a session of its own, so that a Ctrl-C in the terminal reaches the parent alone.

    Start it from the main thread: Linux ends the child with the thread that started it.
    """

    def __init__(
        self,
        *,
        limits: ChildLimits,
        operations: str,
        storage: Mapping[str, Any] | None,
        scratch: Path,
        compiled: Path,
        preload: bool,
    ) -> None:
        birth = {
            "parent": os.getpid(),
            "limits": limits.to_json(),
            "operations": operations,
            "preload": preload,
        }
        python_path = str(Path(worker.__path__[0]).parent)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "worker.media.child", json.dumps(birth)],
            env=child_environment(
                inherited_environ(), python_path=python_path, scratch=str(scratch), compiled=str(compiled)
            ),
            cwd=scratch,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._buffer = b""
        self._logger = threading.Thread(target=_log_lines, args=(self._process,), daemon=True)
        self._logger.start()
        self.send({"storage": storage})

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def send(self, message: Mapping[str, Any]) -> None:
        """One line to the child; a dead one is noticed by whoever reads next."""
        with suppress(BrokenPipeError):
            _stream(self._process.stdin).write(json.dumps(message).encode() + b"\n")

    def receive(self, *, within: float) -> tuple[list[dict[str, Any]], bool]:
        """The messages that arrived, waiting a little for the first, and whether the child has hung up."""
        output = _stream(self._process.stdout)
        waiting = select.poll()  # unlike select, it takes descriptors above 1,023
        waiting.register(output, select.POLLIN)
        if not waiting.poll(within * 1000):
            return [], False
        arrived = os.read(output.fileno(), 1 << 16)
        *lines, self._buffer = (self._buffer + arrived).split(b"\n")
        if len(self._buffer) > _LONGEST_MESSAGE:
            raise ProtocolError("a message without an end")
        return [_message(line) for line in lines], not arrived

    def resident_bytes(self) -> int:
        """Memory of the child and all it started; 0 where the system does not tell."""
        return sum(_resident(pid) for pid in _family(self.pid))

    def end(self) -> None:
        """Kill the whole group; safe to call from a signal handler, and twice."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def reap(self) -> int:
        """The exit status of a child that hung up, which may still be tidying."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_TIDYING_SECONDS)
        return self.kill()

    def kill(self) -> int:
        """End it, wait for it and answer with its exit status."""
        self.end()
        status = self._process.wait()
        self._logger.join(timeout=1)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            _stream(stream).close()
        return status


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # all three are pipes
    return stream


def _message(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ProtocolError("a line that is not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("a line that is not an object")
    return message


def _log_lines(process: "subprocess.Popen[bytes]") -> None:
    for number, line in enumerate(_stream(process.stderr)):  # drained to the end, or the child would block
        if number < _LOGGED_LINES:
            text = line[:_LOGGED_CHARACTERS].decode(errors="replace").rstrip()
            _log.info("media child", child=process.pid, line=text)


def _family(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):  # not Linux, or it has just ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children = (thread / "children").read_text().split()
            found += [member for child in children for member in _family(int(child))]
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
