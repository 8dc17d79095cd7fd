"""A provider as one worker process reaches it: what it answers, and all that it may answer instead.

Its own books are in `jobs.py`. A new kind of failure is a name in `weather.ODDS` (and in the storms it
belongs to), a line in `failures.py` and, by what it strikes:

- the POST: an entry in `_ANSWERS`, tried in order; what may have started a job goes through `_in_doubt`;
- the listing, the poll or a download: a branch on `weather.happens(name)` there;
- the job: a field of `Job`, drawn in `Upstream`; where it changes the bill, also in `is_billed`.

A provider with other manners is another `Upstream` in `simulation.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Final

from plugin_backend.domain.keeping import Copy
from tests.simulation.jobs import Job, Upstream
from tests.simulation.processes import Process
from tests.simulation.weather import LONGEST_ARRIVAL
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

_ADDRESS_LIVES: Final = 3600.0
_SELDOM: Final = 600.0  # a provider that never ends something still says when to look again
_TROUBLE_SECONDS: Final = 5.0


class UpstreamDownError(Exception):
    """An answer no adapter foresaw."""


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
        job = self._upstream.listed(token)
        return NotFound() if job is None else Found(job.ref)

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        if self._weather.happens("poll-raised"):
            raise UpstreamDownError
        jobs = [self._upstream.jobs[ref] for ref in refs if not self._weather.happens("poll-left-out")]
        return {job.ref: self._look(job) for job in jobs}

    def cancel(self, ref: str) -> Stopped | None:
        job = self._upstream.jobs[ref]
        now, rng = self._upstream.world.seconds, self._weather.rng
        if not job.stopped:
            if now >= job.done_at or rng.random() < 0.3:
                return None
            job.stopped, job.stop_charged = True, rng.choice((True, False, None))
        return None if self._weather.happens("stop-unanswered") else Stopped(job.stop_charged)

    def forget(self, refs: Sequence[str]) -> Mapping[str, Copy]:
        return dict.fromkeys(refs, Copy.GONE)

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
        if self._weather.happens("storage-away"):
            raise ConnectionError("The storage does not answer.")
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

    def _limited(self, _shot: Shot) -> Refused:
        after = self._weather.rng.choice((None, 2.0, 20.0))
        return Refused("provider-failed", "Too many.", retryable=True, retry_after_seconds=after)

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

    def _look(self, job: Job) -> Progress:
        now = self._upstream.world.seconds
        if now < job.known_from or self._weather.happens("poll-troubled"):
            return Running(look_again_seconds=_TROUBLE_SECONDS, trouble="It answered HTTP 500 or 404.")
        return self._progress(job, now=now)

    def _progress(self, job: Job, *, now: float) -> Progress:
        if job.stopped:
            return Stopped(job.stop_charged)
        if now < job.done_at:
            unknown = self._weather.happens("upstream-unknown")
            progress = (now - job.accepted_at) / (job.done_at - job.accepted_at)
            left = (job.done_at - now) / 2 if isfinite(job.done_at) else _SELDOM
            return Running(None if unknown else progress, look_again_seconds=max(2.0, left))
        if job.fails is not None:
            said = self._weather.rng.random() < 0.5
            return Broken(job.fails, "The model gave up.", billed=job.bills_failure if said else None)
        return Finished({"files": [{"role": "movie", "url": job.ref, "minted_at": now}]})


_ANSWERS: Final[Mapping[str, Callable[[UpstreamProvider, Shot], Submission]]] = {
    "post-limited": UpstreamProvider._limited,
    "post-unreachable": lambda _provider, _shot: Refused(
        "provider-failed", "It cannot be reached.", retryable=True, is_outage=True
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
