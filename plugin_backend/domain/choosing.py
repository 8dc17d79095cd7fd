"""The model that `auto` means."""

from collections.abc import Iterator
from typing import assert_never

from plugin_backend.domain.brief import AUTO, DynamicRange, GenerationRequest, Route
from plugin_backend.domain.catalogue import ANIMATIC, Catalogue, Model
from plugin_backend.domain.errors import FieldProblem, UnsupportedByModelError
from plugin_backend.domain.pricing import expected_seconds, for_model, price, reasons_against


def choose_model(
    request: GenerationRequest,
    catalogue: Catalogue,
    configured: frozenset[str],
) -> Model:
    """The model `auto` means by the request's route; the embedded one only where no other is configured."""
    available = [model for model in catalogue.models if model.is_available(configured)]
    candidates = [model for model in available if model.provider != ANIMATIC] or available
    asked = [(model, for_model(request, model)) for model in candidates]
    able = [(model, shot) for model, shot in asked if not reasons_against(shot, model)]
    if not able:
        raise UnsupportedByModelError(AUTO, tuple(_why_none(asked)))
    return min(able, key=lambda pair: _preference(pair[1], pair[0]))[0]


def _why_none(asked: list[tuple[Model, GenerationRequest]]) -> Iterator[FieldProblem]:
    for model, shot in asked:
        for reason in reasons_against(shot, model):
            yield FieldProblem("/brief/model", reason)


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
