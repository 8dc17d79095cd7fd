"""What every upstream is to us. An adapter translates; it never retries, waits or writes to the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.work import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One take to be made: all that an adapter needs, nothing of ours that it does not."""

    token: str
    """Unguessable, ours, travelling in whatever the API echoes: the attempt is found again by it."""
    take_id: str
    workspace_id: str
    owner_id: str
    lane: Lane
    request: GenerationRequest
    plan: Mapping[str, Any]
    seed: int
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Asset id -> storage key of its clean file."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it, under this reference."""

    provider_ref: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider certainly did not start it."""

    slug: str
    detail: str
    retryable: bool = False
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It may have started: never posted again blindly."""

    detail: str


Submission = Accepted | Refused | InDoubt


@dataclass(frozen=True, slots=True)
class Found:
    """The attempt exists upstream."""

    provider_ref: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The listing is complete and the attempt is not in it."""


@dataclass(frozen=True, slots=True)
class CannotList:
    """This provider cannot be asked."""


Whereabouts = Found | NotFound | CannotList


@dataclass(frozen=True, slots=True)
class Running:
    """Not finished; also what an unknown status means."""

    progress: float | None = None
    look_again_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything the provider made, as it described it."""

    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The provider gave up, for good."""

    slug: str
    detail: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """The provider stopped on our word; `charged` says whether it bills all the same (None: unknown)."""

    charged: bool | None


Progress = Running | Finished | Broken | Stopped


class MediaRunner(Protocol):
    """Runs one media operation in the bounded child, holding the take's lease while frames advance."""

    def __call__(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The operation's result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTake:
    """A take in our own storage: its source, its light files, and what was measured."""

    source: Mapping[str, Any]
    files: Mapping[str, Any]
    facts: Mapping[str, Any]
    measures: Mapping[str, Any]


class Provider(Protocol):
    """One upstream API."""

    @property
    def name(self) -> str:
        """The catalogue's name for it."""

    def submit(self, shot: Shot) -> Submission:
        """Ask once for one take."""

    def find(self, token: str) -> Whereabouts:
        """Look for an attempt whose answer was lost."""

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        """How some accepted takes are doing, asked together."""

    def cancel(self, ref: str) -> Stopped | None:
        """Stop one; None where it cannot be stopped and goes on."""

    def store(self, shot: Shot, outputs: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        """Bring what was made into our storage; run again, it writes the same keys."""
