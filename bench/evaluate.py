"""What evaluating a take costs: the processor time of the media operation, of a 5 s 540p proxy.

    python -m bench.evaluate [--passes 7]

The floor is decoding the same proxy by bare calls and looking at nothing. Both in turn, after one warm-up.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, Final

import av
from av.codec.context import ThreadType

from bench.stack import surroundings, verdict
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import open_storage
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.media.colour import display_transform
from worker.media.formats import MovieFormat
from worker.media.movie import MovieWriter
from worker.media.operations import OperationContext, operation

PROMPTS: Final = (
    "paper boats drift under a bridge in the rain at night, neon reflections, slow push in",
    "a man walks to the left through a pine forest at golden hour, the camera tracks right",
    "a white gallery, a red ball rolls behind a column, static shot",
)
BUDGET: Final = 2.5
WIDTH, HEIGHT, FRAMES, RATE = 960, 540, 120, Fraction(24)
_MARKED: Final = (
    Directive(
        id="mark-1",
        kind=DirectiveKind.SUBJECT,
        source=DirectiveSource.MARK,
        says="The subject moves right.",
        to_seconds=Fraction(5),
        vector=(0.1, 0.0),
        path=((0.3, 0.6), (0.8, 0.6)),
    ),
    Directive(
        id="mark-2",
        kind=DirectiveKind.KEEP,
        source=DirectiveSource.MARK,
        says="What is outlined stays as it is.",
        to_seconds=Fraction(5),
        region=((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4)),
    ),
)


def proxy(path: Path, prompt: str) -> list[Directive]:
    """A draft's proxy, and what it is judged by: the plan's directives, a path and a region to keep."""
    plan = plan_shot(prompt, duration_seconds=Fraction(5))
    shot, transform = (
        bake(ShotSpec(plan, 1, WIDTH, HEIGHT, RATE, FRAMES)),
        display_transform(ColourSpace.REC709),
    )
    with MovieWriter(
        path,
        movie_format=MovieFormat.PROXY,
        rate=RATE,
        width=WIDTH,
        height=HEIGHT,
        colour_space=ColourSpace.REC709,
        threads=2,
    ) as movie:
        for picture in shot.frames():
            movie.write(transform.apply(picture))
    return [*directives_of_plan(plan), *_MARKED]


def decoded(path: Path) -> int:
    """The floor."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count, stream.thread_type = 2, ThreadType.AUTO
        return sum(1 for _ in container.decode(stream))


def processor_seconds(work: Callable[[], Any]) -> float:
    """Of all threads of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(prompt: str, *, passes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        storage = open_storage((folder / "store").as_uri())
        directives = proxy(folder / "proxy.mp4", prompt)
        storage.put_file("take/proxy.mp4", folder / "proxy.mp4")
        context = OperationContext(scratch=folder, progress=lambda _done, _total: None, lent_storage=storage)
        arguments = {
            "key": "take/proxy.mp4",
            "directives": [each.to_json() for each in directives],
            "frame_rate": str(RATE),
            "frame_count": FRAMES,
        }
        evaluate_take = operation("evaluate_take")
        evaluate_take(arguments, context)
        decoded(folder / "proxy.mp4")
        turns = [
            (
                processor_seconds(lambda: evaluate_take(arguments, context)),
                processor_seconds(lambda: decoded(folder / "proxy.mp4")),
            )
            for _ in range(passes)
        ]
    ours, floor = (median(column) for column in zip(*turns, strict=True))
    spread = f"({min(each for each, _ in turns):.2f}-{max(each for each, _ in turns):.2f})"
    print(f"{prompt!r}, {len(directives)} directives")
    print(f"  floor  {floor:5.2f} s of the processor: decoding alone")
    print(f"  ours   {ours:5.2f} s {spread}  (< {BUDGET} s) {verdict(met=ours < BUDGET)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=7)
    passes: int = parser.parse_args().passes
    print(surroundings())
    for prompt in PROMPTS:
        measure(prompt, passes=passes)
    print(f"after: {surroundings()}")


if __name__ == "__main__":
    main()
