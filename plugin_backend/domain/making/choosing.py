"""The model that `auto` means: every one that could, the best for the route first, and by which figures.

What was measured here counts where there is enough of it; else what the catalogue says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from plugin_backend.domain.brief import AUTO, DynamicRange, GenerationRequest, Route
from plugin_backend.domain.catalogue import ANIMATIC, Catalogue, Model
from plugin_backend.domain.errors import FieldProblem, UnsupportedByModelError
from plugin_backend.domain.making.measures import Measured, Measures
from plugin_backend.domain.money.pricing import expected_seconds, for_model, price, reasons_against

_NOTHING: Final[Mapping[tuple[str, str], Measured]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model that could make the request, with the figures it is judged by."""

    model: Model
    credits: float
    """For one take that is accepted."""
    seconds: float | None
    """Until half of its takes are ready; None where nobody has said."""
    retries: float = 0.0
    sample: int = 0
    """How many finished here say so; 0: the catalogue does."""

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "model": self.model.id,
            "figures": "measured" if self.sample else "catalogue",
            "sample": self.sample,
            "credits_per_accepted_take": round(self.credits, 1),
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "retries_per_take": round(self.retries, 2),
        }


def candidates(
    request: GenerationRequest,
    catalogue: Catalogue,
    configured: frozenset[str],
    measured: Measures = _NOTHING,
) -> tuple[Candidate, ...]:
    """Those that are able, as the request's route likes them; the embedded one only where it is alone."""
    available = [model for model in catalogue.models if model.is_available(configured)]
    wanted = [model for model in available if model.provider != ANIMATIC] or available
    asked = [(model, for_model(request, model)) for model in wanted]
    able = [(model, shot) for model, shot in asked if not reasons_against(shot, model)]
    if not able:
        raise UnsupportedByModelError(AUTO, tuple(_why_none(asked)))
    found = (_judged(model, shot, measured.get((model.id, request.kind))) for model, shot in able)
    return tuple(sorted(found, key=lambda each: _preference(request.route, each)))


def choose_model(
    request: GenerationRequest,
    catalogue: Catalogue,
    configured: frozenset[str],
    measured: Measures = _NOTHING,
) -> Model:
    """The model `auto` means by the request's route."""
    return candidates(request, catalogue, configured, measured)[0].model


def why_first(route: Route, found: tuple[Candidate, ...]) -> str:
    """In a sentence, why the first of them is."""
    first = found[0]
    match route:
        case Route.CHEAPEST:
            said = f"{first.model.id} is the cheapest: {_credits(first)}"
        case Route.FASTEST:
            said = f"{first.model.id} is the fastest: {_seconds(first)}"
        case Route.BEST:
            said = f"{first.model.id} goes furthest in dynamic range, EXR and size"
        case _:
            assert_never(route)
    source = f"measured on {first.sample} finished here" if first.sample else "by the catalogue"
    return f"{said}, {source}." if len(found) > 1 else f"{said}, {source}; no other model is able."


def _judged(model: Model, shot: GenerationRequest, measured: Measured | None) -> Candidate:
    listed = price(shot, model).credits_per_take
    if measured is None:
        return Candidate(model=model, credits=listed, seconds=expected_seconds(shot, model))
    return Candidate(
        model=model,
        credits=listed * measured.takes_per_accepted,
        seconds=measured.p50_seconds,
        retries=measured.retries_per_take,
        sample=measured.sample,
    )


def _why_none(asked: list[tuple[Model, GenerationRequest]]) -> Iterator[FieldProblem]:
    for model, shot in asked:
        for reason in reasons_against(shot, model):
            yield FieldProblem("/brief/model", reason)


def _preference(route: Route, each: Candidate) -> tuple[float, ...]:
    """What the route minds most stands first; an unpublished time counts as the longest."""
    time = float("inf") if each.seconds is None else each.seconds
    match route:
        case Route.CHEAPEST:
            return (each.credits, time)
        case Route.FASTEST:
            return (time, each.credits)
        case Route.BEST:  # how far the finished picture goes; among equals the surest, then the dearest
            model = each.model
            lines = max(resolution.lines for resolution in model.resolutions)
            sdr = DynamicRange.HDR not in model.dynamic_ranges
            return (sdr, not model.exr, -lines, each.retries, -each.credits)
        case _:
            assert_never(route)


def _credits(each: Candidate) -> str:
    return f"{round(each.credits, 1):g} credits for a take that is accepted"


def _seconds(each: Candidate) -> str:
    return "nobody says how long it takes" if each.seconds is None else f"{round(each.seconds)} s to a take"
