"""What can be added to a finished film by a further call, each at a price of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from plugin_backend.domain.making.conditions import Rate


class Addition(StrEnum):
    """What a POST does to the finished one before it, whose result its own replaces."""

    AUDIO = "audio"
    UPSCALE = "upscale"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOn:
    """One that a model has; without a price it is listed and never sold."""

    addition: Addition
    prices: tuple[Rate, ...] = ()

    @classmethod
    def parse(cls, row: Mapping[str, Any]) -> Self:
        """Read a TOML row."""
        return cls(
            addition=Addition(row["addition"]),
            prices=tuple(Rate.parse(each) for each in row.get("prices", ())),
        )

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "addition": self.addition.value,
            "sold": bool(self.prices),
            "price": [rate.to_json() for rate in self.prices],
        }
