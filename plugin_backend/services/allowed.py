"""What a caller's plan and workspace allow: asked at every door where something is asked for or said."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.blocked_terms import blocked_problems
from plugin_backend.domain.brief import AUTO, GenerationRequest, LeftOut
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.catalogue import Catalogue, Model
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.making.choosing import choose_model
from plugin_backend.domain.making.routing import Choice
from plugin_backend.domain.money.pricing import for_model
from plugin_backend.domain.words_said import said_in_request
from plugin_backend.services.house import House
from plugin_backend.services.making import measured


def check_words(caller: Caller, said: Iterable[tuple[str, str]]) -> None:
    """Refuse texts, each with its JSON pointer, that contain what the workspace blocks."""
    terms = caller.allowance.policy.blocked_terms
    problems = tuple(blocked_problems(said, terms)) if terms else ()
    if problems:
        raise ValidationFailedError(problems)


def check_request(caller: Caller, request: GenerationRequest, model: Model) -> None:
    """Refuse what the plan leaves out or the workspace forbids."""
    caller.allowance.check(request, model)
    check_words(caller, said_in_request(request))


def able_catalogue(caller: Caller, catalogue: Catalogue, wanted: GenerationRequest) -> Catalogue:
    """What `auto` may choose from for this request; the refusal, where the caller may use none of it."""
    allowance = caller.allowance
    found = tuple(model for model in catalogue.models if allowance.permits(for_model(wanted, model), model))
    if not found:
        for model in catalogue.models:
            allowance.check(for_model(wanted, model), model)
    return Catalogue(found)


def asked_of(
    house: House, caller: Caller, wanted: GenerationRequest, *, within: UnitOfWork | None = None
) -> Model:
    """The model that is asked for, the workspace's own when none is, or what `auto` comes to."""
    asked = caller.default_model if LeftOut.MODEL in wanted.brief.left_out else wanted.brief.model
    if asked == AUTO:
        able = able_catalogue(caller, house.catalogue, wanted)
        return choose_model(wanted, able, house.configured_providers, measured.lately(house, within=within))
    return house.catalogue.model(asked)


def narrowed(caller: Caller, request: GenerationRequest, found: Iterable[Choice]) -> tuple[Choice, ...]:
    """What may be tried, with why not where the caller may not use it."""
    return tuple(_narrowed(caller, request, found))


def why_not(caller: Caller, request: GenerationRequest, model: Model) -> tuple[str, ...]:
    """Every sentence against this request on this model."""
    return tuple(each.detail for each in caller.allowance.refusals(for_model(request, model), model))


def _narrowed(caller: Caller, request: GenerationRequest, found: Iterable[Choice]) -> Iterator[Choice]:
    for choice in found:
        against = [each.detail for each in caller.allowance.refusals(request, choice.model)]
        yield replace(choice, why_not=choice.why_not or against[0]) if against else choice
