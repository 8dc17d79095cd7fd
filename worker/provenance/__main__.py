"""A child that reads one file's credentials and knows no secret: JSON on stdin, JSON on stdout.

Started by plugin_backend/services/verification.py as `python -m worker.provenance`. It takes `path`, `name`,
`sidecar` (a path or null), `roots` (PEM), `parent` (who started it) and `cpu_seconds`.
"""

import json
import sys
from pathlib import Path
from typing import Final

from worker.media.limits import ChildLimits, die_with_parent
from worker.provenance.reading import read_credentials

_LONGEST_SIDECAR: Final = 64 << 20


def main() -> None:
    """Read the request, bound this process, answer."""
    asked = json.load(sys.stdin)
    die_with_parent(asked["parent"])
    ChildLimits(
        data_mb=1024, cpu_seconds=asked["cpu_seconds"], file_mb=1024, open_files=64, offline=True
    ).apply()
    sidecar = None
    if asked["sidecar"] is not None:
        with Path(asked["sidecar"]).open("rb") as file:
            sidecar = file.read(_LONGEST_SIDECAR)
    found = read_credentials(Path(asked["path"]), name=asked["name"], sidecar=sidecar, roots=asked["roots"])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
