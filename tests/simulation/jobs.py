"""A provider's own books: what it was asked, accepted and would bill. Its faults come by seed.

What must hold whatever fails (one acceptance a part, a bill that the customer's charge matches) stays in
`Upstream.accept` and the audit, and knows no failure by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final

from tests.simulation.weather import Weather
from tests.simulation.world import World
from worker.providers.protocol import Shot

_LISTED_AFTER: Final = (0.0, 5.0)  # seconds until an accepted job shows in the listing
_UNKNOWN_FOR: Final = 15.0  # at most, to those who ask for it by its reference
_STORM: Final = 5  # calls where one would do


@dataclass(slots=True)
class Job:
    """One accepted POST."""

    ref: str
    token: str
    take_id: str
    part: int
    accepted_at: float
    listed_at: float
    known_from: float
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

    def __init__(
        self, name: str, *, world: World, weather: Weather, lists: bool, calls_back: bool = False
    ) -> None:
        self.name = name
        self.lists = lists
        self.calls_back = calls_back
        self.world = world
        self.weather = weather
        self.asked = 0
        self.jobs: dict[str, Job] = {}
        self.by_token: dict[str, list[Job]] = {}

    def accept(self, shot: Shot) -> Job:
        """Start a job; from here it costs money."""
        job = self._begin(shot)
        if (job.take_id, job.part) in self.world.accepted:
            self.world.complaints.append(f"part {job.part} of {job.take_id} was accepted again: {job}")
        self.world.accepted.add((job.take_id, job.part))
        if self.weather.happens("accepted-twice"):
            self._begin(shot)  # its own mistake: the answer names the first
        self._call_back(job)
        return job

    def listed(self, token: str) -> Job | None:
        """What the listing has under a token: of several the newest."""
        now = self.world.seconds
        found = [job for job in self.by_token.get(token, ()) if job.listed_at <= now]
        return found[-1] if found else None

    def followed(self, token: str, provider_ref: str | None) -> Job | None:
        """The job that somebody with this token and reference means; one begun by mistake is nobody's."""
        begun = self.by_token.get(token, ())
        return next((job for job in begun if job.ref == provider_ref), begun[0] if begun else None)

    def _begin(self, shot: Shot) -> Job:
        rng, now, weather = self.weather.rng, self.world.seconds, self.weather
        fails, is_empty = self._failure(), weather.happens("empty-success")
        job = Job(
            ref=f"{self.name}-{len(self.jobs)}",
            token=shot.token,
            take_id=shot.take_id,
            part=shot.part,
            accepted_at=now,
            listed_at=now + rng.uniform(*_LISTED_AFTER),
            known_from=now + (rng.uniform(0, _UNKNOWN_FOR) if weather.happens("not-found-yet") else 0.0),
            done_at=now + self._takes(),
            fails=fails or ("provider-failed" if is_empty else None),
            bills_failure=rng.random() < 0.3 or is_empty,
            is_spoilt=weather.happens("fetch-refused"),
        )
        self.jobs[job.ref] = job
        self.by_token.setdefault(job.token, []).append(job)
        return job

    def _failure(self) -> str | None:
        moderated, failed = self.weather.happens("moderated-late"), self.weather.happens("upstream-failed")
        return "moderated" if moderated else "provider-failed" if failed else None

    def _takes(self) -> float:
        """Seconds until it is done: mostly soon, sometimes late, hours after its deadline, or never."""
        rng = self.weather.rng
        if self.weather.happens("upstream-silent"):
            return inf
        if self.weather.happens("upstream-stuck"):
            return rng.uniform(3600, 8 * 3600)
        return rng.uniform(30, 200) if self.weather.happens("upstream-slow") else rng.uniform(1, 20)

    def _call_back(self, job: Job) -> None:
        """Tell whoever asked when it is done: perhaps never, too early as well, or over and over."""
        if self.calls_back:
            for moment in self._calls(job.done_at):
                self.world.after(
                    moment - self.world.seconds,
                    lambda: self.world.when_one_calls_back(self.name, job.token),
                )

    def _calls(self, done_at: float) -> Sequence[float]:
        rng, weather, now = self.weather.rng, self.weather, self.world.seconds
        early = [rng.uniform(now, now + 20)] if weather.happens("callback-early") else []
        times = _STORM if weather.happens("callback-repeated") else 1
        if weather.happens("callback-lost") or not isfinite(done_at):
            return early
        return [*early, *(done_at + rng.random() for _ in range(times))]
