"""The POSTs that make a take: what the catalogue says of them now, at the price that was snapshotted."""

from collections.abc import Sequence
from dataclasses import replace

from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.making.chaining import Part, divided, parts_of, shares
from plugin_backend.domain.money.pricing import prices_of_parts
from plugin_backend.services.house import House


def request_of(generation: GenerationRow, take: TakeRow) -> GenerationRequest:
    """What a take is asked for: the generation's request, of the model that makes this one."""
    asked = GenerationRequest.from_json(generation.request)
    return replace(asked, brief=replace(asked.brief, model=take.model or generation.model))


def posts_of(house: House, request: GenerationRequest) -> tuple[Part, ...]:
    """The POSTs that its model takes for a shot; one where the catalogue has lost the model since."""
    model = _model(house, request)
    return (Part(request.brief.duration_seconds),) if model is None else parts_of(request.brief, model)


def prices_of(house: House, request: GenerationRequest, credits: int) -> tuple[int, ...]:
    """What each POST may cost us; together exactly the price of the take, whatever the catalogue says now."""
    model, parts = _model(house, request), posts_of(house, request)
    found = None if model is None else prices_of_parts(request, model)
    if found is None or not sum(found):
        return shares(credits, parts)
    return found if sum(found) == credits else _as_quoted(credits, parts, found)


def _as_quoted(credits: int, parts: Sequence[Part], found: Sequence[int]) -> tuple[int, ...]:
    """Prices have changed since: films at today's and what is added at the rest, else all in proportion."""
    film = sum(price for part, price in zip(parts, found, strict=True) if part.addition is None)
    added = [part.addition is not None for part in parts]
    if sum(added) != 1 or film > credits:
        return divided(credits, found)
    return tuple(credits - film if is_added else price for is_added, price in zip(added, found, strict=True))


def _model(house: House, request: GenerationRequest) -> Model | None:
    return next((model for model in house.catalogue.models if model.id == request.brief.model), None)
