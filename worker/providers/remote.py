"""A provider behind an API: asks through its adapter, and decides what every answer, or none, means."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from plugin_backend.domain.brief import DynamicRange
from plugin_backend.domain.keeping import Copy
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import Storage
from worker.media.ingest.parent import Telling, ingest
from worker.providers import downloads
from worker.providers.desk import Desk, InputRefusedError, NotReadyError, TurnedDownError
from worker.providers.http import Answer, Call, HttpError, NoAnswerError, NotSentError, ProviderHttp
from worker.providers.protocol import (
    Accepted,
    CannotList,
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
from worker.providers.upstream import Listed, Upstream, refusal

_MOST_PAGES: Final = 50
_CLOCKS_DIFFER: Final = timedelta(hours=1)  # theirs from ours, at most
_TROUBLE_SECONDS: Final = 5.0
_TOO_MANY: Final = (408, 429)
_READING_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, in seconds, each kind of asking may take in all."""

    prepare: float = 40.0
    """Over the inputs; later than that the paid call is not made, so that an intent stays under its grace."""
    reading: float = 8.0
    """While an input that was uploaded is being read."""
    submit: float = 30.0
    poll: float = 15.0
    listing: float = 15.0
    stop: float = 15.0


class RemoteProvider:
    """One upstream, asked over its HTTP; the same for all of them but for the adapter."""

    is_remote = True

    def __init__(
        self,
        upstream: Upstream,
        http: ProviderHttp,
        *,
        storage: Storage,
        links: Callable[[str], str],
        callbacks: Callable[[str], str],
        labels: Callable[[str], str],
        patience: Patience | None = None,
    ) -> None:
        """`links` makes an address of a file of ours, `callbacks` one of a token, `labels` a model's name."""
        self._upstream = upstream
        self._http = http
        self._storage = storage
        self._callbacks = callbacks
        self._labels = labels
        self._patience = patience or Patience()
        self._desk = Desk(http=http, storage=storage, links=links, reading_seconds=self._patience.reading)

    @property
    def name(self) -> str:
        """The catalogue's name for it."""
        return self._upstream.name

    def submit(self, shot: Shot) -> Submission:
        """Inputs first, then the one paid call. Only what certainly did not start it is a refusal."""
        label, begun = self._upstream.label, time.monotonic()
        if shot.callback_url is None:
            shot = replace(shot, callback_url=self._callbacks(shot.token))
        try:
            call = self._upstream.call(shot, self._desk)
        except InputRefusedError as refused:
            return Refused(refused.slug, self._http.redacted(str(refused)))
        except NotReadyError:
            detail = f"{label} is still reading an input."
            return Refused("provider-failed", detail, retryable=True, retry_after_seconds=_READING_SECONDS)
        except TurnedDownError as down:
            return refusal(label, down.answer, self._upstream.complaint(down.answer), is_paid=False)
        except HttpError as error:
            detail = f"{label} could not be given the inputs. {error}"
            return Refused("provider-failed", detail, retryable=True, is_outage=True)
        if time.monotonic() - begun > self._patience.prepare:
            return Refused("provider-failed", f"{label} took long over the inputs.", retryable=True)
        return self._sent(call)

    def _sent(self, call: Call) -> Submission:
        label = self._upstream.label
        try:
            answer = self._http.send(call, seconds=self._patience.submit)
        except NotSentError as error:
            detail = f"{label} cannot be reached. {error}"
            return Refused("provider-failed", detail, retryable=True, is_outage=True)
        except NoAnswerError as error:
            return InDoubt(f"{label} was asked and did not say. {error}")
        return self._answered(answer)

    def _answered(self, answer: Answer) -> Submission:
        label = self._upstream.label
        if not answer.is_ok:
            return refusal(label, answer, self._upstream.complaint(answer))
        ref = self._upstream.accepted(answer)
        if ref is None:
            words = self._upstream.complaint(answer).words or answer.reason or "no reference"
            return InDoubt(f"{label} said yes without a reference: {words}", answer.request_id)
        return Accepted(ref, answer.request_id)

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        """Walk the listing back to where the attempt must be. Only a walk that saw all of it says no."""
        seen: list[Listed] = []
        for number in range(_MOST_PAGES):
            call = self._upstream.page(number)
            if call is None:
                return CannotList()
            answer = self._page(call)
            if answer is None:
                return CannotList(passing=True)
            page, is_more = self._upstream.listed(answer)
            found = next((each.ref for each in page if token in each.marks), None)
            if found is not None:
                return Found(found)
            seen += page
            if not is_more or _reaches_back(seen, since):
                return NotFound()
        return CannotList(passing=True)

    def _page(self, call: Call) -> Answer | None:
        """One page of the listing; an error of theirs is asked past once, or a long walk would rarely end."""
        for _ in range(2):
            try:
                answer = self._http.send(call, seconds=self._patience.listing)
            except HttpError:
                return None
            if answer.is_ok:
                return answer
            if answer.status < 500:  # a refusal, or too many requests
                return None
        return None

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        """All of them together; trouble in asking for one is never the end of it."""
        calls = {ref: self._upstream.look(ref) for ref in refs}
        answers = self._http.gather(calls, seconds=self._patience.poll)
        return {ref: self._progress(ref, answer) for ref, answer in answers.items()}

    def _progress(self, ref: str, answer: Answer | HttpError) -> Progress:
        label = self._upstream.label
        if isinstance(answer, HttpError):
            return Running(look_again_seconds=_TROUBLE_SECONDS, trouble=f"{label}: {answer}")
        progress = self._upstream.progress(ref, answer)
        if progress is not None:
            return progress
        words = self._upstream.complaint(answer).words or answer.reason
        after = answer.retry_after_seconds or _TROUBLE_SECONDS
        trouble = f"{label} answered HTTP {answer.status}{f': {words}' if words else '.'}"
        return Running(look_again_seconds=after, trouble=trouble)

    def cancel(self, ref: str) -> Stopped | None:
        """Stop one, where the API can; any doubt means that it goes on."""
        call = self._upstream.stop(ref)
        if call is None:
            return None
        try:
            answer = self._http.send(call, seconds=self._patience.stop)
        except HttpError:
            return None
        return self._upstream.stopped(answer)

    def forget(self, refs: Sequence[str]) -> Mapping[str, Copy]:
        """Have them deleted, all together; trouble in asking is not the end of it."""
        calls = {ref: call for ref in refs if (call := self._upstream.forget(ref)) is not None}
        answers = self._http.gather(calls, seconds=self._patience.stop)
        return {ref: self._copy(answers[ref]) if ref in answers else Copy.KEPT for ref in refs}

    def _copy(self, answer: Answer | HttpError) -> Copy:
        if isinstance(answer, HttpError) or answer.status in _TOO_MANY or answer.status >= 500:
            return Copy.LATER
        return Copy.GONE if self._upstream.forgotten(answer) else Copy.KEPT

    def fetch(
        self, shot: Shot, outputs: Mapping[str, Any], *, alive: Callable[[], None]
    ) -> Mapping[str, Any]:
        """Bring every file it made into our storage, as it is."""
        return downloads.fetch(
            outputs, take_id=shot.take_id, storage=self._storage, guard=self._http.guard, alive=alive
        )

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        """Have it decoded, measured and made light; what it does not say of itself is said for it."""
        brief = shot.request.brief
        is_hdr = brief.dynamic_range is DynamicRange.HDR
        telling = Telling(
            title=shot.request.label or brief.prompt or brief.model,
            label=self._labels(brief.model),
            movie_space=ColourSpace.REC2100_PQ if is_hdr else ColourSpace.REC709,
            exr_space=ColourSpace.ACES2065_1,
        )
        return ingest(fetched, take_id=shot.take_id, telling=telling, storage=self._storage, run=run)

    def close(self) -> None:
        """End its connections."""
        self._http.close()


def _reaches_back(seen: Sequence[Listed], since: datetime | None) -> bool:
    """Whether the listing so far goes newest first to before the attempt, whatever clock dates it."""
    if since is None or not seen:
        return False
    times = [each.created_at for each in seen if each.created_at is not None]
    if len(times) < len(seen):
        return False
    is_newest_first = all(later >= earlier for later, earlier in pairwise(times))
    return is_newest_first and times[-1] < since - _CLOCKS_DIFFER
