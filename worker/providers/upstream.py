"""One upstream API in our words: what its adapter writes and reads. The asking itself is `remote.py`'s."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from worker.providers.desk import Desk
from worker.providers.http import Answer, Call
from worker.providers.protocol import Broken, InDoubt, Progress, Refused, Running, Shot, Stopped, Submission

_REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,4000}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What the provider itself says in an answer that is no success."""

    words: str = ""
    slug: str | None = None
    """The failure it means (`moderated`, `invalid-input`, ...), where its own code says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of a provider's listing."""

    ref: str
    marks: str
    """What it echoes of our request; our token may be in it."""
    created_at: datetime | None = None


class Upstream(Protocol):
    """One upstream's paths, fields and states; no I/O but what it asks the desk for before the POST."""

    @property
    def name(self) -> str:
        """The catalogue's name for it."""

    @property
    def label(self) -> str:
        """Its name in a sentence."""

    def call(self, shot: Shot, desk: Desk) -> Call:
        """The one paid call for a shot; `InputRefusedError` when what it needs cannot go."""

    def accepted(self, answer: Answer) -> str | None:
        """The reference in a success; None when there is none, which leaves us in doubt."""

    def complaint(self, answer: Answer) -> Complaint:
        """What it says in an answer that is no success."""

    def look(self, ref: str) -> Call:
        """How to ask for one."""

    def progress(self, ref: str, answer: Answer) -> Progress | None:
        """What any answer to that means; None: nothing but trouble in asking, so it is still running."""

    def page(self, number: int) -> Call | None:
        """The listing from its newest, page by page from 0; None where there is no listing."""

    def listed(self, answer: Answer) -> tuple[Sequence[Listed], bool]:
        """What a page holds, and whether there is another."""

    def stop(self, ref: str) -> Call | None:
        """How to stop one; None where it goes on."""

    def stopped(self, answer: Answer) -> Stopped | None:
        """Whether it stopped."""

    def forget(self, ref: str) -> Call | None:
        """How to have one deleted; None where there is no way."""

    def forgotten(self, answer: Answer) -> bool:
        """Whether that says that it is gone."""


class NoListing:
    """An upstream that cannot be asked what it has."""

    def page(self, number: int) -> Call | None:
        del number
        return None

    def listed(self, answer: Answer) -> tuple[Sequence[Listed], bool]:
        del answer
        return (), False


class NoStopping:
    """An upstream that makes what it once began."""

    def stop(self, ref: str) -> Call | None:
        del ref
        return None

    def stopped(self, answer: Answer) -> Stopped | None:
        del answer
        return None


class NoForgetting:
    """An upstream that cannot be asked to delete."""

    def forget(self, ref: str) -> Call | None:
        del ref
        return None

    def forgotten(self, answer: Answer) -> bool:
        del answer
        return False


def refusal(label: str, answer: Answer, complaint: Complaint, *, is_paid: bool = True) -> Submission:
    """What an answer that is no success means; `is_paid`: the call could have started something."""
    detail, request_id = _sentence(label, answer, complaint), answer.request_id
    if answer.status == 429:
        after = answer.retry_after_seconds
        return Refused("provider-failed", detail, True, after, request_id)
    if answer.status in _BROKE_OFF or answer.status >= 500:
        if is_paid:
            return InDoubt(detail, request_id)
        return Refused("provider-failed", detail, True, answer.retry_after_seconds, request_id, True)
    slug = complaint.slug or _SLUGS.get(answer.status, "provider-failed")
    is_our_trouble = complaint.slug is None and answer.status in _OUR_TROUBLE
    return Refused(slug, detail, request_id=request_id, is_outage=is_our_trouble)


def broken(label: str, answer: Answer, *, slug: str, said: Any = None, retryable: bool = False) -> Broken:
    """The provider gave up, in its own words; none of them says whether it bills."""
    words = answer.words(said)
    detail = f"{label} {_ENDINGS.get(slug, 'could not make it')}{f': {words}' if words else '.'}"
    return Broken(slug, detail, retryable=retryable, request_id=answer.request_id)


def by_state(
    answer: Answer,
    *,
    finished: Callable[[Answer], Progress],
    failed: Callable[[Answer], Progress],
    look_again_seconds: float,
) -> Progress | None:
    """Only `completed` and `failed` end it, whatever other states there may be."""
    if not answer.is_ok:
        return None
    match answer.body.get("state"):
        case "completed":
            return finished(answer)
        case "failed":
            return failed(answer)
        case _:
            return Running(look_again_seconds=look_again_seconds)


def is_moderation(words: str) -> bool:
    """Whether a provider's own words are those of a moderator, and not of a fetch that failed before one."""
    lower = words.lower()
    return "moderat" in lower and "failed to moderate" not in lower


def reference(given: Any) -> str | None:
    """A provider's reference, if it is one that can be kept and sent back."""
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    return given if isinstance(given, str) and _REFERENCE.fullmatch(given) else None


def addresses(given: Any) -> tuple[str, ...]:
    """The web addresses in a text or a list; whatever else is in it is left out."""
    found = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(
        each
        for each in found
        if isinstance(each, str) and each.startswith(("https://", "http://")) and _REFERENCE.fullmatch(each)
    )


def moment(given: Any) -> datetime | None:
    """A time as a provider writes it, when it says its zone."""
    try:
        found = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None


def movie(url: str) -> Mapping[str, Any]:
    """One movie as `Finished` lists it."""
    return {"role": "movie", "media_type": "video/mp4", "url": url}


def _sentence(label: str, answer: Answer, complaint: Complaint) -> str:
    words = complaint.words or answer.reason
    return f"{label} {_refused(answer.status)} (HTTP {answer.status}){f': {words}' if words else '.'}"


def _refused(status: int) -> str:
    if status == 429:
        return "takes no more at this moment"
    if status in (401, 402, 403):
        return "does not serve this service's account at present"
    if status in _BROKE_OFF or status >= 500:
        return "broke off"
    return "refused the request"


_SLUGS: Final[Mapping[int, str]] = {
    400: "invalid-input",
    413: "invalid-input",
    415: "invalid-input",
    422: "invalid-input",
    451: "moderated",
}
_BROKE_OFF: Final = frozenset({303, 408})  # 303 leads to what was made of a call, so it may have begun
_OUR_TROUBLE: Final = frozenset({301, 302, 307, 308, 401, 402, 403, 404, 405})
_ENDINGS: Final[Mapping[str, str]] = {
    "moderated": "moderated it",
    "invalid-input": "could not use an input",
    "timed-out": "ran out of time",
}
