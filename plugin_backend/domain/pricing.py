"""What a request costs on a model, every model side by side, and the choice `model: auto` makes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, assert_never

from plugin_backend.domain.brief import (
    AUTO,
    Direct,
    DynamicRange,
    GenerationRequest,
    Kind,
    LeftOut,
    Resolution,
    Route,
)
from plugin_backend.domain.capabilities import capability_problems, facts, unavailable_because
from plugin_backend.domain.catalogue import ANIMATIC, Catalogue, Model, Tier
from plugin_backend.domain.chaining import requests_of
from plugin_backend.domain.conditions import Rate
from plugin_backend.domain.errors import FieldProblem, UnsupportedByModelError

FAIR_RATIO: Final = 5  # a draft should cost, and take, at most a fifth of its master


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What is held for a request: credits a take and in all, draft units, and US cents at list price."""

    credits_per_take: int
    credits_total: int
    draft_units: int
    usd_cents: int


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
            "draft_units": None if price is None else price.draft_units,
            "usd_cents": None if price is None else price.usd_cents,
            "expected_seconds": self.expected_seconds,
            "reasons": list(self.reasons),
            "draft": None if self.draft is None else self.draft.to_json(),
            "master": None if self.master is None else self.master.to_json(),
            "ratio": {"cost": _spelt(self.cost_ratio), "time": _spelt(self.time_ratio)},
            "ratio_note": self.ratio_note,
        }


def price(request: GenerationRequest, model: Model) -> Price:
    """The most the request can cost; UnsupportedByModelError when nobody has published a price for it."""
    found = _price(request, model)
    if found is None:
        raise UnsupportedByModelError(model.id, [FieldProblem("/brief/model", _no_price(model))])
    return found


def prices_of_parts(request: GenerationRequest, model: Model) -> tuple[int, ...] | None:
    """What each POST of one take costs; None when nobody has published a price for it."""
    return _amounts(request, model, model.prices)


def expected_seconds(request: GenerationRequest, model: Model) -> int | None:
    """How long one take usually takes; None where nobody has said."""
    return _sum_of(request, model, model.expected)


def for_model(request: GenerationRequest, model: Model) -> GenerationRequest:
    """The request made of this model: where it names no resolution, at the size the model usually makes."""
    tier = model.tier(request.kind)
    if tier is None or LeftOut.RESOLUTION not in request.brief.left_out:
        return request
    if tier.resolution is request.brief.resolution:
        return request
    return replace(request, brief=replace(request.brief, resolution=tier.resolution))


def quote_all(
    request: GenerationRequest,
    catalogue: Catalogue,
    configured: frozenset[str],
) -> tuple[Quote, ...]:
    """One quote per model: the possible ones first, then by price; nothing is spent."""
    quotes = [_quote(for_model(request, model), model, configured) for model in catalogue.models]
    return tuple(sorted(quotes, key=_cheapest_possible_first))


def choose_model(
    request: GenerationRequest,
    catalogue: Catalogue,
    configured: frozenset[str],
) -> Model:
    """The model `auto` means by the request's route; the embedded one only where no other is configured."""
    available = [model for model in catalogue.models if model.is_available(configured)]
    candidates = [model for model in available if model.provider != ANIMATIC] or available
    asked = [(model, for_model(request, model)) for model in candidates]
    able = [(model, shot) for model, shot in asked if not _reasons(shot, model)]
    if not able:
        raise UnsupportedByModelError(AUTO, tuple(_why_none(asked)))
    return min(able, key=lambda pair: _preference(pair[1], pair[0]))[0]


def _price(request: GenerationRequest, model: Model) -> Price | None:
    per_take = _sum_of(request, model, model.prices)
    if per_take is None:
        return None
    tries = 1 + request.direct.max_iterations if request.kind is Kind.DRAFT else 1
    total = per_take * request.takes * tries
    units = request.takes * tries if request.kind is Kind.DRAFT else 0
    # One credit is one US cent at list price.
    return Price(credits_per_take=per_take, credits_total=total, draft_units=units, usd_cents=total)


def _sum_of(request: GenerationRequest, model: Model, rates: tuple[Rate, ...]) -> int | None:
    """A shot made in parts comes to what its parts come to; None where there is no row for one of them."""
    amounts = _amounts(request, model, rates)
    return None if amounts is None else sum(amounts)


def _amounts(request: GenerationRequest, model: Model, rates: tuple[Rate, ...]) -> tuple[int, ...] | None:
    found = []
    for part in requests_of(request, model):
        rate = _rate_for(part, rates)
        if rate is None:
            return None
        found.append(rate.amount(part.brief.duration_seconds))
    return tuple(found)


def _rate_for(request: GenerationRequest, rates: tuple[Rate, ...]) -> Rate | None:
    shown, duration = facts(request), request.brief.duration_seconds
    return next((rate for rate in rates if rate.covers(shown, duration=duration)), None)


