"""What a worker process holds: the house, its providers, and (in a media process) the bounded child."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from plugin_backend import tracing
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.queue.rates import LocalRates, Rates
from plugin_backend.queue.tallies import NoTallies, Tallies
from plugin_backend.services import stepping
from plugin_backend.services.delivering.chunks import RENEW_EVERY
from plugin_backend.services.house import House
from plugin_backend.signing import Credential
from worker.director.visual_judge import VisualJudge
from worker.errands import Errands
from worker.media.needs import needed_mb
from worker.media.operations import READS_STRANGERS
from worker.media.process import MediaProcess
from worker.postman import Postman
from worker.providers.protocol import Provider
from worker.reading import Reader

Result = TypeVar("Result")

_DEADLINE_SECONDS: Final = 3600.0  # of one media operation on a long take; silence ends it after a minute
_LOOK_EVERY_SECONDS: Final = 0.25  # whether it is wanted still: what was cancelled ends within a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Built once per process."""

    house: House
    providers: Mapping[str, Provider]
    media: MediaProcess | None = None
    credential: Credential | None = None
    """Who signs what is delivered; only media processes have one."""
    errands: Errands | None = None
    """Where steps that wait for a provider run; only processes for short steps have it."""
    reader: Reader | None = None
    """The language model that reads briefs, where one is set up; only processes for short steps have it."""
    postman: Postman | None = None
    """Who takes letters, where mail is set up; only processes for short steps have one."""
    visual_judge: VisualJudge | None = None
    """The model that looks at takes, where one is set up; only media processes have it."""
    rates: Rates = field(default_factory=LocalRates)
    tallies: Tallies = field(default_factory=NoTallies)
    monotonic: Callable[[], float] = field(kw_only=True)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """What this process serves, row by row; rows that are watched are claimed together."""
        return tuple(lane for lane in Lane if lane is not Lane.WATCH and self._serves(lane))

    def _serves(self, lane: Lane) -> bool:
        if lane.is_media:
            return self.media is not None
        return self.errands is not None or not lane.is_errand

    def run_media(
        self,
        op: str,
        arguments: Mapping[str, Any],
        *,
        on_progress: Callable[[int, int], None],
    ) -> dict[str, Any]:
        """One operation in the media child; what `on_progress` raises ends it."""
        assert self.media is not None, "media work reached a process without a media child"
        with tracing.span(f"media {op}"):
            return self.media.run(
                op,
                arguments,
                deadline_seconds=_DEADLINE_SECONDS,
                on_progress=on_progress,
                untrusted=op in READS_STRANGERS,
                needs_mb=needed_mb(op, arguments),
            )

    def media_for(self, claim: Claim) -> "LeasedMedia":
        """The media child, lent to what works on a claimed row."""
        return LeasedMedia(self, self.renewing(claim))

    def renewing(self, claim: Claim) -> Callable[[int, int], None]:
        """Holds a claim while work goes on, renewed every few seconds; one that was lost is soon noticed."""
        renew = self.every(RENEW_EVERY.total_seconds(), lambda _done: stepping.renew(self.house, claim))
        look = self.every(_LOOK_EVERY_SECONDS, lambda _done: stepping.look(self.house, claim))

        def on_progress(done: int, total: int) -> None:
            renew(done, total)
            look(done, total)

        return on_progress

    def held(self, claim: Claim, act: Callable[[], Result]) -> Result:
        """Do what computes for long, on a thread of its own; the claim is held meanwhile.

        LeaseLostError when it is lost; what the thread comes to then is let go of.
        """
        renew, thread = self.renewing(claim), ThreadPoolExecutor(1)
        try:
            doing = thread.submit(act)
            while not wait([doing], timeout=_LOOK_EVERY_SECONDS).done:
                renew(0, 1)
            return doing.result()
        finally:
            thread.shutdown(wait=False)

    def every(self, seconds: float, act: Callable[[int], None]) -> Callable[[int, int], None]:
        """Call `act` with the frames done, at most once in so many seconds."""
        last = self.monotonic()

        def on_progress(done: int, _total: int) -> None:
            nonlocal last
            if self.monotonic() - last >= seconds:
                last = self.monotonic()
                act(done)

        return on_progress


@dataclass(frozen=True, slots=True)
class LeasedMedia:
    """A `MediaRunner`: the media child and its scratch, with one claim held meanwhile."""

    runtime: Runtime
    renew: Callable[[int, int], None]

    def __call__(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """As `Runtime.run_media`."""
        return self.runtime.run_media(op, arguments, on_progress=self.renew)

    def folder(self) -> AbstractContextManager[Path]:
        """A scratch folder, removed afterwards whatever is left in it."""
        assert self.runtime.media is not None, "media work reached a process without a media child"
        return self.runtime.media.folder()

    def alive(self) -> None:
        """Renew the claim when it is time to."""
        self.renew(0, 1)
