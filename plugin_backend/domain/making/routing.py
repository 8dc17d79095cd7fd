"""Which models may make a request, in the order they are tried, each at the price it was quoted at.

The next one is tried only when the one before certainly did not start; the hold covers the dearest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.capabilities import capability_problems, unavailable_because
from plugin_backend.domain.catalogue import Catalogue, Model
from plugin_backend.domain.errors import UnsupportedByModelError
from plugin_backend.domain.money.pricing import expected_seconds, price
from plugin_backend.domain.money.quotes import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A model that may make the takes, or why it will not."""

    model: Model
    price: Price | None = None
    expected_seconds: int | None = None
    why_not: str | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of the routing, as it is kept on the generation."""
        return {
            "model": self.model.id,
            "provider": self.model.provider,
            "credits_per_take": None if self.price is None else self.price.credits_per_take,
            "expected_seconds": self.expected_seconds,
        }


def choices(
    request: GenerationRequest, first: Model, catalogue: Catalogue, configured: frozenset[str]
) -> tuple[Choice, ...]:
    """The model asked for, then the fallbacks in order; ValidationFailedError for one that does not exist.

    `request` is as the first model makes it: a fallback makes the very same picture, or is left out.
    """
    named = [
        catalogue.model(model_id, pointer=f"/fallback_models/{index}")
        for index, model_id in enumerate(request.fallback_models)
    ]
    further = [model for model in named if model.id != first.id]
    return tuple(_choice(request, model, configured) for model in (first, *further))


def taken(found: Sequence[Choice]) -> tuple[Choice, ...]:
    """Those that may be tried."""
    return tuple(choice for choice in found if choice.why_not is None)


def dearest(found: Sequence[Choice]) -> int:
    """What must be held so that any of them can be paid."""
    return max(choice.price.credits_total for choice in found if choice.price is not None)


def _choice(request: GenerationRequest, model: Model, configured: frozenset[str]) -> Choice:
    problems = capability_problems(request, model)
    if problems:
        return Choice(model=model, why_not=problems[0].detail)
    if not model.is_available(configured):
        return Choice(model=model, why_not=unavailable_because(model))
    asked = replace(request, brief=replace(request.brief, model=model.id))
    try:
        cost = price(asked, model)
    except UnsupportedByModelError as unpriced:
        return Choice(model=model, why_not=unpriced.problems[0].detail)
    if request.max_credits is not None and cost.credits_total > request.max_credits:
        why = f"It would cost {cost.credits_total} credits, over the {request.max_credits} allowed."
        return Choice(model=model, price=cost, why_not=why)
    return Choice(model=model, price=cost, expected_seconds=expected_seconds(asked, model))
