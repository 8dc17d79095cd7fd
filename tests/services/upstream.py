"""An upstream that does as it is told, in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plugin_backend.domain.keeping import Copy
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

FACTS: Mapping[str, Any] = {
    "frame_rate": "24",
    "frame_count": 120,
    "duration": "5",
    "width": 960,
    "height": 540,
    "dynamic_range": "sdr",
    "label": "animatic",
}
_MEASURES = {"luminance_peak_stops": 2.0, "motion_mean_widths_per_second": 0.1}


@dataclass
class Upstream:
    """A provider whose takes finish at once, unless it was told otherwise about a take's number or seed."""

    name: str = "animatic"
    is_remote: bool = False
    broken_seeds: set[int] = field(default_factory=set)
    slow_seeds: set[int] = field(default_factory=set)
    bills_cancelled: bool = False
    shots: dict[str, Shot] = field(default_factory=dict)
    submitted: list[str] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)

    def submit(self, shot: Shot) -> Submission:
        reference = f"ref-{shot.token}"
        self.shots[reference] = shot
        self.submitted.append(shot.take_id)
        return Accepted(reference)

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        del since
        reference = f"ref-{token}"
        return Found(reference) if reference in self.shots else NotFound()

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        return {ref: self._progress(ref) for ref in refs}

    def cancel(self, ref: str) -> Stopped | None:
        self.stopped.add(ref)
        return Stopped(charged=self.bills_cancelled)

    def forget(self, refs: Sequence[str]) -> Mapping[str, Copy]:
        return dict.fromkeys(refs, Copy.GONE)

    def fetch(
        self, shot: Shot, outputs: Mapping[str, Any], *, alive: Callable[[], None]
    ) -> Mapping[str, Any]:
        del shot, alive
        return outputs

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        del fetched, run
        source = {"kind": "frames", "pattern": f"takes/{shot.take_id}/%06d.exr", "first": 0}
        return StoredTake(
            source={**source, "colour_space": "acescg"}, files={}, facts=FACTS, measures=_MEASURES
        )

    def _progress(self, ref: str) -> Progress:
        seed = self.shots[ref].seed
        if seed in self.broken_seeds:
            return Broken("moderated", "The provider refused the picture.")
        return Running(0.5) if seed in self.slow_seeds else Finished({"parts": []})
