"""The engine's media operations: a range of frames of a shot, and the light files of a finished take.

Each range writes scene-linear source frames and one segment of the proxy in a single pass; the last
operation joins what they left. Every key is worked out from the take, so writing twice is writing once.
"""

import hashlib
import json
import shutil
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, Final, Self

from plugin_backend.domain.sequence import ColourSpace, FrameRate
from plugin_backend.files.storage import Storage
from worker.animatic.ranges import SOURCE_PATTERN
from worker.animatic.render import LABEL, Shot, bake
from worker.animatic.spec import ShotSpec
from worker.media import kernels
from worker.media.exr import ExrCompression, FrameHeader, encode_exr
from worker.media.formats import MovieFormat
from worker.media.join import join
from worker.media.kernels import Half
from worker.media.movie import MovieLabels
from worker.media.operations import OperationContext, OperationError
from worker.media.proxy import PassFacts, ProxyPass, proxy_size
from worker.media.stills import contact_sheet, poster

_FRAMES_IN_FLIGHT: Final = 2  # one being written to storage while the next is rendered


@dataclass(frozen=True, slots=True)
class ShotWork:
    """What every range of one render is given."""

    spec: ShotSpec
    prefix: str  # below which the take's keys lie
    inputs: Mapping[str, str]  # `first_frame`, `last_frame` -> key of a checked picture

    @classmethod
    def from_json(cls, arguments: Mapping[str, Any]) -> Self:
        """Read a render's spec as its row stores it."""
        return cls(ShotSpec.from_json(arguments["shot"]), arguments["prefix"], arguments["inputs"])

    def source_key(self, frame: int) -> str:
        """Where a source frame goes."""
        return SOURCE_PATTERN.format(prefix=self.prefix).format(frame=frame)

    def part_key(self, first: int, suffix: str) -> str:
        """Where a range leaves what the last step joins."""
        return f"{self.prefix}/parts/{first:06d}.{suffix}"


def render_frames(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Render `count` frames from `first` of a render's spec; gives the keys of its segment and facts."""
    work = ShotWork.from_json(arguments)
    first, count = int(arguments["first"]), int(arguments["count"])
    shot = _baked(work, context)
    segment, facts_file = context.scratch / "segment.mp4", context.scratch / "facts.zip"
    rate = work.spec.frame_rate
    width, height = proxy_size(work.spec.width, work.spec.height)
    with (
        _SourceWriter(work, context.storage) as source,
        ProxyPass(
            segment,
            rate=rate,
            width=width,
            height=height,
            clip_frames=work.spec.frame_count,
            first_frame=first,
            threads=1,
            is_segment=True,
        ) as proxy,
    ):
        for done, picture in enumerate(shot.frames(first, count), 1):
            half = kernels.to_half(picture)
            source.write(first + done - 1, half)
            proxy.write(picture)
            context.progress(done, count)
    proxy.facts.save(facts_file)
    keys = {"segment": work.part_key(first, "mp4"), "facts": work.part_key(first, "zip")}
    context.storage.put_file(keys["segment"], segment)
    context.storage.put_file(keys["facts"], facts_file)
    return keys


def finish_take(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Join the parts of a render (in order) into proxy, poster, contact sheet and measures."""
    work, storage = ShotWork.from_json(arguments), context.storage
    rate, count = work.spec.frame_rate, work.spec.frame_count
    segments, facts = _fetched(arguments["parts"], context)
    proxy = context.scratch / "proxy.mp4"
    labels = MovieLabels(metadata={"com.plugin-backend.generator": LABEL})
    joined = join(segments, proxy, movie_format=MovieFormat.PROXY, rate=rate, labels=labels)
    if joined != count:
        raise OperationError("incomplete", f"The proxy came to {joined} of {count} frames.")
    whole = reduce(add, facts)
    sheet = contact_sheet(whole.stills, title=arguments["title"], frame_count=count, rate=rate)
    files = {
        "proxy": _stored(storage, f"{work.prefix}/proxy.mp4", proxy.read_bytes()),
        "poster": _stored(storage, f"{work.prefix}/poster.jpg", poster(whole.stills).jpeg),
        "contact_sheet": _stored(storage, f"{work.prefix}/contact_sheet.jpg", sheet),
    }
    context.progress(1, 1)
    return {"files": files, "measures": whole.tally.measures(rate).to_json()}


def _stored(storage: Storage, key: str, data: bytes) -> dict[str, Any]:
    storage.put_bytes(key, data)
    return {"key": key, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _fetched(parts: list[Mapping[str, str]], context: OperationContext) -> tuple[list[Path], list[PassFacts]]:
    segments, facts = [], []
    for number, part in enumerate(parts):
        segments.append(context.scratch / f"{number:04d}.mp4")
        context.storage.get_file(part["segment"], segments[-1])
        found = context.scratch / f"{number:04d}.zip"
        context.storage.get_file(part["facts"], found)
        facts.append(PassFacts.load(found))
    return segments, facts


class _SourceWriter:
    """Encodes and stores frames beside the rendering, at most a few in flight."""

    def __init__(self, work: ShotWork, storage: Storage) -> None:
        self._work = work
        self._storage = storage
        self._rate = FrameRate(work.spec.frame_rate)
        self._waiting: deque[Future[None]] = deque()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._pool = self._stack.enter_context(ThreadPoolExecutor(1))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while self._waiting and kind is None:
                self._waiting.popleft().result()
        finally:
            self._stack.close()

    def write(self, frame: int, pixels: Half) -> None:
        """Hand over one frame, waiting while too many are on their way."""
        while len(self._waiting) >= _FRAMES_IN_FLIGHT:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._store, frame, pixels))

    def _store(self, frame: int, pixels: Half) -> None:
        header = FrameHeader(
            frame_rate=self._rate.fraction,
            image_counter=frame,
            attributes={"pluginbackend:generator": LABEL, "pluginbackend:seed": str(self._work.spec.seed)},
        )
        data = encode_exr(pixels, space=ColourSpace.ACESCG, header=header, compression=ExrCompression.HTJ2K)
        self._storage.put_bytes(self._work.source_key(frame), data)


class _LastShot:
    """The shot this process rendered last: its other ranges need no second bake."""

    key: str | None = None
    shot: Shot | None = None


def _baked(work: ShotWork, context: OperationContext) -> Shot:
    key = hashlib.sha256(
        json.dumps([work.spec.to_json(), dict(work.inputs)], sort_keys=True).encode()
    ).hexdigest()
    if _LastShot.key != key or _LastShot.shot is None:
        _LastShot.key, _LastShot.shot = None, None  # let go of the old layers before making new ones
        context.progress(0, 1)
        _LastShot.shot = bake(_with_inputs(work, context))
        _LastShot.key = key
    return _LastShot.shot


def _with_inputs(work: ShotWork, context: OperationContext) -> ShotSpec:
    """The spec with its supplied frames on disk."""
    folder = context.scratch / "inputs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    paths = {}
    for name, key in work.inputs.items():
        paths[name] = folder / f"{name}{Path(key).suffix}"
        context.storage.get_file(key, paths[name])
    return replace(work.spec, first_frame=paths.get("first_frame"), last_frame=paths.get("last_frame"))
