"""What a request would cost on a model: the lines of it, and a draft beside its master."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from plugin_backend.domain.brief import DynamicRange, Resolution
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.seconds import as_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What is held for a request: credits a take and in all, draft units, and US cents at list price."""

    credits_per_take: int
    credits_total: int
    draft_units: int
    usd_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One POST of a take and its price: so many seconds of film, or something added to it."""

    seconds: Fraction
    addition: Addition | None
    credits: int

    def to_json(self) -> dict[str, Any]:
        return {
            "what": "film" if self.addition is None else self.addition.value,
            "seconds": as_number(self.seconds),
            "credits_per_take": self.credits,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TierQuote:
    """One take of the shot as a model's usual draft or master."""

    resolution: Resolution
    dynamic_range: DynamicRange
    credits: int
    usd_cents: int
    expected_seconds: int | None

    def to_json(self) -> dict[str, Any]:
        return {
            "resolution": self.resolution.value,
            "dynamic_range": self.dynamic_range.value,
            "credits": self.credits,
            "usd_cents": self.usd_cents,
            "expected_seconds": self.expected_seconds,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one model would take for the request, or why it cannot; ratios are master over draft."""

    model: str
    possible: bool
    reasons: tuple[str, ...] = ()
    price: Price | None = None
    lines: tuple[Line, ...] = ()
    """What the price of one take is made of."""
    expected_seconds: int | None = None
    draft: TierQuote | None = None
    master: TierQuote | None = None
    cost_ratio: Fraction | None = None
    time_ratio: Fraction | None = None
    ratio_note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's shape; a ratio reads `1:20`, draft to master."""
        price = self.price
        return {
            "model": self.model,
            "possible": self.possible,
            "credits": None if price is None else price.credits_total,
            "credits_per_take": None if price is None else price.credits_per_take,
            "lines": [line.to_json() for line in self.lines],
            "draft_units": None if price is None else price.draft_units,
            "usd_cents": None if price is None else price.usd_cents,
            "expected_seconds": self.expected_seconds,
            "reasons": list(self.reasons),
            "draft": None if self.draft is None else self.draft.to_json(),
            "master": None if self.master is None else self.master.to_json(),
            "ratio": {"cost": _spelt(self.cost_ratio), "time": _spelt(self.time_ratio)},
            "ratio_note": self.ratio_note,
        }


def _spelt(ratio: Fraction | None) -> str | None:
    return None if ratio is None else f"1:{rounded(ratio)}"


def rounded(ratio: Fraction) -> str:
    return f"{float(ratio):.1f}".removesuffix(".0")
