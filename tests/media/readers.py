"""An independent reader of movies: a static ffmpeg of another version than the library that wrote them."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Stamp:
    decode: int
    show: int
    duration: int


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *arguments]
    return subprocess.run(command, capture_output=True, check=False)


def report(path: Path) -> str:
    """What the reader says of a file's streams, tags and timecode."""
    return _run("-i", str(path)).stderr.decode()


def _packets(path: Path) -> list[list[str]]:
    lines = _run("-i", str(path), "-map", "0:v", "-c", "copy", "-f", "framecrc", "-").stdout.decode()
    return [line.split(",") for line in lines.splitlines() if line and not line.startswith("#")]


def stamps(path: Path) -> list[Stamp]:
    """The time stamps of every coded frame."""
    return [Stamp(*(int(value) for value in row[1:4])) for row in _packets(path)]


def key_frames(path: Path) -> list[int]:
    """Which coded frames a player can begin at: the reader prints flags on the others."""
    return [i for i, row in enumerate(_packets(path)) if not any("F=0x" in value for value in row)]


def luma(path: Path, *, width: int, height: int, pixels: str = "yuv422p10le") -> NDArray[np.uint16]:
    """The luma of every frame as coded, nothing converted; `pixels` must be what the movie stores."""
    made = _run("-i", str(path), "-map", "0:v", "-f", "rawvideo", "-pix_fmt", pixels, "-")
    assert made.returncode == 0, made.stderr.decode()
    samples = np.frombuffer(made.stdout, dtype=np.uint16 if "10" in pixels else np.uint8)
    per_frame = height * width * 2 if "422" in pixels else height * width * 3 // 2
    return samples.reshape(-1, per_frame)[:, : height * width].reshape(-1, height, width).astype(np.uint16)


def timecode(path: Path) -> str | None:
    """The timecode of a movie's own timecode track."""
    found = re.search(r"tmcd.*?timecode\s*: (\S+)", report(path), re.DOTALL)
    return found[1] if found else None


def index_comes_first(path: Path) -> bool:
    """Whether a player can start before the whole file is there."""
    data = path.read_bytes()
    return data.index(b"moov") < data.index(b"mdat")
