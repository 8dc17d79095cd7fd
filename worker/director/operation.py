"""The media operation that evaluates a take by its proxy, and draws what it found."""

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO, Final, cast

import cv2
import numpy as np

from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Evaluation
from worker.director.chart import motion_chart
from worker.director.evaluate import evaluate
from worker.director.frames import ClipFacts, Rgb, SmallFrame, small_frames
from worker.director.pictures import direction_picture
from worker.media.operations import OperationContext, OperationError
from worker.media.sources.stored_file import StoredFile
from worker.media.stills import encode_jpeg

_LOOK_SIDE: Final = 512
_TELL_EVERY: Final = 8  # frames


def evaluate_take(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Evaluate the proxy under `key`.

    `directives` as `Directive.to_json()` writes them; `frame_rate` (a fraction), `frame_count` and `loop` are
    the take's. Gives `{"evaluation": Evaluation.to_json(), "frames": how many were seen}`, and with a
    `prefix` of storage keys `pictures` too: `frame` (PNG) and `motion` (SVG), each `{key, bytes, sha256}`.
    Where `looks` is true, it holds the keys of three small JPEGs for a visual judge.
    """
    cv2.setNumThreads(1)  # the decoder's threads are enough
    facts = ClipFacts(
        frame_rate=Fraction(arguments["frame_rate"]),
        frame_count=int(arguments["frame_count"]),
        loop=bool(arguments.get("loop", False)),
    )
    directives = tuple(Directive.from_json(each) for each in arguments["directives"])
    middle = facts.frame_count // 2
    moments = (facts.frame_count // 6, middle, facts.frame_count * 5 // 6) if arguments.get("looks") else ()
    kept = dict[int, Rgb | None].fromkeys((middle, *moments))
    seen = _Seen(facts.frame_count, context)
    file = cast("BinaryIO", StoredFile(context.storage, arguments["key"]))
    evaluation = evaluate(_told(small_frames(file, kept=kept), seen), directives, facts=facts)
    if not seen.frames:
        raise OperationError("no-frames", "The proxy has no picture.")
    found = {"evaluation": evaluation.to_json(), "frames": seen.frames}
    if "prefix" not in arguments:
        return found
    pictures = _pictures(kept[middle], directives, evaluation, duration=facts.frame_count / facts.frame_rate)
    found["pictures"] = _stored(pictures, arguments["prefix"], context)
    looks = {f"look-{number}.jpg": _small_jpeg(kept[frame]) for number, frame in enumerate(moments)}
    found["looks"] = [each["key"] for each in _stored(looks, arguments["prefix"], context).values()]
    return found


def _small_jpeg(frame: Rgb | None) -> bytes:
    if frame is None:
        raise OperationError("no-frames", "The proxy is shorter than its take.")
    width, height = frame.shape[1], frame.shape[0]
    scale = min(1.0, _LOOK_SIDE / max(width, height))
    size = (round(width * scale), round(height * scale))
    return encode_jpeg(np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8))


def _pictures(
    frame: Rgb | None,
    directives: tuple[Directive, ...],
    evaluation: Evaluation,
    *,
    duration: Fraction,
) -> dict[str, bytes]:
    """By file name: what was asked and measured over the middle frame, and over time."""
    made = {"motion.svg": motion_chart(directives, evaluation, duration).encode()}
    if frame is not None:
        made["frame.png"] = direction_picture(frame, directives, evaluation)
    return made


def _stored(files: dict[str, bytes], prefix: str, context: OperationContext) -> dict[str, dict[str, Any]]:
    """Each under its name without the ending."""
    stored = {}
    for name, data in files.items():
        key = f"{prefix}/{name}"
        context.storage.put_bytes(key, data)
        digest = hashlib.sha256(data).hexdigest()
        stored[name.partition(".")[0]] = {"key": key, "bytes": len(data), "sha256": digest}
    return stored


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
