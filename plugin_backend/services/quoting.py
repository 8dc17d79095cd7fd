"""Prices before anything is spent."""

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.pricing import Quote, quote_all
from plugin_backend.domain.validation import validate_request
from plugin_backend.services.house import House


def quote(house: House, caller: Caller, wanted: GenerationRequest) -> tuple[Quote, ...]:
    """What every model would cost for this request, the cheapest possible first; nothing is spent."""
    caller.require(Scope.READ)
    validate_request(wanted)
    return quote_all(wanted, house.catalogue, house.configured_providers)
