"""A provider that counts what it was asked, accepted and would bill; its faults come by seed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.simulation.processes import Process
from tests.simulation.weather import LONGEST_ARRIVAL, Weather
from tests.simulation.world import World
from worker.providers.downloads import DownloadBrokenError
from worker.providers.protocol import (
    Accepted,
    Broken,
    CannotList,
    ExpiredError,
    FetchRefusedError,
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
_ADDRESS_LIVES: Final = 3600.0


class UpstreamDownError(Exception):
    """An answer no adapter foresaw."""


@dataclass(slots=True)
class Job:
    """One accepted POST."""

    ref: str
    token: str
    take_id: str
    part: int
    accepted_at: float
    listed_at: float
    done_at: float
    fails: str | None
    bills_failure: bool
    is_spoilt: bool
    stopped: bool = False
    stop_charged: bool | None = None

    def is_made(self, *, now: float) -> bool:
        """Whether there is a film."""
        return not self.stopped and self.fails is None and now >= self.done_at

    def is_billed(self, *, now: float) -> bool:
        """Whether the provider asks money for it: what it made, some of what it did not, what it stopped."""
        if self.stopped:
            return self.stop_charged is not False
        return now >= self.done_at and (self.fails is None or self.bills_failure)


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
        rng, now, weather = self.weather.rng, self.world.seconds, self.weather
        moderated, failed = weather.happens("moderated-late"), weather.happens("upstream-failed")
        job = Job(
            ref=f"{self.name}-{len(self.jobs)}",
            token=shot.token,
            take_id=shot.take_id,
            part=shot.part,
            accepted_at=now,
            listed_at=now + rng.uniform(*_LISTED_AFTER),
            done_at=now + self._takes(),
            fails="moderated" if moderated else "provider-failed" if failed else None,
            bills_failure=rng.random() < 0.3,
            is_spoilt=weather.happens("fetch-refused"),
        )
        self.jobs[job.ref] = self.by_token[shot.token] = job
        return job

    def _takes(self) -> float:
        """Seconds until it is done: mostly soon, sometimes late, now and then hours after its deadline."""
        rng = self.weather.rng
        if self.weather.happens("upstream-stuck"):
            return rng.uniform(3600, 8 * 3600)
        return rng.uniform(30, 200) if self.weather.happens("upstream-slow") else rng.uniform(1, 20)


class UpstreamProvider:
    """The provider as one worker process reaches it."""

    is_remote = True

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
        refusal = self._refusal()
        if refusal is not None:
            return refusal
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

    def _refusal(self) -> Refused | None:
        weather = self._weather
        if weather.happens("post-limited"):
            return Refused("provider-failed", "Too many requests.", retryable=True, retry_after_seconds=2.0)
        if weather.happens("post-refused"):
            return Refused("provider-failed", "Try again.", retryable=True)
        if weather.happens("account-refused"):
            return Refused("provider-failed", "The account has no money left.", is_outage=True)
        if weather.happens("post-refused-for-good"):
            return Refused("moderated", "Not this picture.")
        return None

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        del since
        if not self._upstream.lists:
            return CannotList()
        if self._weather.happens("listing-raised"):
            raise UpstreamDownError
        if self._weather.happens("listing-away"):
            return CannotList(passing=True)
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
        del shot
        weather, now = self._weather, self._upstream.world.seconds
        for file in outputs["files"]:
            self._process.work_for(weather.rng.uniform(0, 5))
            alive()
            if now - file["minted_at"] > _ADDRESS_LIVES or weather.happens("address-expired"):
                raise ExpiredError("HTTP 403")
            if weather.happens("download-broken"):
                raise DownloadBrokenError("It broke off.")
            if self._upstream.jobs[file["url"]].is_spoilt:
                raise FetchRefusedError("provider-failed", "The provider sent a web page.")
        return outputs

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        assert len(fetched["files"]) == shot.parts
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
        if job.fails is not None:
            said = self._weather.rng.random() < 0.5
            return Broken(job.fails, "The model gave up.", billed=job.bills_failure if said else None)
        return Finished({"files": [{"role": "movie", "url": job.ref, "minted_at": now}]})
