"""A small take in storage, and a conform of it from plan to files, through the media process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
from numpy.typing import NDArray

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    OutputSpec,
    SourceFacts,
)
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.domain.sequence import Sequence as EditorSequence
from plugin_backend.files.storage import Storage, open_storage
from tests.media.scenes import sunrise
from worker.media.conform import ConformWork
from worker.media.exr import FrameHeader, encode_exr
from worker.media.process import MediaProcess

PATTERN = "takes/one/source/{frame:06d}.exr"
FRAME = 5
"""Which one is looked at, where one is enough."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a conform left, and where."""

    plan: ConformPlan
    storage: Storage
    folder: Path
    result: Mapping[str, Any]

    def file(self, *, role: str, media_type: str) -> dict[str, Any]:
        found = [f for f in self.result["files"] if (f["role"], f["media_type"]) == (role, media_type)]
        assert len(found) == 1
        entry = found[0]
        assert isinstance(entry, dict)
        return entry

    def path(self, entry: Mapping[str, Any]) -> Path:
        return self.folder / str(entry["key"])

    @property
    def movie(self) -> Path:
        return self.path(self.file(role="master", media_type="video/quicktime"))

    @property
    def proxy(self) -> Path:
        return self.path(self.file(role="proxy", media_type="video/mp4"))

    @property
    def frames(self) -> list[Path]:
        return [self.path(frame) for frame in self.file(role="master", media_type="image/x-exr")["frames"]]


def store_take(folder: Path, facts: SourceFacts) -> Storage:
    storage = open_storage(folder.as_uri())
    store_frames(storage, facts)
    return storage


def store_frames(storage: Storage, facts: SourceFacts) -> None:
    for frame in range(facts.frame_count):
        header = FrameHeader(frame_rate=facts.frame_rate)
        picture = sunrise(frame, width=facts.width, height=facts.height)
        data = encode_exr(picture, space=ColourSpace.ACESCG, header=header)
        storage.put_bytes(PATTERN.format(frame=frame), data)


def take(rate: str = "24", *, frames: int = 100, width: int = 160, height: int = 90) -> SourceFacts:
    return SourceFacts(Fraction(rate), frames, width, height)


def work_for(plan: ConformPlan, *, prefix: str) -> dict[str, Any]:
    """The operations' arguments, the plan having gone through a row."""
    return ConformWork(
        plan=ConformPlan.from_json(plan.to_json()),
        source={"kind": "frames", "pattern": PATTERN, "first": 0, "colour_space": "acescg"},
        prefix=prefix,
        metadata={"take_id": "take_0123", "generator": "animatic"},
    ).to_json()


def deliver(
    folder: Path,
    facts: SourceFacts,
    outputs: Sequence[OutputSpec],
    *,
    sequence: Mapping[str, object],
    fit: Fit = Fit.FIT,
    prefix: str = "deliveries/one",
    provenance: Mapping[str, Any] | None = None,
) -> Delivered:
    """Plan, conform every chunk in a child, finish."""
    storage = open_storage(folder.as_uri())
    plan = plan_conform(facts, EditorSequence.from_json(sequence), outputs, name_stem="sunrise", fit=fit)
    work = work_for(plan, prefix=prefix)
    with MediaProcess(1024, folder / "scratch", storage_url=folder.as_uri()) as media:
        chunks = [
            media.run("conform_chunk", work | {"chunk": number}, deadline_seconds=120)
            for number in reversed(range(len(plan.chunks)))
        ]
        asked = {"host": "premiere-pro", "sequence": dict(sequence)}
        ending = work | {"chunks": chunks, "asked": asked, "label": "animatic", "provenance": provenance}
        result = media.run("conform_finish", ending, deadline_seconds=120)
    return Delivered(plan, storage, folder, result)


def planes(path: Path, layout: str, frame: int = FRAME) -> list[NDArray[Any]]:
    """One frame's luma and both colours as FFmpeg decodes them."""
    with av.open(str(path)) as movie:
        found = next(each for number, each in enumerate(movie.decode(video=0)) if number == frame)
        assert found.format.name == layout
        depth = np.uint8 if found.format.components[0].bits == 8 else np.uint16
        out = []
        for plane in found.planes:
            rows = np.frombuffer(memoryview(plane), dtype=depth).reshape(plane.height, -1)
            out.append(rows[:, : plane.width].astype(int))
    return out


def pixels_of(path: Path) -> NDArray[np.float32]:
    return np.asarray(oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT), dtype=np.float32)
