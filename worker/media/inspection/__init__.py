"""Inspecting what strangers upload: decoded within limits, measured, rewritten as a clean file of ours.

Runs in a child of its own for each file (see worker/media/process.py). Nothing of the upload itself is kept:
a picture is encoded anew, a movie's coded frames are laid into a new container, sound becomes plain PCM. What
hid beside or behind them (other files, scripts, positions, comments) does not come along.
"""

import traceback
from pathlib import Path
from typing import Any, assert_never

from worker.media.inspection.kinds import FileType, Kind, type_of
from worker.media.inspection.verdict import RefusedError, Verdict
from worker.media.operations import OperationContext


def inspect_asset(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Inspect the file at `path`, leave a clean copy and a poster in `folder`; gives a `Verdict` as JSON."""
    path, folder = Path(arguments["path"]), Path(arguments["folder"])
    try:
        verdict = _inspect(path, type_of(path), folder=folder, context=context)
    except RefusedError as refused:
        if refused.__cause__ is not None:
            traceback.print_exception(refused.__cause__)  # for the log; the person gets the sentence
        verdict = Verdict(problem=str(refused))
    return verdict.to_json()


def _inspect(path: Path, file_type: FileType, *, folder: Path, context: OperationContext) -> Verdict:
    """Each library is loaded for its own kind only: a picture's child never meets a movie decoder."""
    match file_type.kind:
        case Kind.IMAGE:
            from worker.media.inspection.image import inspect_image  # noqa: PLC0415 - as said above

            return inspect_image(path, file_type, folder=folder)
        case Kind.VIDEO | Kind.AUDIO:
            from worker.media.inspection.movie import inspect_recording  # noqa: PLC0415 - as said above

            return inspect_recording(path, file_type, folder=folder, progress=context.progress)
        case _:
            assert_never(file_type.kind)
