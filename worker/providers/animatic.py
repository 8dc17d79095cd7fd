"""The embedded engine as a provider: its upstream is our own media workers, asked through rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.brief import Kind
from plugin_backend.domain.delivering.picture_size import picture_size
from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.keeping import Copy
from plugin_backend.domain.lifecycle import ChunkState
from plugin_backend.domain.sequence import FrameRate, frames_for
from plugin_backend.domain.work import Lane
from plugin_backend.services.house import House
from plugin_backend.services.making import renders
from plugin_backend.services.making.renders import RenderOrder, RenderStanding
from worker.animatic import spec as engine
from worker.animatic.ranges import SOURCE_PATTERN, frame_ranges
from worker.providers.drawn import strokes_of
from worker.providers.protocol import (
    Accepted,
    Broken,
    Finished,
    Found,
    MediaRunner,
    NotFound,
    Progress,
    Running,
    Shot,
    Stopped,
    StoredTake,
    Submission,
    Whereabouts,
)

_NATIVE_RATE: Final = FrameRate(Fraction(24))
_CHUNK_PIXELS: Final = 24 * 1920 * 1080  # about six seconds of one core
_DRAFT_RANGES: Final = 4  # enough for two workers to share a draft evenly


class AnimaticProvider:
    """Cuts a shot into frame ranges and watches our own workers make them."""

    name = "animatic"
    is_remote = False

    def __init__(self, house: House) -> None:
        self._house = house

    def submit(self, shot: Shot) -> Submission:
        """Write the render's rows; the token makes a second asking the first."""
        spec = _spec(shot)
        inputs = _inputs(shot)
        lane = Lane.MEDIA_DRAFT if shot.lane.is_draft else Lane.MEDIA_MASTER
        order = RenderOrder(
            token=shot.token,
            subject_id=shot.take_id,
            workspace_id=shot.workspace_id,
            owner_id=shot.owner_id,
            lane=lane,
            spec={"shot": spec.to_json(), "prefix": _prefix(shot.take_id), "inputs": inputs},
            ranges=frame_ranges(spec.frame_count, size=_range_size(spec)),
        )
        return Accepted(renders.order(self._house, order))

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        """Our own books are complete: what is not in them was never asked."""
        del since
        ref = renders.find(self._house, token)
        return NotFound() if ref is None else Found(ref)

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        """How far our workers are; the last range nudges the take, so looking seldom is enough."""
        return {ref: _progress(standing) for ref, standing in renders.look(self._house, refs).items()}

    def cancel(self, ref: str) -> Stopped | None:
        """Our own work stops at once and costs nothing."""
        renders.cancel(self._house, ref)
        return Stopped(charged=False)

    def forget(self, refs: Sequence[str]) -> Mapping[str, Copy]:
        """There is nothing but what lies in our own storage."""
        return dict.fromkeys(refs, Copy.GONE)

    def fetch(
        self, shot: Shot, outputs: Mapping[str, Any], *, alive: Callable[[], None]
    ) -> Mapping[str, Any]:
        """The frames lie in storage already."""
        del shot, alive
        return outputs

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        """Join the proxy and gather what was measured."""
        spec = _spec(shot)
        made = run(
            "finish_take",
            {
                "shot": spec.to_json(),
                "prefix": _prefix(shot.take_id),
                "inputs": _inputs(shot),
                "parts": fetched["parts"],
                "title": shot.request.label or shot.request.brief.prompt or "animatic",
            },
        )
        return StoredTake(
            source={
                "kind": "frames",
                "pattern": SOURCE_PATTERN.format(prefix=_prefix(shot.take_id)),
                "first": 0,
                "colour_space": "acescg",
            },
            files=made["files"],
            facts=_facts(shot, spec),
            measures=made["measures"],
        )


def _spec(shot: Shot) -> engine.ShotSpec:
    brief, sequence = shot.request.brief, shot.request.sequence
    rate = _NATIVE_RATE if sequence is None else sequence.frame_rate
    width, height = picture_size(brief.resolution, brief.aspect_ratio)
    return engine.ShotSpec(
        plan=ShotPlan.from_json(dict(shot.plan)),
        seed=shot.seed,
        width=width,
        height=height,
        frame_rate=rate.fraction,
        frame_count=max(1, frames_for(brief.duration_seconds, rate)),
        quality="draft" if shot.request.kind is Kind.DRAFT else "master",
        loop=brief.loop,
        annotations=strokes_of(brief),
    )


def _inputs(shot: Shot) -> dict[str, str]:
    """The supplied first and last frames, by the key of their checked file."""
    brief = shot.request.brief
    frames = {"first_frame": brief.first_frame, "last_frame": brief.last_frame}
    return {name: shot.inputs[frame.asset_id].key for name, frame in frames.items() if frame is not None}


def _facts(shot: Shot, spec: engine.ShotSpec) -> dict[str, Any]:
    return {
        "frame_rate": str(FrameRate(spec.frame_rate)),
        "frame_count": spec.frame_count,
        "duration": str(spec.frame_count / spec.frame_rate),
        "width": spec.width,
        "height": spec.height,
        "dynamic_range": shot.request.brief.dynamic_range.value,
        "label": "animatic",
    }


def _progress(standing: RenderStanding) -> Progress:
    match standing.state:
        case ChunkState.DONE:
            return Finished({"parts": list(standing.results)})
        case ChunkState.FAILED:
            failure = standing.failure or {"slug": "provider-failed", "detail": "A frame range failed."}
            return Broken(failure["slug"], failure["detail"], retryable=True)
        case ChunkState.CANCELLED:
            return Stopped(charged=False)
        case ChunkState.WANTED:
            return Running(standing.done / max(1, standing.total), look_again_seconds=1.0)


def _range_size(spec: engine.ShotSpec) -> int:
    by_work = max(4, _CHUNK_PIXELS // (spec.width * spec.height))
    by_share = -(-spec.frame_count // _DRAFT_RANGES)
    return max(4, min(by_work, by_share))


def _prefix(take_id: str) -> str:
    return f"takes/{take_id}"
