"""Prices before anything is spent."""

from dataclasses import dataclass, replace

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import UnsupportedByModelError
from plugin_backend.domain.pricing import for_model, quote_all
from plugin_backend.domain.quotes import Quote
from plugin_backend.domain.routing import Choice, choices, dearest, taken
from plugin_backend.domain.validation import validate_request
from plugin_backend.services.generations import asked_of
from plugin_backend.services.house import House


@dataclass(frozen=True, slots=True)
class Routing:
    """What routing would do with a request: the models in order, and what would be held for them."""

    choices: tuple[Choice, ...]
    credits_held: int | None
    """The dearest of those that may be tried; None when none may."""


def quote(house: House, caller: Caller, wanted: GenerationRequest) -> tuple[Quote, ...]:
    """What every model would cost for this request, the cheapest possible first; nothing is spent."""
    caller.require(Scope.READ)
    validate_request(wanted)
    return quote_all(wanted, house.catalogue, house.configured_providers)


def routing(house: House, caller: Caller, wanted: GenerationRequest) -> Routing:
    """Which models would be tried, and why the others would not; as the request itself would choose."""
    caller.require(Scope.READ)
    try:
        first = asked_of(house, caller, wanted)
    except UnsupportedByModelError:
        return Routing((), None)  # `auto`, and no model is able: every quote says why
    request = for_model(replace(wanted, brief=replace(wanted.brief, model=first.id)), first)
    found = choices(request, first, house.catalogue, house.configured_providers)
    may = taken(found)
    return Routing(found, dearest(may) if may else None)
