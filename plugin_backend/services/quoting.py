"""Prices before anything is spent."""

from dataclasses import dataclass, replace

from plugin_backend.db.people import standing_of
from plugin_backend.domain.brief import AUTO, Brief, GenerationRequest, LeftOut, Source
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.errors import (
    ForbiddenError,
    FrozenError,
    PlanLimitError,
    UnsupportedByModelError,
)
from plugin_backend.domain.making.choosing import Candidate, candidates
from plugin_backend.domain.making.routing import Choice, choices, dearest, taken
from plugin_backend.domain.money.pricing import for_model, quote_all
from plugin_backend.domain.money.quotes import Quote
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.validation import validate_request
from plugin_backend.domain.words_said import said_in_request
from plugin_backend.services.allowed import able_catalogue, check_words, narrowed, why_not
from plugin_backend.services.delivering.delivery_plans import check_deliver_to
from plugin_backend.services.delivering.media_room import why_no_room
from plugin_backend.services.house import House
from plugin_backend.services.making import measured
from plugin_backend.services.making.inputs import check_film
from plugin_backend.services.making.sources import strangers_to
from plugin_backend.services.money.shortfalls import refusal_of_frozen


@dataclass(frozen=True, slots=True)
class Routing:
    """What routing would do with a request: the models in order, and what would be held for them."""

    choices: tuple[Choice, ...]
    credits_held: int | None
    """The dearest of those that may be tried; None when none may, or the request would be refused."""
    considered: tuple[Candidate, ...] = ()
    """For `auto`, every model that is able, the one that is chosen first."""


def quote(house: House, caller: Caller, wanted: GenerationRequest) -> tuple[Quote, ...]:
    """What every model would cost for this request, the cheapest possible first; nothing is spent."""
    caller.require(Scope.READ)
    validate_request(wanted)
    check_deliver_to(wanted, memory_mb=house.media_memory_mb)
    check_words(caller, said_in_request(wanted))
    quotes = _with_room(house, wanted, quote_all(wanted, house.catalogue, house.configured_providers))
    quotes = _allowed(house, caller, wanted, quotes)
    found = quotes if wanted.brief.source is None else _of_film(house, caller, wanted.brief, quotes)
    frozen = _frozen(house, caller)
    if frozen is None:
        return found
    return tuple(replace(_impossible(each, ""), reasons=(str(frozen), *each.reasons)) for each in found)


def _frozen(house: House, caller: Caller) -> FrozenError | None:
    with house.begin() as work:
        return refusal_of_frozen(standing_of(work.connection, caller.user_id, day=day_of(work.now)))


def _with_room(house: House, wanted: GenerationRequest, quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """A model whose pictures would not fit in the media processes here cannot be asked."""
    found = []
    for each in quotes:
        model = house.catalogue.model(each.model)
        reason = why_no_room(for_model(wanted, model), model, bound_mb=house.media_memory_mb)
        is_out = each.possible and reason is not None
        found.append(_impossible(each, reason or "") if is_out else each)
    return tuple(sorted(found, key=lambda each: not each.possible))


def _allowed(
    house: House, caller: Caller, wanted: GenerationRequest, quotes: tuple[Quote, ...]
) -> tuple[Quote, ...]:
    """What the plan leaves out or the workspace forbids is not possible for this caller."""
    found = []
    for each in quotes:
        against = why_not(caller, wanted, house.catalogue.model(each.model))
        found.append(replace(_impossible(each, ""), reasons=(*against, *each.reasons)) if against else each)
    return tuple(sorted(found, key=lambda each: not each.possible))


def _impossible(quote: Quote, reason: str) -> Quote:
    return replace(quote, possible=False, reasons=(reason,), price=None, lines=())


def _of_film(house: House, caller: Caller, brief: Brief, quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """For what is worked on or goes on: refused as the request would be, and possible where its maker can."""
    assert brief.source is not None
    with house.begin() as work:
        check_film(work, caller, brief)
        strangers = strangers_to(work, brief.source, house.catalogue.models)
    able = (
        _impossible(each, strangers[each.model]) if each.possible and each.model in strangers else each
        for each in quotes
    )
    return tuple(sorted(able, key=lambda each: not each.possible))  # the cheapest still first


def routing(house: House, caller: Caller, wanted: GenerationRequest) -> Routing:
    """Which models would be tried, and why the others would not; as the request itself would choose."""
    caller.require(Scope.READ)
    found = _asked_for(house, caller, wanted)
    if wanted.brief.source is not None:
        found = _going_on(house, wanted.brief.source, found)
    return found if _frozen(house, caller) is None else replace(found, credits_held=None)


def _asked_for(house: House, caller: Caller, wanted: GenerationRequest) -> Routing:
    asked = caller.default_model if LeftOut.MODEL in wanted.brief.left_out else wanted.brief.model
    if asked != AUTO:
        return routing_from(house, caller, wanted, house.catalogue.model(asked))
    try:
        able = able_catalogue(caller, house.catalogue, wanted)
        found = candidates(wanted, able, house.configured_providers, measured.lately(house))
    except (UnsupportedByModelError, PlanLimitError, ForbiddenError):
        return Routing((), None)  # no model is able: every quote says why
    return replace(routing_from(house, caller, wanted, found[0].model), considered=found)


def _going_on(house: House, source: Source, found: Routing) -> Routing:
    """Nothing is held while one of the models cannot go on from the film: the request would be refused."""
    models = [choice.model for choice in taken(found.choices)]
    with house.begin() as work:
        strangers = strangers_to(work, source, models)
    if not strangers:
        return found
    told = (replace(each, why_not=each.why_not or strangers.get(each.model.id)) for each in found.choices)
    return replace(found, choices=tuple(told), credits_held=None)


def routing_from(house: House, caller: Caller, wanted: GenerationRequest, first: Model) -> Routing:
    """What would be tried from this model on."""
    request = for_model(replace(wanted, brief=replace(wanted.brief, model=first.id)), first)
    asked = choices(request, first, house.catalogue, house.configured_providers)
    found = narrowed(caller, request, asked)
    may = taken(found)
    return Routing(found, dearest(may) if may else None)
