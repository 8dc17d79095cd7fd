"""What goes wrong upstream, scripted: by probability with a seed, or at the n-th request."""

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Door(StrEnum):
    """What kind of request a fault waits at."""

    SUBMIT = "submit"
    POLL = "poll"
    LIST = "list"
    CANCEL = "cancel"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    TOKEN = "token"
    CALLBACK = "callback"
    """Not a request to us: one of ours to the `callback_url`."""
    OTHER = "other"
    ANY = "any"


class Kind(StrEnum):
    """Each says what happens; those up to `redirect` happen to any answer."""

    REFUSE = "refuse"
    """A refusal for good, `status` 400 unless told, in the upstream's own shape."""
    TOO_MANY = "too-many"
    """429; without `retry_after` it does not say when to come back."""
    ERROR = "error"
    """A 5xx, 500 unless told; `accepts` decides whether the work was begun all the same."""
    HANG = "hang"
    """No answer at all, until the client gives up."""
    SLOW = "slow"
    """The right answer after `seconds` of real time."""
    RESET = "reset"
    """The connection is reset in the middle of the body."""
    TRUNCATE = "truncate"
    """Half of the body arrives under its full Content-Length, then the line closes in order."""
    DRIP = "drip"
    """The right answer, a few bytes every `seconds` of real time."""
    WRONG_LENGTH = "wrong-length"
    """The right body, and more bytes than its Content-Length says."""
    HTML = "html"
    """200 with a page of HTML instead."""
    HUGE = "huge"
    """A body of `bytes`, 10 GB unless told."""
    REDIRECT = "redirect"
    """302 to `location`."""

    # Decided when a job is accepted (door `submit`).
    DUPLICATE = "duplicate"
    """One POST, two jobs; the answer names the first."""
    UNKNOWN_STATE = "unknown-state"
    """A state nobody documented, for the first half of its time."""
    MODERATED = "moderated"
    """Moderation stops it late."""
    EMPTY_SUCCESS = "empty-success"
    """It succeeds with nothing in the list of results."""
    FAILED = "failed"
    """It fails for the upstream's own reasons."""
    STUCK = "stuck"
    """It never ends."""
    NOT_FOUND_YET = "not-found-yet"
    """404 for `seconds` of the upstream's time after it was accepted."""
    FOREIGN_OUTPUT = "foreign-output"
    """Its outputs are said to lie at `location`."""

    # At the door `download`.
    EXPIRED = "expired"
    """403, as a signed address says when its time is over."""
    WRONG_TYPE = "wrong-type"
    """The right bytes under `media_type`, text/plain unless told."""

    # At the door `callback`.
    STORM = "storm"
    """The callback comes `times` over."""
    FORGED = "forged"
    """A stranger's callback comes first: it claims success, unsigned or wrongly signed."""
    LOST = "lost"
    """The callback is never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule; every request at its door is counted from the moment the rule is set."""

    kind: Kind
    on: Door = Door.SUBMIT
    probability: float = 1.0
    nth: tuple[int, ...] = ()
    """At these requests, counted from 1; empty: at any, by probability."""
    most: int | None = None
    """At so many requests in all."""
    accepts: bool = False
    """Whether what was asked is done before the answer goes wrong."""
    status: int | None = None
    retry_after: float | None = None
    seconds: float = 0.2
    bytes: int = 10_000_000_000
    times: int = 20
    location: str = "http://169.254.169.254/latest/meta-data/"
    media_type: str = "text/plain"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fault":
        """The rule in a control request; ValueError or TypeError when it is none."""
        named = dict(data)
        unknown = named.keys() - {each.name for each in fields(cls)}
        if unknown:
            raise ValueError(f"There is no {min(unknown)} in a fault.")
        named["kind"] = Kind(named["kind"])
        named["on"] = Door(named.get("on", _HOME.get(named["kind"], Door.SUBMIT)))
        named["nth"] = tuple(named.get("nth", ()))
        return cls(**named)


_HOME = {
    **dict.fromkeys((Kind.EXPIRED, Kind.WRONG_TYPE, Kind.REDIRECT, Kind.HUGE), Door.DOWNLOAD),
    **dict.fromkeys((Kind.STORM, Kind.FORGED, Kind.LOST), Door.CALLBACK),
}


@dataclass(slots=True)
class _Rule:
    fault: Fault
    seen: int = 0
    struck: int = 0


class Faults:
    """The rules in force; the first that strikes wins."""

    def __init__(self, *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._rules: list[_Rule] = []

    def add(self, *faults: Fault) -> None:
        """Put rules in force after those that are."""
        with self._lock:
            self._rules = [*self._rules, *map(_Rule, faults)]

    def clear(self) -> None:
        """Behave."""
        with self._lock:
            self._rules = []

    def strike(self, door: Door) -> Fault | None:
        """Count a request at a door; what goes wrong with it, if anything."""
        if not self._rules:
            return None
        with self._lock:
            struck = [rule for rule in self._rules if rule.fault.on in (door, Door.ANY) and self._hits(rule)]
            if not struck:
                return None
            struck[0].struck += 1
            return struck[0].fault

    def standing(self) -> Iterable[tuple[Fault, int, int]]:
        """Every rule with how many requests it saw and struck."""
        return [(rule.fault, rule.seen, rule.struck) for rule in self._rules]

    def _hits(self, rule: _Rule) -> bool:
        rule.seen += 1
        fault = rule.fault
        if fault.most is not None and rule.struck >= fault.most:
            return False
        if fault.nth:
            return rule.seen in fault.nth
        return fault.probability >= 1 or self._random.random() < fault.probability
