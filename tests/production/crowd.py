"""Panels at work on one or several web doors: they read, ask for drafts, and retry with the same key."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Final, Self

import httpx

_PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.1
_READS: Final = ("/v1/me", "/v1/generations?limit=50", "/v1/models", "/v1/projects")
_POST_EVERY: Final = 40
"""Reads for each draft that is asked for."""

_DRAFT: Final = {"prompt": "fog over a harbour", "duration_seconds": 1, "resolution": "360p", "seed": 7}


@dataclass(slots=True)
class Crowd:
    """So many people at once for the length of a block; `doors` may change meanwhile."""

    doors: tuple[str, ...]
    key: str
    people: int = 8
    drafts: int = 10
    """How many they ask for, together."""
    accepted: set[str] = field(default_factory=set)
    """Ids of what was asked for."""
    failed: list[str] = field(default_factory=list)
    """What was refused, or stayed unanswered however often it was asked again."""
    answers: Counter[str] = field(default_factory=Counter)
    """By door."""
    retries: int = 0
    _numbers: "count[int]" = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._live, args=(n,)) for n in range(self.people)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def until_answered(self, more: int) -> None:
        """Returns once every door has given so many more answers."""
        before, deadline = Counter(self.answers), time.monotonic() + 120
        while any(self.answers[door] < before[door] + more for door in self.doors):
            assert time.monotonic() < deadline, (self.answers, self.failed[:3])
            time.sleep(0.05)

    def _live(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(headers=headers, timeout=30, trust_env=False) as http:
            while not self._stopped.is_set():
                turn = next(self._numbers)
                if turn % _POST_EVERY == 0 and turn // _POST_EVERY < self.drafts:
                    self._ask(http, turn)
                else:
                    self._until_answered(http, turn, "GET", _READS[(turn + number) % len(_READS)])

    def _ask(self, http: httpx.Client, turn: int) -> None:
        answer = self._until_answered(http, turn, "POST", "/v1/generations")
        if answer is not None and answer.is_success:
            self.accepted.add(answer.json()["id"])

    def _until_answered(self, http: httpx.Client, turn: int, method: str, path: str) -> httpx.Response | None:
        """A lost connection, a 5xx and a 409 of one's own key are asked again: by the door next to it."""
        options = {
            "headers": {"Idempotency-Key": f"crowd-{turn}"},
            "json": {"kind": "draft", "brief": _DRAFT},
        }
        deadline, said = time.monotonic() + _PATIENCE_SECONDS, ""
        for attempt in count():
            door = self.doors[(turn + attempt) % len(self.doors)]
            try:
                answer = http.request(method, door + path, **(options if method == "POST" else {}))  # type: ignore[arg-type]  # headers and json, as it takes them
            except httpx.TransportError as error:
                said = repr(error)
            else:
                said = answer.text
                if answer.status_code < 500 and answer.status_code != 409:
                    self._count(door, attempt, refused=None if answer.is_success else said)
                    return answer
            if time.monotonic() > deadline:
                break
            time.sleep(_PAUSE_SECONDS)
        self._count("-", 0, refused=f"{method} {path}: {said}")
        return None

    def _count(self, door: str, attempt: int, *, refused: str | None) -> None:
        with self._lock:
            self.answers[door] += 1
            self.retries += attempt
            if refused is not None:
                self.failed.append(refused)
