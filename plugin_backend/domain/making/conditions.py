"""Rows of the catalogue's tables: facts a request must show, and what then holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Final, Self

from plugin_backend.domain.seconds import as_number

Fact = str | bool | int | Fraction
Facts = Mapping[str, Fact]

_AMOUNTS: Final = ("up_to_seconds", "flat", "per_second")


@dataclass(frozen=True, slots=True)
class Condition:
    """Facts a request must show, each with the values that will do; no facts hold always."""

    terms: tuple[tuple[str, tuple[Fact, ...]], ...]

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Self:
        """Read a TOML table: a single value or a list of them per fact."""
        return cls(tuple((name, _tuple(value)) for name, value in table.items()))

    def holds(self, facts: Facts) -> bool:
        """Whether every term finds its fact among its values."""
        return all(facts[name] in values for name, values in self.terms)

    def to_json(self) -> dict[str, Any]:
        """Single values plain, several as a list."""
        plain = {name: [_plain(value) for value in values] for name, values in self.terms}
        return {name: values[0] if len(values) == 1 else values for name, values in plain.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of a table: under a condition, so much flat up to so many seconds, plus so much a second."""

    when: Condition
    up_to_seconds: Fraction | None = None
    flat: Fraction = Fraction(0)
    per_second: Fraction = Fraction(0)

    def covers(self, facts: Facts, *, duration: Fraction) -> bool:
        """Whether this row speaks about such a shot."""
        return self.when.holds(facts) and (self.up_to_seconds is None or duration <= self.up_to_seconds)

    @classmethod
    def parse(cls, row: Mapping[str, Any]) -> Self:
        """Read a TOML row: the amounts by name, everything else a condition."""
        amounts = {name: Fraction(row[name]) for name in _AMOUNTS if name in row}
        return cls(when=Condition.parse({k: v for k, v in row.items() if k not in _AMOUNTS}), **amounts)

    def amount(self, duration: Fraction) -> int:
        """What the row says for a duration, rounded up: a part of a credit is a credit."""
        return ceil(self.flat + self.per_second * duration)

    def to_json(self) -> dict[str, Any]:
        """The row as the catalogue publishes it."""
        price = self.when.to_json()
        if self.up_to_seconds is not None:
            price["up_to_seconds"] = as_number(self.up_to_seconds)
        if self.per_second:
            return price | {"credits_per_second": as_number(self.per_second)}
        return price | {"credits": as_number(self.flat)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A combination the model refuses, and the way out."""

    when: Condition
    pointer: str
    detail: str

    @classmethod
    def parse(cls, row: Mapping[str, Any]) -> Self:
        """Read a TOML row."""
        return cls(when=Condition.parse(row["when"]), pointer=row["pointer"], detail=row["detail"])


def _tuple(value: Any) -> tuple[Fact, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _plain(value: Fact) -> str | bool | int | float:
    return as_number(value) if isinstance(value, Fraction) else value
