"""A provider that counts what it was asked, accepted and would bill; its faults come by seed.

`Upstream` is the provider and its own books, `UpstreamProvider` the way of one worker process to it. A new
kind of failure is a name in `weather.ODDS` (and in the storms it belongs to) and, by what it strikes:

- the POST: an entry in `_ANSWERS`, tried in order; what may have started a job goes through `_in_doubt`;
- the listing or the poll: a branch on `weather.happens(name)` in `find` or `_progress`;
- the job: a field of `Job`, drawn in `Upstream.accept`; where it changes the bill, also in `is_billed`.

What must hold whatever fails (one acceptance a part, a bill that the customer's charge matches) stays in
`Upstream.accept` and `audit.py`, and knows no failure by name. A provider with other manners is another
`Upstream` in `simulation.py`.
"""

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
        if (job.take_id, job.part) in self.world.accepted:
            self.world.complaints.append(f"part {job.part} of {job.take_id} was accepted again: {job}")
        self.world.accepted.add((job.take_id, job.part))
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
        self._process.point("upstream:before-accept")
        for name, answer in _ANSWERS.items():
            if self._weather.happens(name):
                return answer(self, shot)
        return Accepted(self._upstream.accept(shot).ref)

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

    def _in_doubt(self, shot: Shot) -> InDoubt:
        """The answer is lost; the job has started, or starts a little later, or never does."""
        upstream, weather = self._upstream, self._weather
        if weather.happens("arrives-late"):
            upstream.world.after(weather.rng.uniform(0, LONGEST_ARRIVAL), lambda: upstream.accept(shot))
        elif not weather.happens("never-arrives"):
            upstream.accept(shot)
        return InDoubt("The answer was lost.")

    def _raise(self, shot: Shot) -> Submission:
        self._in_doubt(shot)
        raise UpstreamDownError

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


_ANSWERS: Final[Mapping[str, Callable[[UpstreamProvider, Shot], Submission]]] = {
    "post-limited": lambda _provider, _shot: Refused(
        "provider-failed", "Too many requests.", retryable=True, retry_after_seconds=2.0
    ),
    "post-refused": lambda _provider, _shot: Refused("provider-failed", "Try again.", retryable=True),
    "account-refused": lambda _provider, _shot: Refused(
        "provider-failed", "The account has no money left.", is_outage=True
    ),
    "post-refused-for-good": lambda _provider, _shot: Refused("moderated", "Not this picture."),
    "post-doubtful": UpstreamProvider._in_doubt,
    "post-raised": UpstreamProvider._raise,
}
"""What a POST may meet instead of a plain acceptance."""