def _quote(request: GenerationRequest, model: Model, configured: frozenset[str]) -> Quote:
    reasons = _reasons(request, model)
    able = not reasons
    if able and not model.is_available(configured):
        reasons = (unavailable_because(model),)
    draft = _tier_quote(request, model, kind=Kind.DRAFT)
    master = _tier_quote(request, model, kind=Kind.MASTER)
    cost_ratio, time_ratio = _cost_ratio(draft, master), _time_ratio(draft, master)
    return Quote(
        model=model.id,
        possible=not reasons,
        reasons=reasons,
        price=_price(request, model) if able else None,
        expected_seconds=expected_seconds(request, model) if able else None,
        draft=draft,
        master=master,
        cost_ratio=cost_ratio,
        time_ratio=time_ratio,
        ratio_note=_ratio_note(cost_ratio, time_ratio),
    )


def _reasons(request: GenerationRequest, model: Model) -> tuple[str, ...]:
    """In words, why this model cannot; empty when it can and has a price."""
    problems = capability_problems(request, model)
    if problems:
        return tuple(problem.detail for problem in problems)
    return () if _price(request, model) else (_no_price(model),)


def _no_price(model: Model) -> str:
    return (
        f"No list price is known for this on {model.id}, and nothing is spent unseen; choose another model."
    )


def _why_none(asked: list[tuple[Model, GenerationRequest]]) -> Iterator[FieldProblem]:
    for model, shot in asked:
        for reason in _reasons(shot, model):
            yield FieldProblem("/brief/model", reason)


def _tier_quote(request: GenerationRequest, model: Model, *, kind: Kind) -> TierQuote | None:
    """A take as this tier, in HDR where the model's master is HDR and the shot allows it."""
    tier = model.tier(kind)
    if tier is None:
        return None
    for dynamic_range in dict.fromkeys((tier.dynamic_range, DynamicRange.SDR)):
        shot = _one_take(request, kind=kind, tier=Tier(tier.resolution, dynamic_range))
        found = None if capability_problems(shot, model) else _price(shot, model)
        if found is not None:
            return TierQuote(
                resolution=tier.resolution,
                dynamic_range=dynamic_range,
                credits=found.credits_total,
                usd_cents=found.usd_cents,
                expected_seconds=expected_seconds(shot, model),
            )
    return None


def _one_take(request: GenerationRequest, *, kind: Kind, tier: Tier) -> GenerationRequest:
    brief = replace(request.brief, resolution=tier.resolution, dynamic_range=tier.dynamic_range, exr=False)
    return replace(request, kind=kind, brief=brief, takes=1, direct=Direct())


def _cost_ratio(draft: TierQuote | None, master: TierQuote | None) -> Fraction | None:
    if draft is None or master is None or draft.credits == 0:
        return None
    return Fraction(master.credits, draft.credits)


def _time_ratio(draft: TierQuote | None, master: TierQuote | None) -> Fraction | None:
    if draft is None or master is None or not draft.expected_seconds or not master.expected_seconds:
        return None
    return Fraction(master.expected_seconds, draft.expected_seconds)


def _ratio_note(cost: Fraction | None, time: Fraction | None) -> str | None:
    """Names what is worse than a draft at a fifth of its master."""
    pairs = (("costs", "price", cost), ("takes", "time", time))
    worse = [
        f"a draft {verb} 1:{_rounded(ratio)} of its master's {noun}"
        for verb, noun, ratio in pairs
        if ratio is not None and ratio < FAIR_RATIO
    ]
    return f"Worse than 1:{FAIR_RATIO}: {' and '.join(worse)}." if worse else None


def _spelt(ratio: Fraction | None) -> str | None:
    return None if ratio is None else f"1:{_rounded(ratio)}"


def _rounded(ratio: Fraction) -> str:
    return f"{float(ratio):.1f}".removesuffix(".0")


def _cheapest_possible_first(quote: Quote) -> tuple[bool, bool, int]:
    credits = None if quote.price is None else quote.price.credits_total
    return (not quote.possible, credits is None, credits or 0)


def _preference(request: GenerationRequest, model: Model) -> tuple[float, ...]:
    """What the route minds most stands first; an unpublished time counts as the longest."""
    cost = price(request, model).credits_total
    seconds = expected_seconds(request, model)
    time = float("inf") if seconds is None else seconds
    match request.route:
        case Route.CHEAPEST:
            return (cost, time)
        case Route.FASTEST:
            return (time, cost)
        case Route.BEST:  # how far the finished picture goes; among equals the dearest
            lines = max(resolution.lines for resolution in model.resolutions)
            return (DynamicRange.HDR not in model.dynamic_ranges, not model.exr, -lines, -cost)
        case _:
            assert_never(request.route)
