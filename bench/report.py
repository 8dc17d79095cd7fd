"""What the quality report costs: processor time of a 1080p delivery, and how much of it is for the report.

    python bench/report.py [--frames 48]

The delivery is EXR frames, ProRes 422 HQ and a proxy. Beside the whole of it, the same frames are measured
once more alone, and the same files read back and drawn once more alone: the rest is what a delivery without
a report would take.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from bench.conform import PATTERN, RATE, SOURCE, scene, store
from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.sequence import ColourSpace, Sequence
from plugin_backend.files.storage import Storage, open_storage
from worker.media.checking import check_movie, check_sequence, check_stored
from worker.media.chunks import conform_chunk
from worker.media.colour import display_transform
from worker.media.conform import ConformWork
from worker.media.course import Course, Notes
from worker.media.finish import conform_finish
from worker.media.looks import look_at
from worker.media.operations import OperationContext
from worker.media.report_page.page import render_page
from worker.media.sources.light import PlacedLight
from worker.media.warmth import warm_kernels

WIDTH, HEIGHT = 1920, 1080
OUTPUTS = (
    OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES),
    OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ),
    OutputSpec(OutputRole.PROXY, DeliveryFormat.H264),
)
_Result = TypeVar("_Result")


def timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    """What it gives, and the processor seconds it took."""
    began = time.process_time()
    return work(), time.process_time() - began


def noted(plan: ConformPlan, *, frames: int) -> float:
    """Processor seconds of measuring and noting alone; pictures and their conversions are at hand."""
    transform = display_transform(ColourSpace.REC709)
    pictures = [scene(frame, width=WIDTH, height=HEIGHT) for frame in range(4)]
    shown = [transform.apply(picture) for picture in pictures]

    def note() -> None:
        notes = Notes(frames)
        for frame in range(frames):
            placed = PlacedLight(pictures[frame % 4], ColourSpace.ACESCG)
            at_hand = {ColourSpace.REC709: shown[frame % 4]}
            notes.add(frame, look_at(plan, [frame], placed, at_hand, measured=shown[frame % 4]))

    return timed(note)[1]


def read_back(made: dict[str, Any], plan: ConformPlan, storage: Storage, folder: Path) -> float:
    """Processor seconds of reading every file back alone."""

    def check() -> None:
        for output, file in zip(plan.outputs, made["files"], strict=False):
            if output.is_movie:
                path = folder / "store" / file["key"]
                check_movie(path, output, plan, hdr=None, sound=False)
            else:
                check_sequence(file["frames"], output, plan, light=None, storage=storage, alive=_alive)
        check_stored(made["files"], storage=storage, alive=_alive)

    return timed(check)[1]


def measure(*, frames: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        storage = open_storage((folder / "store").as_uri())
        store(storage, frames=frames, width=WIDTH, height=HEIGHT)
        sequence = Sequence.from_json({"frame_rate": "24", "width": WIDTH, "height": HEIGHT})
        plan = plan_conform(
            SourceFacts(Fraction(RATE), frames, WIDTH, HEIGHT), sequence, OUTPUTS, name_stem="b"
        )
        work = ConformWork(plan=plan, source={**SOURCE, "pattern": PATTERN}, prefix="out").to_json()
        context = OperationContext(scratch=folder, progress=lambda _done, _total: None, lent_storage=storage)
        made, whole = timed(lambda: deliver(work, plan, context))
        measuring = noted(plan, frames=frames)
        reading = read_back(made, plan, storage, folder)
        report = json.loads(storage.get_bytes("out/report.json"))
        course = Course.from_json(conform_chunk(work | {"chunk": 0}, context)["course"])
        drawing = timed(lambda: render_page(report, plan, course))[1]
        page = storage.head("out/report.html").bytes
    told = measuring + reading + drawing
    print(f"1080p, {frames} frames, EXR + ProRes 422 HQ + proxy: {whole:.1f} s of processor time")
    print(f"  without the report {whole - told:6.2f} s")
    print(f"  measuring, noting  {measuring:6.2f} s, {1000 * measuring / frames:.1f} ms a frame")
    print(f"  reading back       {reading:6.2f} s")
    print(f"  drawing the page   {drawing:6.2f} s, {page / 1000:.0f} kB")
    print(f"  the report is {100 * told / (whole - told):.1f} % on top")


def deliver(work: dict[str, Any], plan: ConformPlan, context: OperationContext) -> dict[str, Any]:
    chunks = [conform_chunk(work | {"chunk": number}, context) for number in range(len(plan.chunks))]
    return conform_finish(work | {"chunks": chunks, "asked": {}, "label": "bench"}, context)


def _alive() -> None:
    """Nobody waits here."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=48)
    warm_kernels()
    measure(frames=parser.parse_args().frames)


if __name__ == "__main__":
    main()
