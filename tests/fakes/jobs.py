"""The jobs an upstream accepted, and its books: what it would have billed, and for whom."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fakes.faults import Fault, Kind
from tests.fakes.pictures import Picture

_SHOWN_PROMPT = 200


class State(StrEnum):
    """Where a job is, in no upstream's words."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job fails: the upstream's code and words."""

    code: str
    words: str


@dataclass(slots=True, kw_only=True)
class Job:
    """One accepted job. Nothing ticks: its state is its clock's reading."""

    id: str
    model: str
    operation: str
    body: Mapping[str, Any]
    usd: float
    accepted_at: float
    seconds: float
    outputs: tuple[Picture, ...]
    callback_url: str | None = None
    token: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    failure: Failure | None = None
    cancelled_at: float | None = None
    deleted: bool = False
    callbacks: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    """What this upstream alone keeps."""

    @property
    def ends_at(self) -> float:
        if self.fault is not None and self.fault.kind is Kind.STUCK:
            return float("inf")
        return self.accepted_at + self.seconds

    def state(self, now: float) -> State:
        """Queued for the first tenth of its time."""
        if self.cancelled_at is not None:
            return State.CANCELLED
        if now >= self.ends_at:
            return State.FAILED if self.failure else State.DONE
        return State.QUEUED if now < self.accepted_at + self.seconds / 10 else State.RUNNING

    def progress(self, now: float) -> float:
        """0..1 of its time."""
        return max(0.0, min(1.0, (now - self.accepted_at) / self.seconds)) if self.seconds else 1.0

    def is_strange(self, now: float) -> bool:
        """Whether it shows a state nobody documented just now."""
        fault = self.fault
        return fault is not None and fault.kind is Kind.UNKNOWN_STATE and self.progress(now) < 0.5

    def is_hidden(self, now: float) -> bool:
        """Whether a read does not find it yet."""
        fault = self.fault
        hiding = fault is not None and fault.kind is Kind.NOT_FOUND_YET
        return hiding and fault is not None and now < self.accepted_at + fault.seconds


class Jobs:
    """All jobs, newest last, and how many are going on."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._ends: list[tuple[float, str]] = []
        self._open: set[str] = set()

    def add(self, job: Job) -> None:
        """Take a job on."""
        self._jobs[job.id] = job
        self._open.add(job.id)
        heapq.heappush(self._ends, (job.ends_at, job.id))

    def get(self, job_id: str) -> Job | None:
        """A job by its id, deleted ones left out."""
        job = self._jobs.get(job_id)
        return None if job is None or job.deleted else job

    def cancel(self, job: Job, *, at: float) -> None:
        """Stop a job."""
        job.cancelled_at = at
        self._open.discard(job.id)

    def newest_first(self) -> Iterator[Job]:
        """As listings go."""
        return (job for job in reversed(list(self._jobs.values())) if not job.deleted)

    def everything(self) -> list[Job]:
        """Deleted ones too, oldest first."""
        return list(self._jobs.values())

    def going_on(self, now: float) -> int:
        """How many are not over."""
        while self._ends and self._ends[0][0] <= now:
            self._open.discard(heapq.heappop(self._ends)[1])
        return len(self._open)


@dataclass(frozen=True, slots=True)
class Books:
    """What the upstream accepted and would bill for."""

    jobs: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, jobs: Jobs, *, now: float, bills_failures: bool) -> "Books":
        """The books as they are now; a job that goes on will be billed."""
        return cls(tuple(_entry(job, now, bills_failures=bills_failures) for job in jobs.everything()))

    @property
    def accepted(self) -> int:
        """How many jobs were taken on."""
        return len(self.jobs)

    @property
    def billed_usd(self) -> float:
        """What the month's bill says."""
        return round(float(sum(job["usd"] for job in self.jobs if job["billed"])), 4)

    def by_token(self) -> dict[str, list[Mapping[str, Any]]]:
        """The jobs that each of the client's tokens brought; those without one under the empty string."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for job in self.jobs:
            found.setdefault(job["token"] or "", []).append(job)
        return found

    def billed_twice(self) -> list[str]:
        """Tokens that would be billed more than once."""
        tokens = self.by_token().items()
        return [token for token, jobs in tokens if token and sum(job["billed"] for job in jobs) > 1]

    def to_json(self) -> dict[str, Any]:
        """For `GET /_control/books`."""
        return {
            "accepted": self.accepted,
            "billed_usd": self.billed_usd,
            "billed_twice": self.billed_twice(),
            "jobs": list(self.jobs),
        }


def _entry(job: Job, now: float, *, bills_failures: bool) -> dict[str, Any]:
    state = job.state(now)
    return {
        "id": job.id,
        "token": job.token,
        "marks": dict(job.marks),
        "prompt": str(job.body.get("prompt") or "")[:_SHOWN_PROMPT],
        "model": job.model,
        "operation": job.operation,
        "state": state.value,
        "usd": job.usd,
        "billed": bills_failures or state not in (State.FAILED, State.CANCELLED),
        "accepted_at": job.accepted_at,
        "ended_at": job.cancelled_at or (job.ends_at if state.is_over else None),
        "fault": job.fault.kind.value if job.fault else None,
        "flaw": job.facts.get("flaw"),
        "callbacks": job.callbacks,
        "deleted": job.deleted,
    }
