"""The media process: pixels are touched in a child that is bounded, watched and replaceable.

One warm child serves our own work (render, conform, join). Each stranger's file gets a fresh one under tight
limits, with no secret in its environment, no storage and no network, which ends with the file. A child that
stalls, grows or crashes costs one run, never the worker.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from plugin_backend.files.location import S3Account
from worker.media.child_handle import ChildHandle
from worker.media.limits import ChildLimits, strangers_bounds, trusted_limits
from worker.media.scratch import ScratchRoom
from worker.media.supervision import (
    Bounds,
    ChildDiedError,
    MediaProcessError,
    OnProgress,
    OperationFailedError,
    OutOfDiskError,
    OutOfMemoryError,
    OverdueError,
    Run,
    StalledError,
    StoppedError,
)

__all__ = [
    "ChildDiedError",
    "MediaProcess",
    "MediaProcessError",
    "OperationFailedError",
    "OutOfDiskError",
    "OutOfMemoryError",
    "OverdueError",
    "StalledError",
    "StoppedError",
]

_RUNS_PER_CHILD: Final = 200
_OPERATIONS: Final = "worker.media.operations"


def _unheard(_done: int, _total: int) -> None:
    pass


class MediaProcess:
    """Runs media operations in children, one at a time; made once per worker process and closed with it."""

    def __init__(
        self,
        memory_mb: int,
        scratch: Path,
        *,
        scratch_mb: int | None = None,
        storage_url: str | None = None,
        storage_account: S3Account | None = None,
        operations: str = _OPERATIONS,
        runs_per_child: int = _RUNS_PER_CHILD,
    ) -> None:
        """Storage as `open_storage` takes it, lent to our own work; `operations` names the table's module.

        `scratch_mb` bounds what a run may have on the local disk, and each file of our own work.
        """
        self._memory_mb = memory_mb
        self._scratch_mb = scratch_mb
        self._room = ScratchRoom(scratch)
        self._compiled = scratch / "compiled"
        account = None if storage_account is None else asdict(storage_account)
        self._storage = None if storage_url is None else {"url": storage_url, "account": account}
        self._operations = operations
        self._runs_per_child = runs_per_child
        self._warm: ChildHandle | None = None
        self._active: ChildHandle | None = None
        self._runs = 0
        self._runs_of_warm = 0
        self._stopping = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        op: str,
        arguments: Mapping[str, Any],
        *,
        deadline_seconds: float,
        on_progress: OnProgress = _unheard,
        stall_seconds: float = 60,
        untrusted: bool = False,
        needs_mb: int = 0,
    ) -> dict[str, Any]:
        """The operation's result. What `on_progress` raises (a lost lease) kills the child and comes out.

        A warm child that holds so much that `needs_mb` beside it would be over the bound is replaced first.
        """
        strangers = strangers_bounds(op) if untrusted else None
        memory_mb = self._memory_mb if strangers is None else min(self._memory_mb, strangers.resident_mb)
        limits = None if strangers is None else strangers.limits
        self._runs += 1
        self._make_room(needs_mb)
        with self._room.folder() as scratch, self._borrowed(limits, scratch=scratch) as child:
            bounds = Bounds(memory_mb, stall_seconds, deadline_seconds, scratch, self._scratch_mb)
            run = Run(child, number=self._runs, bounds=bounds, on_progress=on_progress)
            return run.follow({"op": op, "arguments": dict(arguments), "scratch": str(scratch)})

    def warm_up(self) -> None:
        """Start the warm child now, so that its imports are done before the first draft comes."""
        if self._warm is None or self._warm.exit_status() is not None:
            self._end_warm()
            self._warm = self._child(None, scratch=self._room.path)
            self._runs_of_warm = 0

    def folder(self) -> AbstractContextManager[Path]:
        """A scratch folder of the caller's own, for files that go into or come out of a run."""
        return self._room.folder()

    def stop(self) -> None:
        """For a signal handler: the run under way ends with StoppedError, and no other starts."""
        self._stopping = True
        if self._active is not None:
            self._active.end()

    def close(self) -> None:
        """End every child and remove every scratch file."""
        self._end_warm()
        self._room.close()

    @contextmanager
    def _borrowed(self, strangers: ChildLimits | None, *, scratch: Path) -> Iterator[ChildHandle]:
        if strangers is not None:
            child = self._child(strangers, scratch=scratch)
        else:
            self.warm_up()
            assert self._warm is not None
            child = self._warm
        self._active = child
        healthy = False
        try:
            self._refuse_when_stopping()
            yield child
            healthy = True
        except OperationFailedError:
            healthy = True
            raise
        except ChildDiedError:
            self._refuse_when_stopping()
            raise
        finally:
            self._active = None
            self._give_back(child, healthy=healthy)

    def _make_room(self, megabytes: int) -> None:
        if self._warm is not None and self._warm.resident_bytes() >> 20 > self._memory_mb - megabytes:
            self._end_warm()

    def _give_back(self, child: ChildHandle, *, healthy: bool) -> None:
        if child is not self._warm:
            child.kill()
            return
        self._runs_of_warm += 1
        grown = child.resident_bytes() > self._memory_mb << 19  # half the bound while idle: it hoards
        if not healthy or grown or self._runs_of_warm >= self._runs_per_child:
            self._end_warm()

    def _refuse_when_stopping(self) -> None:
        if self._stopping:
            raise StoppedError("This process is stopping; the work goes on elsewhere.")

    def _child(self, strangers: ChildLimits | None, *, scratch: Path) -> ChildHandle:
        return ChildHandle(
            limits=strangers or trusted_limits(self._memory_mb, scratch_mb=self._scratch_mb),
            operations=self._operations,
            storage=self._storage if strangers is None else None,
            scratch=scratch,
            compiled=self._compiled,
            preload=strangers is None,
        )

    def _end_warm(self) -> None:
        if self._warm is not None:
            self._warm.kill()
            self._warm = None
