"""The child side of the media process: JSON lines in, JSON lines out, on the pipes it was born with.

Started by worker/media/process.py as `python -m worker.media.child '{...}'`. Until the first request comes it
imports what media work needs, one library at a time, so that a draft does not wait for compilers.
"""

import errno
import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

from plugin_backend.files.full_disk import NO_ROOM, NO_ROOM_DETAIL
from worker.media.limits import ChildLimits, die_with_parent
from worker.media.operations import OperationContext, OperationError, operation

_PROGRESS_EVERY_SECONDS: Final = 0.05


def main() -> None:
    """Serve until the parent closes the pipe or dies."""
    birth = json.loads(sys.argv[1])
    die_with_parent(birth["parent"])
    ChildLimits.from_json(birth["limits"]).apply()
    requests, answers = _take_pipes()
    hello = json.loads(requests.readline() or "null")
    if hello is None:
        return
    incoming: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, incoming), daemon=True).start()
    server = _Server(answers, table=birth["operations"], storage=hello["storage"])
    if birth["preload"]:
        server.preload(until=lambda: not incoming.empty())
    while True:
        server.serve(json.loads(incoming.get()))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the protocol's pipes to ourselves: whatever a library prints goes to the log instead."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return requests, answers


def _listen(requests: BinaryIO, incoming: "queue.SimpleQueue[bytes]") -> None:
    for line in requests:
        incoming.put(line)
    os._exit(0)  # the parent closed the pipe or is gone; an operation under way is of no use to anyone


class _Server:
    """Runs operations and answers with progress, then a result or a failure."""

    def __init__(self, answers: BinaryIO, *, table: str, storage: dict[str, Any] | None) -> None:
        self._answers = answers
        self._table = table
        self._storage_options = storage
        self._storage: Any = None

    def preload(self, *, until: Callable[[], bool]) -> None:
        """Import one thing at a time, and stop as soon as there is work."""
        for step in importlib.import_module(self._table).PRELOAD:
            if until():
                return
            module, _, function = step.partition(":")
            try:
                loaded = importlib.import_module(module)
                if function and not until():
                    getattr(loaded, function)()
            except Exception:  # noqa: BLE001 - the operation that needs it will say so to someone who waits
                traceback.print_exc()

    def serve(self, request: dict[str, Any]) -> None:
        """One run; whatever goes wrong inside becomes a failure message, and the child lives on."""
        run = request["run"]
        try:
            function = operation(request["op"], table=self._table)
            context = OperationContext(
                scratch=Path(request["scratch"]),
                progress=_Progress(lambda done, total: self._send(run, progress=[done, total])),
                lent_storage=self._opened_storage(),
            )
            self._send(run, result=function(request["arguments"], context))
        except OperationError as error:
            self._send(run, failure={"slug": error.slug, "detail": error.detail})
        except MemoryError:
            self._send(
                run, failure={"slug": "out-of-memory", "detail": "The work asked for too much memory."}
            )
        except OSError as error:
            traceback.print_exc()
            self._send(run, failure=_unwritten(error, is_trusted=self._storage_options is not None))
        except Exception as error:  # noqa: BLE001 - the parent hears of everything; the traceback is in the log
            traceback.print_exc()
            self._send(run, failure={"slug": "unexpected", "detail": f"{type(error).__name__}: {error}"})

    def _opened_storage(self) -> Any:
        if self._storage is None and self._storage_options is not None:
            from plugin_backend.files import location, storage  # noqa: PLC0415 - untrusted children never do

            account = self._storage_options["account"]
            self._storage = storage.open_storage(
                self._storage_options["url"],
                account=None if account is None else location.S3Account(**account),
            )
        return self._storage

    def _send(self, run: int, **message: Any) -> None:
        self._answers.write(json.dumps({"run": run, **message}).encode() + b"\n")


def _unwritten(error: OSError, *, is_trusted: bool) -> dict[str, str]:
    """What a stranger's file swells to beyond its bound is no matter of our disk."""
    if error.errno in NO_ROOM and (is_trusted or error.errno != errno.EFBIG):
        return {"slug": "disk-full", "detail": NO_ROOM_DETAIL}
    return {"slug": "unexpected", "detail": f"{type(error).__name__}: {error}"}


class _Progress:
    """Passes progress on, but not more often than anyone looks."""

    def __init__(self, send: Callable[[int, int], None]) -> None:
        self._send = send
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total or now - self._last >= _PROGRESS_EVERY_SECONDS:
            self._last = now
            self._send(done, total)


if __name__ == "__main__":
    main()
