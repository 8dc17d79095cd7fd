"""Panels that ask and do not let go: the same key until there is an answer, whatever the door does."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.journeys.people import Person

_MODELS = ({"model": "ray-3.2", "resolution": "360p"}, {"model": "ray-flash-2", "resolution": "540p"})
_DOUBLE_CLICKS = 0.1


@dataclass(slots=True)
class Clients:
    """A number of generations, asked for by a few threads; each prompt names its own."""

    person: Person
    generations: int
    seed: int
    threads: int = 4
    pause_seconds: float = 0.0
    accepted: dict[str, str] = field(default_factory=dict)
    """Generation id by prompt."""
    twice: list[str] = field(default_factory=list)
    """Prompts whose key was answered with two generations."""
    refused: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Ask for all of them; returns when each has its answer."""
        threads = [threading.Thread(target=self._ask_share, args=(n,)) for n in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask_share(self, number: int) -> None:
        chosen = random.Random(f"{self.seed}/{number}")
        for place in range(number, self.generations, self.threads):
            prompt = f"shot {place}: fog over a harbour"
            body = {"kind": "draft", "brief": {"prompt": prompt, **_MODELS[place % len(_MODELS)]}}
            for _ in range(1 + (chosen.random() < _DOUBLE_CLICKS)):
                self._note(prompt, self._ask(body, key=f"{self.seed}-{place}"))
            time.sleep(self.pause_seconds)

    def _ask(self, body: dict[str, Any], *, key: str) -> str | None:
        while True:
            try:
                headers = {"Idempotency-Key": key}
                answer = self.person.send("POST", "/v1/generations", body, headers=headers)
            except httpx.HTTPError:
                time.sleep(0.2)
                continue
            if answer.status_code == 202:
                found: str = answer.json()["id"]
                return found
            if answer.status_code >= 500 or answer.status_code == 409:
                time.sleep(0.2)
                continue
            with self._lock:
                self.refused.append(answer.text)
            return None

    def _note(self, prompt: str, generation_id: str | None) -> None:
        with self._lock:
            if generation_id is None:
                return
            if self.accepted.setdefault(prompt, generation_id) != generation_id:
                self.twice.append(prompt)
