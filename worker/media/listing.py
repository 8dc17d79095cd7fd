"""How a delivery's files are listed: one by one, and a sequence of frames as one."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plugin_backend.domain.delivering.conform_plan import PlannedOutput
from plugin_backend.domain.delivering.parts import runs_of
from plugin_backend.files.media_types import media_type_of


def file_entry(role: str, key: str, *, name: str, size: int, sha256: str) -> dict[str, Any]:
    """One stored file."""
    return {
        "role": str(role),
        "name": name,
        "key": key,
        "media_type": media_type_of(name),
        "bytes": size,
        "sha256": sha256,
    }


def numbered(numbers: Sequence[int]) -> dict[str, Any]:
    """Which frames a sequence has; `runs` only where some are left out."""
    told = {"first": numbers[0], "last": numbers[-1], "count": len(numbers)}
    runs = [{"first": run.first, "last": run.first + run.count - 1} for run in runs_of(numbers)]
    return told | ({"runs": runs} if len(runs) > 1 else {})


def printf_pattern(output: PlannedOutput) -> str:
    """The pattern as players and compositors spell it: `shot.%07d.exr`."""
    return output.name.replace("{frame:07d}", "%07d")


def digest_of_digests(frames: Iterable[Mapping[str, Any]]) -> str:
    """One checksum for a sequence: of its frames' checksums, a line each as `sha256sum` writes them."""
    lines = (f"{frame['sha256']}  {frame['name']}\n" for frame in frames)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
