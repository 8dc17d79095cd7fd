"""What breaks things in a run, and what it is given to break."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from tests.chaos.platform import Platform


class Breaker(Protocol):
    """Runs in a thread of its own until it is done or told to stop."""

    deeds: Counter[str]

    def run(self) -> None:
        """One deed after the other."""

    def stop(self) -> None:
        """No more deeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A running service."""

    platform: Platform
    valkey: EmbeddedValkey
    postgres: EmbeddedPostgres
    done: Callable[[], float]
    """The share of the work that is done."""
