"""What a second media process is worth: an EXR master in ranges, by one pinned to a core and by two.

    python -m bench.fan_out [--frames 24] [--full]

Ranges are handed out one by one to whoever is free, as the queue does. Each process has a scratch folder of
its own and shares the storage alone, as on two machines. `--full` is 3840 x 2160 instead of 1920 x 1080.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench.conform import RATE, SOURCE, store
from bench.stack import surroundings, verdict
from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import FrameRange
from plugin_backend.domain.sequence import Sequence
from plugin_backend.files.storage import open_storage
from worker.media.conform import ConformWork
from worker.media.process import MediaProcess

BUDGET: Final = 1.7
_RANGE: Final = 4  # frames
_EXR: Final = OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    size = (3840, 2160) if options.full else (1920, 1080)
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise SystemExit("Two cores are needed.")
    print(surroundings())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store(open_storage((folder / "store").as_uri()), frames=options.frames, width=size[0], height=size[1])
        work = _work(options.frames, size)
        alone = seconds(work, folder, cores=cores[:1])
        together = seconds(work, folder, cores=cores)
        again = seconds(work, folder, cores=cores[1:])
    one = (alone + again) / 2
    ratio = one / together
    count = len(work["plan"]["chunks"])
    print(f"EXR-ACES of {options.frames} frames of {size[0]} x {size[1]} in {count} ranges")
    print(f"  one process on a core   {alone:6.1f} s, and on the other {again:.1f} s")
    print(
        f"  two, each on its own    {together:6.1f} s: {ratio:.2f} times as fast (>= {BUDGET}) "
        f"{verdict(met=ratio >= BUDGET)}"
    )
    print(f"after: {surroundings()}")


def seconds(work: dict[str, Any], folder: Path, *, cores: list[int]) -> float:
    """By the clock, from the first range to the last one's end; the processes are warm before."""
    waiting = iter(range(len(work["plan"]["chunks"])))
    url = (folder / "store").as_uri()
    with ExitStack() as stack:
        processes = [
            stack.enter_context(MediaProcess(2560, folder / f"scratch-{core}", storage_url=url))
            for core in cores
        ]
        for media, core in zip(processes, cores, strict=True):
            _warm(media, work, core=core)
        lock = threading.Lock()
        took = [
            threading.Thread(target=_take_turns, args=(media, work, waiting, lock)) for media in processes
        ]
        began = time.perf_counter()
        for each in took:
            each.start()
        for each in took:
            each.join()
        return time.perf_counter() - began


def _warm(media: MediaProcess, work: dict[str, Any], *, core: int) -> None:
    """Its child is born on the core, stays there, and has done a range before anything is measured."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        media.warm_up()
    finally:
        os.sched_setaffinity(0, usual)
    media.run("conform_chunk", work | {"chunk": 0}, deadline_seconds=3600)


def _take_turns(
    media: MediaProcess, work: dict[str, Any], waiting: Iterator[int], lock: threading.Lock
) -> None:
    while True:
        with lock:
            number = next(waiting, None)
        if number is None:
            return
        media.run("conform_chunk", work | {"chunk": number}, deadline_seconds=3600)


def _work(frames: int, size: tuple[int, int]) -> dict[str, Any]:
    """Ranges short enough to be shared evenly."""
    width, height = size
    sequence = Sequence.from_json({"frame_rate": "24", "width": width, "height": height})
    plan = plan_conform(SourceFacts(RATE, frames, width, height), sequence, [_EXR], name_stem="bench")
    parts = tuple(FrameRange(first, min(_RANGE, frames - first)) for first in range(0, frames, _RANGE))
    return ConformWork(plan=replace(plan, chunks=parts), source=SOURCE, prefix="out").to_json()


if __name__ == "__main__":
    main()
