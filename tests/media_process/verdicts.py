"""What comes of an upload."""

from collections.abc import Callable
from pathlib import Path

from worker.media.inspection.verdict import Verdict

Check = Callable[[bytes | Path], Verdict]


def clean(tmp_path: Path, verdict: Verdict) -> Path:
    assert verdict.problem is None
    assert verdict.file is not None
    return tmp_path / "out" / verdict.file
