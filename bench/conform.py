"""What a conform costs: processor time a frame, wall time and memory of a chunk of EXR frames and ProRes.

    python bench/conform.py [--frames 24]

The floor is the same work with nothing around it: decode, colour and encode calls in a bare loop, one thread.
"""

import argparse
import resource
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    OutputRole,
    OutputSpec,
    SourceFacts,
)
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.sequence import ColourSpace, Sequence
from plugin_backend.files.storage import Storage, open_storage
from worker.media.chunks import conform_chunk
from worker.media.colour import display_transform
from worker.media.conform import ConformWork
from worker.media.exr import FrameHeader, encode_exr, read_source_exr
from worker.media.formats import MovieFormat
from worker.media.kernels import Picture
from worker.media.movie import MovieWriter
from worker.media.operations import OperationContext
from worker.media.warmth import warm_kernels

RATE = Fraction(24)
PATTERN = "take/{frame:06d}.exr"
SOURCE = {"kind": "frames", "pattern": PATTERN, "first": 0, "colour_space": "acescg"}
OUTPUTS = (
    OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES),
    OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ),
)


def scene(frame: int, *, width: int, height: int) -> Picture:
    """Gradients, a moving sun at 45 and fresh grain: what a compressor meets in a real master."""
    y, x = (axis.astype(np.float32) for axis in np.mgrid[0:height, 0:width])
    x, y = x / width, y / height
    away = np.hypot(x - 0.3 - frame / 400, (y - 0.4) * height / width)[..., None]
    sky = np.stack([0.2 + y, 0.3 + 0.5 * y, 0.8 - 0.5 * y], axis=-1)
    lit = sky + np.exp(-away * 8) * 3 + (away < 0.04) * 45
    texture = 0.05 * np.sin(x * 400 + np.sin(y * 90) * 4)[..., None] * (y > 0.6)[..., None]
    grain = np.random.default_rng(frame).normal(0, 0.004, (height, width, 3))
    return np.asarray(np.maximum(lit + texture + grain, 0), dtype=np.float32)


def store(storage: Storage, *, frames: int, width: int, height: int) -> None:
    header = FrameHeader(frame_rate=RATE)
    for frame in range(frames):
        picture = scene(frame % 4, width=width, height=height)
        storage.put_bytes(
            PATTERN.format(frame=frame), encode_exr(picture, space=ColourSpace.ACESCG, header=header)
        )


def clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def floor(storage: Storage, folder: Path, *, frames: int, width: int, height: int) -> float:
    """Processor milliseconds a frame of the bare calls."""
    transform, header = display_transform(ColourSpace.REC709), FrameHeader(frame_rate=RATE)
    _, began = clocks()
    with MovieWriter(
        folder / "floor.mov",
        movie_format=MovieFormat.PRORES_422_HQ,
        rate=RATE,
        width=width,
        height=height,
        colour_space=ColourSpace.REC709,
        threads=1,
        is_segment=True,
    ) as movie:
        for frame in range(frames):
            pixels, _ = read_source_exr(storage.get_bytes(PATTERN.format(frame=frame)))
            encode_exr(pixels, space=ColourSpace.ACES2065_1, header=header)
            movie.write(transform.apply(pixels))
    return (clocks()[1] - began) * 1000 / frames


def measure(*, frames: int, width: int, height: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        storage = open_storage((folder / "store").as_uri())
        store(storage, frames=frames, width=width, height=height)
        bare = floor(storage, folder, frames=frames, width=width, height=height)
        sequence = Sequence.from_json({"frame_rate": "24", "width": width, "height": height})
        plan = plan_conform(SourceFacts(RATE, frames, width, height), sequence, OUTPUTS, name_stem="bench")
        work = ConformWork(plan=ConformPlan.from_json(plan.to_json()), source=SOURCE, prefix="out")
        context = OperationContext(scratch=folder, progress=lambda _done, _total: None, lent_storage=storage)
        wall, cpu = clocks()
        for number in range(len(plan.chunks)):
            conform_chunk(work.to_json() | {"chunk": number}, context)
        ended, used = clocks()
    return {
        "chunks": len(plan.chunks),
        "cpu": (used - cpu) * 1000 / frames,
        "wall": (ended - wall) * 1000 / frames,
        "floor": bare,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=24)
    frames: int = parser.parse_args().frames
    warm_kernels()
    print("EXR (ACES2065-1, PIZ) + ProRes 422 HQ, pixel for pixel, per frame")
    for width, height, count in ((1920, 1080, frames), (3840, 2160, max(8, frames // 3))):
        found = measure(frames=count, width=width, height=height)
        print(
            f"{width} x {height}: {found['cpu']:6.0f} ms cpu, {found['wall']:6.0f} ms wall, "
            f"floor {found['floor']:6.0f} ms cpu in bare calls; {found['chunks']} chunks of "
            f"{count // found['chunks']}, peak {found['memory']} MB"
        )


if __name__ == "__main__":
    main()
