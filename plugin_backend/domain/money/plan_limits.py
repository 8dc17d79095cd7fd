"""What a plan grants and what it leaves out. The plans that ship stand in `plans.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

from plugin_backend.domain.brief import Kind, Resolution

DEFAULT_PLAN: Final = "free"
"""What new people are on, unless another is named."""

EVERY_TIER: Final = (Kind.DRAFT, Kind.MASTER)
_SUGGESTED: Final = "suggested_credits_per_month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan; what may be None has no limit."""

    id: str
    label: str
    drafts_per_day: int
    max_concurrent: int
    max_unfinished: int
    credits_per_month: int = 0
    sign_up_credits: int = 0
    models: tuple[str, ...] | None = None
    tiers: tuple[Kind, ...] = EVERY_TIER
    max_resolution: Resolution | None = None
    hdr: bool = True
    exr: bool = True
    draft_retention_days: int | None = None
    master_retention_days: int | None = None
    storage_limit_bytes: int | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From plain values: a row, or a table of the data file; a misspelt key is a TypeError."""
        return cls(**{name: _read(name, value) for name, value in values.items()})

    def terms(self) -> dict[str, Any]:
        """All but its id, as plain values: what an operator may change."""
        return {name: _plain(getattr(self, name)) for name in TERMS}


TERMS: Final = tuple(field.name for field in fields(Plan) if field.name != "id")
"""The names of what a plan grants."""


@cache
def shipped_plans() -> tuple[Plan, ...]:
    """The plans that come with this version."""
    return tuple(
        Plan.of({name: value for name, value in table.items() if name != _SUGGESTED}) for table in _tables()
    )


def suggested_credits() -> dict[str, int]:
    """What a month of each shipped plan might be worth, by its id."""
    return {table["id"]: table[_SUGGESTED] for table in _tables() if _SUGGESTED in table}


def shipped_changes(
    current: Mapping[str, Any], *, before: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """What a newer version may change in a plan: only what still stands as the version before shipped it.

    What the earlier version did not know counts as `Plan` has it by itself.
    """
    usual = Plan(id="", label="", drafts_per_day=0, max_concurrent=1, max_unfinished=1).terms()
    return {
        name: value
        for name, value in now.items()
        if value != current[name] and current[name] == before.get(name, usual[name])
    }


@cache
def _tables() -> Sequence[Mapping[str, Any]]:
    found = tomllib.loads(files("plugin_backend.domain.money").joinpath("plans.toml").read_text("utf-8"))
    tables: Sequence[Mapping[str, Any]] = found["plan"]
    return tables


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    match name:
        case "models":
            return tuple(value)
        case "tiers":
            return tuple(Kind(tier) for tier in value)
        case "max_resolution":
            return Resolution(value)
        case _:
            return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value.value if isinstance(value, Resolution) else value
