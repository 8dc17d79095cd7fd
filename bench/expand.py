"""A provider's 1080p SDR take as a 2160p HDR delivery: EXR-ACES (PIZ), ProRes 422 HQ in PQ, and a trim.

    python -m bench.expand [--seconds 5] [--memory]

From the stored take to the finished delivery through the media process, one at work. The floor decodes the
same movie, enlarges it with OpenCV and gives it to the bare encoders in a thread each: no colour, no storage.
`--memory` leaves the floor out: how large the child grows is all that is asked.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

from bench.ingest import RATE, Watched, film
from bench.stack import surroundings, verdict
from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.sequence import ColourSpace, Sequence
from plugin_backend.files.storage import Storage, open_storage
from worker.media.conform import ConformWork
from worker.media.exr import FrameHeader, encode_exr
from worker.media.formats import MovieFormat
from worker.media.ingest.parent import Telling, ingest
from worker.media.kernels import Half, Rgb16
from worker.media.movie import MovieWriter
from worker.media.process import MediaProcess
from worker.providers.protocol import StoredTake

WIDTH, HEIGHT, BUDGET, MEMORY_MB = 3840, 2160, 240, 2560
OUTPUTS: Final = (
    OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES),
    OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ),
    OutputSpec(OutputRole.PROXY, DeliveryFormat.H264),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of the processor, and the child's largest size."""

    wall: float
    cpu: float
    most_mb: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--memory", action="store_true", help="the child's size alone, without the floor")
    asked = parser.parse_args()
    seconds: int = asked.seconds
    print(surroundings())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = film(folder / "take.mp4", seconds=seconds)
        bare = None if asked.memory else floor(path, folder)
        found = ours(path, folder)
    frames = seconds * RATE
    print(f"{seconds} s of 1080p SDR to 2160p PQ: EXR-ACES, ProRes 422 HQ and a trim, {frames} frames")
    print(
        f"  ours  {found.wall:6.1f} s, {found.cpu:6.1f} s of the processor, child at most {found.most_mb} MB"
        f" (< {MEMORY_MB}) {verdict(met=found.most_mb < MEMORY_MB)}"
    )
    if bare is not None:
        _compare(found, bare, budget=BUDGET * seconds / 5)
    print(f"after: {surroundings()}")


def _compare(found: Cost, bare: Cost, *, budget: float) -> None:
    print(f"  floor {bare.wall:6.1f} s, {bare.cpu:6.1f} s of the processor: decode, enlarge, bare encoders")
    print(f"  {found.wall / bare.wall:.1f} and {found.cpu / bare.cpu:.1f} of the floor")
    print(f"  (< {budget:.0f} s) {verdict(met=found.wall < budget)}")


def ours(path: Path, folder: Path) -> Cost:
    """A delivery's own operations over a take that was taken in as any."""
    url = (folder / "store").as_uri()
    take = _taken_in(path, folder, open_storage(url))
    work = _work(take)
    before = _children()
    with MediaProcess(MEMORY_MB, folder / "warm", storage_url=url) as media:
        watched, began = Watched(media), time.perf_counter()
        chunks = [
            _run(media, watched, "conform_chunk", work | {"chunk": number})
            for number in range(len(work["plan"]["chunks"]))
        ]
        ending = work | {"chunks": chunks, "asked": {}, "label": "bench", "provenance": None}
        _run(media, watched, "conform_finish", ending)
        wall = time.perf_counter() - began
    return Cost(wall, _children() - before, watched.most_mb)


def _taken_in(path: Path, folder: Path, storage: Storage) -> StoredTake:
    storage.put_file("takes/one/original/0.mp4", path)
    fetched = {"files": [{"role": "movie", "key": "takes/one/original/0.mp4", "bytes": path.stat().st_size}]}
    with MediaProcess(2560, folder / "ingest") as media:
        telling = Telling(title="bench", label="bench")
        return ingest(fetched, take_id="one", telling=telling, storage=storage, run=Watched(media))


def _work(take: StoredTake) -> dict[str, Any]:
    facts = SourceFacts(
        frame_rate=Fraction(take.facts["frame_rate"]),
        frame_count=take.facts["frame_count"],
        width=take.facts["width"],
        height=take.facts["height"],
        space=ColourSpace(take.source["colour_space"]),
    )
    wanted = {"frame_rate": str(RATE), "width": WIDTH, "height": HEIGHT, "colour_space": "rec2100-pq"}
    plan = plan_conform(facts, Sequence.from_json(wanted), OUTPUTS, name_stem="bench")
    assert plan.expanded
    assert plan.placement.upscaled
    return ConformWork(
        plan=ConformPlan.from_json(plan.to_json()), source=take.source, prefix="deliveries/1"
    ).to_json()


def _run(media: MediaProcess, watched: Watched, op: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return media.run(op, arguments, deadline_seconds=3600, on_progress=watched.look())


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def floor(path: Path, folder: Path) -> Cost:
    """Decoded and enlarged in one thread, EXR and ProRes in one each, as far apart as they get."""
    wall, cpu = time.perf_counter(), time.process_time()
    header = FrameHeader(frame_rate=Fraction(RATE))
    with (
        ThreadPoolExecutor(2) as pool,
        MovieWriter(
            folder / "floor.mov",
            movie_format=MovieFormat.PRORES_422_HQ,
            rate=Fraction(RATE),
            width=WIDTH,
            height=HEIGHT,
            colour_space=ColourSpace.REC2100_PQ,
            threads=1,
        ) as movie,
    ):
        for rgb in _enlarged(path):
            half: Half = (rgb >> 2).view(np.float16)  # light of a kind: small numbers, smooth as the picture
            writing = pool.submit(encode_exr, half, space=ColourSpace.ACESCG, header=header)
            movie.write(rgb)
            writing.result()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def _enlarged(path: Path) -> Iterator[Rgb16]:
    with av.open(str(path)) as movie:
        for frame in movie.decode(video=0):
            rgb = frame.to_ndarray(format="rgb48le")
            grown = cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
            yield np.asarray(grown, dtype=np.uint16)


if __name__ == "__main__":
    main()
