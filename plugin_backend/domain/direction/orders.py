"""What an editor tells the director on the way: take it, stop there, or go on like this."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Verb(StrEnum):
    """What is to be done."""

    ACCEPT = "accept"
    STOP = "stop"
    STEER = "steer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order; it is carried out as soon as no take is under way."""

    verb: Verb
    take: int | None = None
    """The number of the take to accept; None: the best."""
    note: str = ""
    """What a steered try is told besides the brief, in the editor's words."""
    plan: Mapping[str, Any] | None = None
    """A plan the editor changed, for a steered try."""

    @property
    def adds_nothing(self) -> bool:
        """Whether the next try is to be what the director proposes."""
        return not self.note and self.plan is None

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        plan = None if self.plan is None else dict(self.plan)
        return {"verb": self.verb.value, "take": self.take, "note": self.note, "plan": plan}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The order `to_json` wrote."""
        return cls(verb=Verb(data["verb"]), take=data["take"], note=data["note"], plan=data["plan"])
