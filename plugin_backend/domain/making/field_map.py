"""How a provider that carries many models wants each asked: its own id and its own names of fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from plugin_backend.domain.making.conditions import Condition, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """One way of asking for a model; the first one in the catalogue's order that fits a shot is used."""

    when: Condition
    id: str
    send: Mapping[str, str]
    """Our field -> theirs; a field without a name here is not sent."""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Our field -> our value -> theirs, where they spell it another way."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """What is always sent as it stands."""

    @classmethod
    def parse(cls, row: Mapping[str, Any]) -> Self:
        """Read a TOML table."""
        return cls(**{**row, "when": Condition.parse(row.get("when", {}))})


def field_map_for(maps: Sequence[FieldMap], facts: Facts) -> FieldMap | None:
    """How to ask for a shot that shows these facts; None when there is no way."""
    return next((each for each in maps if each.when.holds(facts)), None)
