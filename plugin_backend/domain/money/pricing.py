"""What a request costs on a model, and on every model side by side."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from plugin_backend.domain.brief import Direct, DynamicRange, GenerationRequest, Kind, LeftOut
from plugin_backend.domain.capabilities import capability_problems, facts, unavailable_because
from plugin_backend.domain.catalogue import Catalogue, Model, Tier
from plugin_backend.domain.errors import FieldProblem, UnsupportedByModelError
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.making.chaining import parts_of, requests_of
from plugin_backend.domain.making.conditions import Condition, Rate
from plugin_backend.domain.money.quotes import Line, Price, Quote, TierQuote, rounded

FAIR_RATIO: Final = 5  # a draft should cost, and take, at most a fifth of its master
_AT_ONCE: Final = (Rate(when=Condition(())),)


def price(request: GenerationRequest, model: Model) -> Price:
    """The most the request can cost; UnsupportedByModelError when nobody has published a price for it."""
    found = _price(request, model)
    if found is None:
        raise UnsupportedByModelError(model.id, [FieldProblem("/brief/model", _no_price(model))])
    return found


def prices_of_parts(request: GenerationRequest, model: Model) -> tuple[int, ...] | None:
    """What each POST of one take costs; None when nobody has published a price for it."""
    return _amounts(request, model, model.prices_of)


def expected_seconds(request: GenerationRequest, model: Model) -> int | None:
    """How long one take usually takes, what is added to it aside; None where nobody has said."""
    found = _amounts(request, model, lambda addition: model.expected if addition is None else _AT_ONCE)
    return None if found is None else sum(found)


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
    quotes = [quote_on(for_model(request, model), model, configured) for model in catalogue.models]
    return tuple(sorted(quotes, key=_cheapest_possible_first))


def _price(request: GenerationRequest, model: Model) -> Price | None:
    amounts = prices_of_parts(request, model)
    if amounts is None:
        return None
    per_take = sum(amounts)
    tries = 1 + request.direct.max_iterations if request.kind is Kind.DRAFT else 1
    total = per_take * request.takes * tries
    units = request.takes * tries if request.kind is Kind.DRAFT else 0
    # One credit is one US cent at list price.
    return Price(credits_per_take=per_take, credits_total=total, draft_units=units, usd_cents=total)


def _lines(request: GenerationRequest, model: Model) -> tuple[Line, ...]:
    parts, amounts = parts_of(request.brief, model), prices_of_parts(request, model) or ()
    return tuple(
        Line(seconds=part.seconds, addition=part.addition, credits=credits)
        for part, credits in zip(parts, amounts, strict=False)
    )


def _amounts(
    request: GenerationRequest, model: Model, rates_of: Callable[[Addition | None], tuple[Rate, ...]]
) -> tuple[int, ...] | None:
    """What each part comes to; None where there is no row for one of them."""
    found = []
    for part, asked in zip(parts_of(request.brief, model), requests_of(request, model), strict=True):
        rate = _rate_for(asked, rates_of(part.addition))
        if rate is None:
            return None
        found.append(rate.amount(asked.brief.duration_seconds))
    return tuple(found)


def _rate_for(request: GenerationRequest, rates: tuple[Rate, ...]) -> Rate | None:
    shown, duration = facts(request), request.brief.duration_seconds
    return next((rate for rate in rates if rate.covers(shown, duration=duration)), None)


def quote_on(request: GenerationRequest, model: Model, configured: frozenset[str]) -> Quote:
    """What one model would take for the request, or why it cannot; nothing is spent."""
    reasons = reasons_against(request, model)
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
        lines=_lines(request, model) if able else (),
        expected_seconds=expected_seconds(request, model) if able else None,
        draft=draft,
        master=master,
        cost_ratio=cost_ratio,
        time_ratio=time_ratio,
        ratio_note=_ratio_note(cost_ratio, time_ratio),
    )


def reasons_against(request: GenerationRequest, model: Model) -> tuple[str, ...]:
    """In words, why this model cannot; empty when it can and has a price."""
    problems = capability_problems(request, model)
    if problems:
        return tuple(problem.detail for problem in problems)
    return () if _price(request, model) else (_no_price(model),)


def _no_price(model: Model) -> str:
    return (
        f"No list price is known for this on {model.id}, and nothing is spent unseen; choose another model."
    )


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
        f"a draft {verb} 1:{rounded(ratio)} of its master's {noun}"
        for verb, noun, ratio in pairs
        if ratio is not None and ratio < FAIR_RATIO
    ]
    return f"Worse than 1:{FAIR_RATIO}: {' and '.join(worse)}." if worse else None


def _cheapest_possible_first(quote: Quote) -> tuple[bool, bool, int]:
    credits = None if quote.price is None else quote.price.credits_total
    return (not quote.possible, credits is None, credits or 0)
