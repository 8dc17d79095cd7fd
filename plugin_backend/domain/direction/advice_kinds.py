"""A piece of advice: its kind, what it is about, and words that an editor may add to the brief."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AdviceKind(StrEnum):
    """What a piece of advice is."""

    MISSING = "missing"
    BARE_WORD = "bare-word"
    SEVERAL_EVENTS = "several-events"
    CONTRADICTION = "contradiction"
    IMPOSSIBLE = "impossible"
    LANGUAGE = "language"
    UNREAD = "unread"


class Severity(StrEnum):
    """A warning is worth an answer before anything is spent."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to tell the editor; `try_words` may be added to the brief as they stand."""

    kind: AdviceKind
    code: str
    """Which sentence it is, such as `missing.camera`: with `values`, for saying it in another language."""
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    about: str
    says: str
    try_words: tuple[str, ...] = ()
    severity: Severity = Severity.NOTE

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {
            "kind": self.kind.value,
            "code": self.code,
            "values": dict(self.values),
            "about": self.about,
            "says": self.says,
            "try_words": list(self.try_words),
            "severity": self.severity.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What advice needs to know of the model."""

    name: str
    has_sound: bool = False
