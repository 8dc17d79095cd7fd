"""The parent's side of an inspection: one fresh child per file, a verdict whatever becomes of it."""

from pathlib import Path
from typing import Final

import structlog

from worker.media.inspection.verdict import Verdict
from worker.media.process import (
    ChildDiedError,
    MediaProcess,
    OperationFailedError,
    OutOfMemoryError,
    OverdueError,
    StalledError,
)
from worker.media.supervision import OnProgress

_DEADLINE_SECONDS: Final = 60
_STALL_SECONDS: Final = 20
_TOO_MUCH: Final = (
    "Reading this file takes more than a file may; export it again, smaller or in another format."
)

_log = structlog.get_logger(__name__)


def check_asset(media: MediaProcess, path: Path, *, folder: Path, on_progress: OnProgress) -> Verdict:
    """Inspect an uploaded file; the clean copy and poster are left in `folder`.

    A file that kills, stalls or fills its child is refused, not tried again: it would do so each time.
    """
    try:
        found = media.run(
            "inspect_asset",
            {"path": str(path), "folder": str(folder)},
            deadline_seconds=_DEADLINE_SECONDS,
            stall_seconds=_STALL_SECONDS,
            on_progress=on_progress,
            untrusted=True,
        )
        return Verdict.from_json(found, folder=folder)
    except (ChildDiedError, OutOfMemoryError, OverdueError, StalledError, OperationFailedError) as error:
        _log.warning("an asset broke its inspection", reason=str(error))
        return Verdict(problem=_TOO_MUCH)
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("an inspection made no sense", reason=str(error))
        return Verdict(problem=_TOO_MUCH)
