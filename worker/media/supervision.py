"""Following one run of a media child: progress, silence, clock and memory, and what each end is called.

MediaProcessError
├── OperationFailedError(slug, detail)   the operation said why; the child is well
├── StalledError                         no frame finished for too long
├── OverdueError                         over its deadline or its processor time
├── OutOfMemoryError                     over the memory bound
├── OutOfDiskError                       over its share of the local disk
├── ChildDiedError                       it crashed, was killed from outside, or spoke nonsense
└── StoppedError                         this process was told to stop; the work is as it was
"""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from worker.media.child_handle import ChildHandle, ProtocolError
from worker.media.scratch import used_bytes

_LOOK_EVERY_SECONDS: Final = 0.1
_WEIGH_EVERY_SECONDS: Final = 0.5  # the files on the disk; each single one is bound by the system

OnProgress = Callable[[int, int], None]


class MediaProcessError(Exception):
    """The media process could not finish a run."""


class OperationFailedError(MediaProcessError):
    """The operation itself said no, in words for a person."""

    def __init__(self, slug: str, detail: str) -> None:
        self.slug = slug
        self.detail = detail
        super().__init__(f"{slug}: {detail}")


class StalledError(MediaProcessError):
    """Nothing advanced for longer than allowed."""


class OverdueError(MediaProcessError):
    """The run took longer than it may."""


class OutOfMemoryError(MediaProcessError):
    """The child grew over its bound."""


class OutOfDiskError(MediaProcessError):
    """The child's files grew over their bound."""


class ChildDiedError(MediaProcessError):
    """The child ended before it answered."""


class StoppedError(MediaProcessError):
    """The process is shutting down."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run may take."""

    memory_mb: int
    stall_seconds: float
    deadline_seconds: float
    scratch: Path
    scratch_mb: int | None = None
    """Of local disk; None for as much as there is."""


class Run:
    """One request to a child, watched until it ends."""

    def __init__(self, child: ChildHandle, *, number: int, bounds: Bounds, on_progress: OnProgress) -> None:
        self._child = child
        self._number = number
        self._bounds = bounds
        self._on_progress = on_progress
        self._began = time.monotonic()
        self._advanced = self._weighed = self._began
        self._done, self._total = -1, 0

    def follow(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send the request and wait for its result; raises one of the errors above."""
        self._child.send({"run": self._number, **request})
        while True:
            messages = self._received()
            for message in messages:
                if (result := self._heard(message)) is not None:
                    return result
            if not messages:  # what was cancelled ends before the first frame and between two, too
                self._on_progress(max(0, self._done), self._total)
            self._check_bounds()

    def _received(self) -> list[dict[str, Any]]:
        try:
            messages, hung_up = self._child.receive(within=_LOOK_EVERY_SECONDS)
        except ProtocolError as error:
            raise ChildDiedError(f"The media child sent {error}.") from error
        if hung_up and not messages:
            raise _death(self._child.reap())
        return messages

    def _heard(self, message: dict[str, Any]) -> dict[str, Any] | None:
        match message:
            case {"run": number} if number != self._number:
                return None  # the tail of an earlier run
            case {"progress": [int(done), int(total)]}:
                self._note(done, total)
                return None
            case {"result": dict(result)}:
                return result
            case {"failure": {"slug": "out-of-memory", "detail": str(detail)}}:
                raise OutOfMemoryError(detail)
            case {"failure": {"slug": str(slug), "detail": str(detail)}}:
                raise OperationFailedError(slug, detail)
            case _:
                raise ChildDiedError("The media child sent a message nobody knows.")

    def _note(self, done: int, total: int) -> None:
        if done != self._done:  # repeating a number is not progress
            self._done, self._total = done, total
            self._advanced = time.monotonic()
        self._on_progress(done, total)

    def _check_bounds(self) -> None:
        now = time.monotonic()
        if now - self._began > self._bounds.deadline_seconds:
            raise OverdueError(f"The work took longer than {self._bounds.deadline_seconds:g} s.")
        if now - self._advanced > self._bounds.stall_seconds:
            raise StalledError(f"Nothing advanced for {self._bounds.stall_seconds:g} s.")
        used = self._child.resident_bytes() >> 20
        if used > self._bounds.memory_mb:
            raise OutOfMemoryError(f"The work took {used} MB of the {self._bounds.memory_mb} MB allowed.")
        if now - self._weighed > _WEIGH_EVERY_SECONDS:
            self._weighed = now
            self._check_disk()

    def _check_disk(self) -> None:
        most = self._bounds.scratch_mb
        if most is not None and (used := used_bytes(self._bounds.scratch) >> 20) > most:
            raise OutOfDiskError(f"The work wrote {used} MB of the {most} MB of local disk allowed.")


def _death(status: int) -> MediaProcessError:
    if status == -signal.SIGXCPU:
        return OverdueError("The work took more processor time than it may.")
    ended = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
    return ChildDiedError(f"The media child ended {ended} before it answered.")
