"""Panels that ask and do not let go: the same key until there is an answer, whatever the door does."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.journeys.people import Person

_MODELS: Final = (
    {"model": "ray-3.2", "resolution": "360p"},
    {"model": "ray-flash-2", "resolution": "540p"},
)
_DOUBLE_CLICKS: Final = 0.1
_CANCELS: Final = 0.05
_PAUSE_SECONDS: Final = 0.2


@dataclass(slots=True)
class Clients:
    """A number of generations, asked for by a few threads; each prompt names its own."""

    person: Person
    generations: int
    seed: int
    over_seconds: float
    """How long they take their time to ask for all of them."""
    threads: int = 4
    accepted: dict[str, str] = field(default_factory=dict)
    """Generation id by prompt."""
    twice: list[str] = field(default_factory=list)
    """Prompts whose key was answered with two generations."""
    refused: list[str] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask for all of them; returns when each has its answer."""
        threads = [threading.Thread(target=self._ask_share, args=(n,)) for n in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def unanswered(self) -> list[str]:
        """Prompts that nothing came of, not even a refusal."""
        prompts = (_prompt(place) for place in range(self.generations))
        return [each for each in prompts if each not in self.accepted][len(self.refused) :]

    def stop(self) -> None:
        """Ask for nothing more, answered or not."""
        self._stopped.set()

    def _ask_share(self, number: int) -> None:
        chosen, began = random.Random(f"{self.seed}/{number}"), time.monotonic()
        for place in range(number, self.generations, self.threads):
            due = began + self.over_seconds * place / self.generations
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            self._ask_one(place, chosen)

    def _ask_one(self, place: int, chosen: random.Random) -> None:
        prompt = _prompt(place)
        body = {"kind": "draft", "brief": {"prompt": prompt, **_MODELS[place % len(_MODELS)]}}
        is_double, is_cancelled = chosen.random() < _DOUBLE_CLICKS, chosen.random() < _CANCELS
        for _ in range(1 + is_double):
            self._note(prompt, self._until_answered("/v1/generations", body, key=f"{self.seed}-{place}"))
        self._count("double clicks", is_double)
        if is_cancelled and prompt in self.accepted:
            self._until_answered(f"/v1/generations/{self.accepted[prompt]}/cancel", None, key=None)
            self._count("cancels", 1)

    def _until_answered(self, path: str, body: dict[str, Any] | None, *, key: str | None) -> str | None:
        """The id in the answer; None when it is a refusal for good."""
        headers = {} if key is None else {"Idempotency-Key": key}
        while not self._stopped.is_set():
            try:
                answer = self.person.send("POST", path, body, headers=headers)
            except httpx.HTTPError:
                self._count("requests without an answer", 1)
                time.sleep(_PAUSE_SECONDS)
                continue
            if answer.is_success:
                found: str = answer.json()["id"]
                return found
            is_over = path.endswith("/cancel") and answer.status_code == 409
            if is_over or (answer.status_code < 500 and answer.status_code != 409):
                self._refuse(answer.text, is_over=is_over)
                return None
            self._count(f"answers with {answer.status_code}", 1)
            time.sleep(_PAUSE_SECONDS)
        return None

    def _refuse(self, words: str, *, is_over: bool) -> None:
        with self._lock:
            if is_over:
                self.did["cancels that came too late"] += 1
            else:
                self.refused.append(words)

    def _note(self, prompt: str, generation_id: str | None) -> None:
        with self._lock:
            if generation_id is None:
                return
            if self.accepted.setdefault(prompt, generation_id) != generation_id:
                self.twice.append(prompt)

    def _count(self, what: str, times: int) -> None:
        with self._lock:
            self.did[what] += times


def _prompt(place: int) -> str:
    return f"shot {place}: fog over a harbour"
