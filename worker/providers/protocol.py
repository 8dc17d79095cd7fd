"""What every upstream is to us. An adapter translates; it never retries, waits or writes to the database."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from plugin_backend.domain.brief import GenerationRequest, Operation
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.keeping import Copy
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.work import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A checked picture, clip or sound of ours, as an adapter may hand it to a provider."""

    key: str
    """Where its clean file lies in our storage."""
    media_type: str
    rendition: str | None = None
    """Where a picture's JPEG for providers lies: at most 2048 pixels a side and 8 MB."""
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """What a shot goes on from: an earlier part of the same take, a take, or an asset."""

    operation: Operation
    provider_ref: str | None = None
    """The provider's own id of it, when this provider made it."""
    file: InputFile | None = None
    """The same thing as a file of ours; None for a part that only the provider has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One take, or one part of a longer one, to be made: all that an adapter needs and nothing more."""

    token: str
    """Unguessable, ours, travelling in whatever the API echoes: the attempt is found again by it."""
    take_id: str
    workspace_id: str
    owner_id: str
    lane: Lane
    request: GenerationRequest
    """`request.brief.model` names the model that makes it, fallbacks included; duration is this part's."""
    plan: Mapping[str, Any]
    seed: int
    inputs: Mapping[str, InputFile] = field(default_factory=dict)
    """By asset id."""
    part: int = 0
    parts: int = 1
    continued: Continued | None = None
    addition: Addition | None = None
    """Set on a part that works on the finished one before it (`continued.provider_ref`), not on from it."""
    promotion: Mapping[str, Any] | None = None
    """For a master of a draft: {method, draft_take_id, draft_ref | null, frames: {first, last}: keys}."""
    callback_url: str | None = None
    """Where the provider may tell us that something happened; carries the token."""
    directives: tuple[Directive, ...] | None = None
    """What this part is to do, in its own time; None: what its brief's marks ask for."""
    stronger: Mapping[str, int] = field(default_factory=dict)
    """By a directive's id: how often takes missed it."""
    steers: tuple[str, ...] = ()
    """What the editor added in words between two tries."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it, under this reference."""

    provider_ref: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider certainly did not start it."""

    slug: str
    detail: str
    retryable: bool = False
    retry_after_seconds: float | None = None
    request_id: str | None = None
    is_outage: bool = False
    """The provider is unwell (unreachable, overloaded), not the request: its circuit hears of it."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It may have started: never posted again blindly."""

    detail: str
    request_id: str | None = None


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
    """This provider cannot be asked, or not now (`passing`)."""

    passing: bool = False


Whereabouts = Found | NotFound | CannotList


@dataclass(frozen=True, slots=True)
class Running:
    """Not finished; also what an unknown status, a lost answer or a passing error means."""

    progress: float | None = None
    look_again_seconds: float = 2.0
    trouble: str | None = None
    """What went wrong in asking, if anything did: the take goes on, the circuit hears of it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Everything the provider made, as it described it: {"files": [{"role", "media_type", "url"}, ...], ...}.

    Roles: `movie`, `exr` (an archive or a single file), `audio`, `poster`.
    """

    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The provider gave up, for good."""

    slug: str
    detail: str
    retryable: bool = False
    billed: bool | None = None
    """Whether it bills all the same; None: it does not say."""
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The provider stopped on our word; `charged` says whether it bills all the same (None: unknown)."""

    charged: bool | None


Progress = Running | Finished | Broken | Stopped


class MediaRunner(Protocol):
    """Runs media operations in a bounded child, holding the take's lease while frames advance."""

    def __call__(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The operation's result; one that reads strangers' files gets a fresh, untrusted child."""

    def folder(self) -> AbstractContextManager[Path]:
        """A scratch folder for files that go into or come out of a child without storage."""

    def alive(self) -> None:
        """Hold the lease while files are copied; as often as one likes."""


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

    @property
    def is_remote(self) -> bool:
        """Whether it is asked over a network: then its steps run on threads of their own.

        Its takes are watched together, a batch at a time.
        """

    def submit(self, shot: Shot) -> Submission:
        """Ask once for one take, or one part of it."""

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        """Look for an attempt whose answer was lost; it was not sent before `since`, where that is known."""

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        """How some accepted takes are doing, asked together; a reference left out is still running."""

    def cancel(self, ref: str) -> Stopped | None:
        """Stop one; None where it cannot be stopped and goes on."""

    def forget(self, refs: Sequence[str]) -> Mapping[str, Copy]:
        """Have what was made under some references deleted there, asked together; asked twice, it is once."""

    def fetch(
        self, shot: Shot, outputs: Mapping[str, Any], *, alive: Callable[[], None]
    ) -> Mapping[str, Any]:
        """Bring the outputs into our storage under the take's keys, calling `alive` while bytes arrive.

        Run again, it goes on where it was. `ExpiredError` when the addresses no longer serve: poll for fresh
        ones. `FetchRefusedError` when what is there must not or cannot be taken, for good.
        """

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        """Make what was fetched a take; run again, it writes the same keys."""


class ExpiredError(Exception):
    """An output's address no longer serves it; the provider is asked for a fresh one."""


class FetchRefusedError(Exception):
    """An output must not be fetched, or is not what it should be; `passing` when it may be another time."""

    def __init__(self, slug: str, detail: str, *, passing: bool = False) -> None:
        self.slug = slug
        self.detail = detail
        self.passing = passing
        super().__init__(f"{slug}: {detail}")
