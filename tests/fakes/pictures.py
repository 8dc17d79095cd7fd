"""The files that jobs end in, rendered once per shape by a process of its own and kept for later runs."""

import asyncio
import hashlib
import json
import os
import re
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from subprocess import run
from typing import Any

ROOT = Path(__file__).parents[2]
_RECIPE = 2  # counted up when `rendering` makes other files of the same shape
_LINES = re.compile(r"(\d+)[kp]", re.IGNORECASE)  # `720p`, `4k`, and `1080p-SR` for what is enlarged to that
_SIDES = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:3": (4, 3),
    "3:4": (3, 4),
    "21:9": (21, 9),
    "9:21": (9, 21),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """The shape of a file: an MP4, or with `exr` a zip of that many frames."""

    width: int
    height: int
    seconds: float
    audio: bool = False
    hdr: bool = False
    exr: bool = False
    prompt: str = ""
    """What it shows; empty: the same forest, whatever was asked for."""
    seed: int = 7
    flaw: str = ""
    """One of `flaws.Flaw`; empty: it is as the prompt says."""

    @property
    def suffix(self) -> str:
        return ".zip" if self.exr else ".mp4"

    @property
    def media_type(self) -> str:
        return "application/zip" if self.exr else "video/mp4"

    @property
    def frame_count(self) -> int:
        return max(1, round(self.seconds * 24))

    def scaled(self, by: float) -> "Picture":
        """The same, smaller, where nobody looks at the size."""
        return replace(self, width=_even(self.width * by), height=_even(self.height * by))


def picture(
    resolution: str, aspect_ratio: str, seconds: float, *, audio: bool = False, hdr: bool = False
) -> Picture:
    """An MP4 whose short side is what `540p` or `4k` says."""
    across, down = _SIDES[aspect_ratio]
    scale = _short(resolution) / min(across, down)
    return Picture(_even(across * scale), _even(down * scale), seconds, audio=audio, hdr=hdr)


def like(width: int, height: int, resolution: str, seconds: float, *, hdr: bool = False) -> Picture:
    """An MP4 of a source's proportions at a resolution."""
    scale = _short(resolution) / min(width, height)
    return Picture(_even(width * scale), _even(height * scale), seconds, hdr=hdr)


class Pictures:
    """A folder of rendered files, shared by all simulators of this machine and user."""

    def __init__(self, folder: Path | None = None, *, scale: float = 1.0) -> None:
        user = os.getuid() if hasattr(os, "getuid") else 0
        self._folder = folder or Path(tempfile.gettempdir()) / f"plugin-backend-simulated-{user}"
        self._scale = scale
        self._making: dict[Picture, Future[Path]] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="simulated-pictures")

    def begin(self, wanted: Picture) -> None:
        """Have it rendered soon, unless it is there; what could not be rendered is tried again."""
        making = self._making.get(wanted)
        if making is None or (making.done() and making.exception() is not None):
            self._making[wanted] = self._pool.submit(self._made, wanted.scaled(self._scale))

    async def path(self, wanted: Picture) -> Path:
        """Where it lies; waits for its rendering."""
        self.begin(wanted)
        return await asyncio.shield(asyncio.wrap_future(self._making[wanted]))  # others may want it, too

    def close(self) -> None:
        """Render nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _made(self, wanted: Picture) -> Path:
        shape = json.dumps([_RECIPE, asdict(wanted)], sort_keys=True)
        path = self._folder / f"{hashlib.sha256(shape.encode()).hexdigest()[:20]}{wanted.suffix}"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as making:
                half = Path(making) / f"half{wanted.suffix}"
                self._render(asdict(wanted), half)
                half.replace(path)
        return path

    def _render(self, shape: dict[str, Any], path: Path) -> None:
        command = [sys.executable, "-m", "tests.fakes.rendering", json.dumps(shape), str(path)]
        run(command, check=True, cwd=ROOT, capture_output=True)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _short(resolution: str) -> int:
    """The short side in lines."""
    found = _LINES.match(resolution)
    if found is None:
        raise ValueError(f"{resolution} says no number of lines.")
    return 2160 if resolution.lower() == "4k" else int(found[1])
