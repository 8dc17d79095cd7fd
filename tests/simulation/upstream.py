"""A provider that counts what it was asked, accepted and would bill; its faults come by seed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.simulation.processes import Process
from tests.simulation.weather import LONGEST_ARRIVAL, Weather
from tests.simulation.world import World
from worker.media.process import OperationFailedError
from worker.providers.protocol import (
    Accepted,
    Broken,
    CannotList,
    Finished,
    Found,
    InDoubt,
    MediaRunner,
    NotFound,
    Progress,
    Refused,
    Running,
    Shot,
    Stopped,
    StoredTake,
    Submission,
    Whereabouts,
)

_LISTED_AFTER: Final = (0.0, 5.0)  # seconds until an accepted job shows in the listing


class UpstreamDownError(Exception):
    """An answer no adapter foresaw."""


@dataclass(slots=True)
class Job:
    """One accepted POST."""

    ref: str
    token: str
    take_id: str
    accepted_at: float
    listed_at: float
    done_at: float
    fails: bool
    is_lost: bool
    stopped: bool = False
    stop_charged: bool | None = None

    def is_billed(self, *, now: float) -> bool:
        """Whether the provider asks money for it: what it made, and what it stopped too late."""
        if self.stopped:
            return self.stop_charged is not False
        return not self.fails and now >= self.done_at


class Upstream:
    """The provider's own books, shared by all workers."""

    def __init__(self, name: str, *, world: World, weather: Weather, lists: bool) -> None:
        self.name = name
        self.lists = lists
        self.world = world
        self.weather = weather
        self.asked = 0
        self.jobs: dict[str, Job] = {}
        self.by_token: dict[str, Job] = {}

    def accept(self, shot: Shot) -> Job:
        """Start a job; from here it costs money."""
        rng, now = self.weather.rng, self.world.seconds
        slow = self.weather.happens("upstream-slow")
        job = Job(
            ref=f"{self.name}-{len(self.jobs)}",
            token=shot.token,
            take_id=shot.take_id,
            accepted_at=now,
            listed_at=now + rng.uniform(*_LISTED_AFTER),
            done_at=now + (rng.uniform(30, 200) if slow else rng.uniform(1, 20)),
            fails=self.weather.happens("upstream-failed"),
            is_lost=self.weather.happens("result-lost"),
        )
        self.jobs[job.ref] = self.by_token[shot.token] = job
        return job

    def accepted_for(self, take_id: str) -> list[Job]:
        """Every job of one take."""
        return [job for job in self.jobs.values() if job.take_id == take_id]


class UpstreamProvider:
    """The provider as one worker process reaches it."""

    is_remote = False

    def __init__(self, upstream: Upstream, process: Process) -> None:
        self._upstream = upstream
        self._process = process
        self._weather = upstream.weather

    @property
    def name(self) -> str:
        return self._upstream.name

    def submit(self, shot: Shot) -> Submission:
        self._upstream.asked += 1
        weather, rng = self._weather, self._weather.rng
        self._process.point("upstream:before-accept")
        if weather.happens("post-limited"):
            return Refused("provider-busy", "Too many requests.", retryable=True, retry_after_seconds=2.0)
        if weather.happens("post-refused"):
            return Refused("provider-failed", "Try again.", retryable=True)
        if weather.happens("post-refused-for-good"):
            return Refused("content-refused", "Not this picture.")
        doubtful, raised = weather.happens("post-doubtful"), weather.happens("post-raised")
        if not (doubtful or raised):
            return Accepted(self._upstream.accept(shot).ref)
        if weather.happens("arrives-late"):
            self._upstream.world.after(rng.uniform(0, LONGEST_ARRIVAL), lambda: self._upstream.accept(shot))
        elif not weather.happens("never-arrives"):
            self._upstream.accept(shot)
        if raised:
            raise UpstreamDownError
        return InDoubt("The answer was lost.")

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        del since
        if not self._upstream.lists:
            return CannotList()
        if self._weather.happens("listing-raised"):
            raise UpstreamDownError
        job = self._upstream.by_token.get(token)
        listed = job is not None and job.listed_at <= self._upstream.world.seconds
        return Found(job.ref) if job is not None and listed else NotFound()

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        if self._weather.happens("poll-raised"):
            raise UpstreamDownError
        return {ref: self._progress(self._upstream.jobs[ref]) for ref in refs}

    def cancel(self, ref: str) -> Stopped | None:
        job = self._upstream.jobs[ref]
        now, rng = self._upstream.world.seconds, self._weather.rng
        if not job.stopped:
            if now >= job.done_at or rng.random() < 0.3:
                return None
            job.stopped, job.stop_charged = True, rng.choice((True, False, None))
        return Stopped(job.stop_charged)

    def fetch(
        self, shot: Shot, outputs: Mapping[str, Any], *, alive: Callable[[], None]
    ) -> Mapping[str, Any]:
        del shot, alive
        return outputs

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        if self._upstream.jobs[fetched["ref"]].is_lost:
            raise OperationFailedError("incomplete", "The result is gone.")
        made = run("fetch_take", {"take_id": shot.take_id})
        facts = {
            "frame_rate": "24",
            "frame_count": 24,
            "duration": "1",
            "width": 640,
            "height": 360,
            "label": self.name,
        }
        source = {"kind": "frames", "pattern": f"takes/{shot.take_id}/{{frame:06d}}.exr", "first": 0}
        return StoredTake(
            source={**source, "colour_space": "acescg"},
            files=made["files"],
            facts=facts,
            measures=made["measures"],
        )

    def _progress(self, job: Job) -> Progress:
        now = self._upstream.world.seconds
        if job.stopped:
            return Stopped(job.stop_charged)
        if now < job.done_at:
            unknown = self._weather.happens("upstream-unknown")
            progress = (now - job.accepted_at) / (job.done_at - job.accepted_at)
            return Running(
                None if unknown else progress, look_again_seconds=max(2.0, (job.done_at - now) / 2)
            )
        if job.fails:
            return Broken("provider-failed", "The model gave up.")
        return Finished({"ref": job.ref})
