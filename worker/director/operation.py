"""The media operation that evaluates a take by its proxy."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO, Final, cast

import cv2

from plugin_backend.domain.direction.directives import Directive
from worker.director.evaluate import evaluate
from worker.director.frames import ClipFacts, SmallFrame, small_frames
from worker.media.operations import OperationContext, OperationError
from worker.media.sources.stored_file import StoredFile

_TELL_EVERY: Final = 8  # frames


def evaluate_take(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Evaluate the proxy under `key`.

    `directives` as `Directive.to_json()` writes them; `frame_rate` (a fraction), `frame_count` and `loop` are
    the take's.
    Gives `{"evaluation": Evaluation.to_json(), "frames": how many were seen}`.
    """
    cv2.setNumThreads(1)  # the decoder's threads are enough
    facts = ClipFacts(
        frame_rate=Fraction(arguments["frame_rate"]),
        frame_count=int(arguments["frame_count"]),
        loop=bool(arguments.get("loop", False)),
    )
    directives = tuple(Directive.from_json(each) for each in arguments["directives"])
    seen = _Seen(facts.frame_count, context)
    file = cast("BinaryIO", StoredFile(context.storage, arguments["key"]))
    evaluation = evaluate(_told(small_frames(file), seen), directives, facts=facts)
    if not seen.frames:
        raise OperationError("no-frames", "The proxy has no picture.")
    return {"evaluation": evaluation.to_json(), "frames": seen.frames}


class _Seen:
    """Counts frames and tells how far it is."""

    def __init__(self, total: int, context: OperationContext) -> None:
        self.frames = 0
        self._total = total
        self._context = context

    def one(self) -> None:
        self.frames += 1
        if self.frames % _TELL_EVERY == 0:
            self._context.progress(min(self.frames, self._total), self._total)


def _told(frames: Iterator[SmallFrame], seen: _Seen) -> Iterator[SmallFrame]:
    for frame in frames:
        seen.one()
        yield frame
