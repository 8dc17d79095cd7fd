"""What a media child may be asked to do: nothing outside this table can be named over its pipe.

An operation is `def f(arguments, context) -> dict` of JSON values. It reports progress at least each few
seconds (silence for a minute is taken for a hang), keeps its files in `context.scratch`, and may be killed at
any point: what it leaves in storage lies under keys that a second run writes again.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # a child that reads strangers' files never imports storage
    from plugin_backend.files.storage import Storage

OPERATIONS: Final[Mapping[str, str]] = {
    "inspect_asset": "worker.media.inspection:inspect_asset",
    "ingest_take": "worker.media.ingest.operation:ingest_take",
    "render_frames": "worker.animatic.operations:render_frames",
    "finish_take": "worker.animatic.operations:finish_take",
    "conform_chunk": "worker.media.chunks:conform_chunk",
    "conform_finish": "worker.media.finish:conform_finish",
    "take_frame": "worker.media.take_frame:take_frame",
    "compare_takes": "worker.media.comparison:compare_takes",
    "evaluate_take": "worker.director.operation:evaluate_take",
    "build_archive": "worker.media.archive:build_archive",
}

# Each run of these gets a fresh child under tight limits, without storage or network.
READS_STRANGERS: Final = frozenset({"inspect_asset", "ingest_take"})

# Imported by a warm child while it has nothing to do, in this order; the last one runs every kernel once.
PRELOAD: Final = (
    "numpy",
    "OpenEXR",
    "plugin_backend.files.storage",
    "worker.media.kernels",
    "cv2",
    "av",
    "PyOpenColorIO",
    "worker.media.warmth:warm_kernels",
)


class OperationError(Exception):
    """An operation cannot be done, and a person should read why."""

    def __init__(self, slug: str, detail: str) -> None:
        self.slug = slug
        self.detail = detail
        super().__init__(f"{slug}: {detail}")


@dataclass(frozen=True, slots=True)
class OperationContext:
    """What an operation is lent for one run."""

    scratch: Path
    progress: Callable[[int, int], None]
    lent_storage: "Storage | None" = None

    @property
    def storage(self) -> "Storage":
        """Object storage; a child that reads strangers' files is given none."""
        if self.lent_storage is None:
            raise OperationError("no-storage", "This operation ran in a child that is given no storage.")
        return self.lent_storage


Operation = Callable[[dict[str, Any], OperationContext], dict[str, Any]]


def operation(name: str, *, table: str = __name__) -> Operation:
    """The function behind a name of the table, imported on first use."""
    listed: Mapping[str, str] = importlib.import_module(table).OPERATIONS
    if name not in listed:
        raise OperationError("unknown-operation", f"There is no media operation {name!r}.")
    module, _, function = listed[name].partition(":")
    found: Operation = getattr(importlib.import_module(module), function)
    return found
