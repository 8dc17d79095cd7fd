"""A brief as it was understood before anything is planned: what it rules out, and what is left to be read."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from plugin_backend.domain.direction.framing import Avoidance
from plugin_backend.domain.direction.language import is_foreign
from plugin_backend.domain.direction.ruling_out import ruled_out
from plugin_backend.domain.direction.said import Said

_KEPT: Final = 4  # a plan and the advice on it are asked for one after the other


@dataclass(frozen=True, slots=True)
class Understood:
    """What the brief says, without what it rules out."""

    said: Said
    avoid: tuple[Avoidance, ...]
    is_foreign: bool
    """In a language that gives no instruction to us; then it only hints at the picture."""


@lru_cache(maxsize=_KEPT)
def understood(prompt: str) -> Understood:
    """The brief, read once for all that is made of it."""
    said = Said.of(prompt)
    if is_foreign(prompt, said.words):
        return Understood(said.only_pictured(), (), is_foreign=True)
    avoid, kept = ruled_out(said)
    return Understood(kept, avoid, is_foreign=False)
