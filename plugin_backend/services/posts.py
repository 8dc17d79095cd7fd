"""The POSTs that make a take: what the catalogue says of them now, at the price that was snapshotted."""

from dataclasses import replace

from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.chaining import Part, parts_of, shares
from plugin_backend.domain.pricing import prices_of_parts
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
    return found if found is not None and sum(found) == credits else shares(credits, parts)


def _model(house: House, request: GenerationRequest) -> Model | None:
    return next((model for model in house.catalogue.models if model.id == request.brief.model), None)
