"""The stages of one pass, each by itself on one thread: what each costs where the others do not run."""

import hashlib
import io
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import OpenEXR

from bench.conform import RATE
from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.colour import display_transform
from worker.media.exr import read_source_exr
from worker.media.formats import MovieFormat
from worker.media.kernels import Half
from worker.media.measure import tally_frame
from worker.media.movie import MovieWriter
from worker.media.scopes import inside_light, waveform
from worker.media.sources.placing import resized_rgb

STAGES: Final = {
    "decoding": "decoding the take (HTJ2K)",
    "showing": "ACES 2.0 for the display",
    "samples": "its samples as ProRes codes them",
    "aces": "ACES2065-1 for the frames",
    "small": "the small copies, for the proxy and for measuring",
    "measuring": "measures and scopes",
    "digesting": "the frame's checksum",
    "uncompressed": "decoding a take that were stored uncompressed, which is not done",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the processor, in children too, and by the clock."""

    cpu: float
    wall: float


class Stopwatch:
    """Reads both since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = _used(), time.perf_counter()

    @property
    def cost(self) -> Cost:
        """So far."""
        return Cost(_used() - self._cpu, time.perf_counter() - self._wall)


def _used() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in found)


def spent_by_stage(stored: Sequence[bytes]) -> dict[str, Cost]:
    """What each takes of one frame, over frames as the take stores them."""
    pictures = [read_source_exr(data)[0] for data in stored]
    display = display_transform(ColourSpace.REC709)
    shown = [display.apply(each) for each in pictures]
    small = [resized_rgb(each, width=640, height=360) for each in shown]
    flat = [_uncompressed(each) for each in pictures]
    size = {"width": shown[0].shape[1], "height": shown[0].shape[0]}
    with tempfile.TemporaryDirectory() as folder:
        movie = MovieWriter(
            Path(folder) / "none.mov",
            movie_format=MovieFormat.PRORES_422_HQ,
            rate=RATE,
            colour_space=ColourSpace.REC709,
            **size,
        )
        acts: dict[str, Callable[[int], object]] = {
            "decoding": lambda n: read_source_exr(stored[n]),
            "showing": lambda n: display.apply(pictures[n]),
            "samples": lambda n: movie.coded(shown[n]),
            "aces": lambda n: kernels.to_ap0_half(pictures[n]),
            "small": lambda n: resized_rgb(
                resized_rgb(shown[n], width=1280, height=720), width=640, height=360
            ),
            "measuring": lambda n: (
                tally_frame(pictures[n], shown=small[n]),
                waveform(shown[n], space=ColourSpace.REC709),
                inside_light(pictures[n], space=ColourSpace.ACESCG),
            ),
            "digesting": lambda n: hashlib.sha256(stored[n]).digest(),
            "uncompressed": lambda n: read_flat(flat[n]),
        }
        found = {name: _each(act, len(stored)) for name, act in acts.items()}
        movie.write(shown[0])  # a movie has a frame
        movie.close()
    return found


def _each(act: Callable[[int], object], count: int) -> Cost:
    act(0)
    watch = Stopwatch()
    for number in range(count):
        act(number)
    return Cost(watch.cost.cpu / count, watch.cost.wall / count)


def _uncompressed(picture: Half) -> bytes:
    stream = io.BytesIO()
    attributes = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.NO_COMPRESSION}
    with OpenEXR.File(attributes, {"RGB": np.ascontiguousarray(picture)}) as file:
        file.write(stream)
    return stream.getvalue()


def read_flat(data: bytes) -> Half:
    with OpenEXR.File(io.BytesIO(data)) as file:
        return np.asarray(file.channels()["RGB"].pixels, dtype=np.float16)
