"""What a brief is planned as: read from its words, or as the editor changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.direction.advice import advice_on
from plugin_backend.domain.direction.advice_kinds import Advice, AdviceKind, ModelFacts, Severity
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.framing import Render
from plugin_backend.domain.direction.mark_conflicts import conflicts_of_marks
from plugin_backend.domain.direction.marks import directives_of_brief
from plugin_backend.domain.direction.plan import ShotPlan, plan_shot
from plugin_backend.domain.looks import Look, directives_of_look
from plugin_backend.domain.validation import validate_request
from plugin_backend.services.house import House
from plugin_backend.services.looks import look_of_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the director makes of a brief."""

    plan: ShotPlan
    advice: tuple[Advice, ...]
    directives: tuple[Directive, ...]


def plan(house: House, caller: Caller, request: GenerationRequest) -> Planned:
    """Plan a brief without asking for it; nothing is spent or kept."""
    caller.require(Scope.READ)
    validate_request(request)
    request = _worn(house, caller, request)
    planned = plan_of(request)
    directives = directives_of(request, planned)
    advice = advice_of(request, planned, directives, catalogue=house.catalogue)
    return Planned(plan=planned, advice=advice, directives=directives)


def _worn(house: House, caller: Caller, request: GenerationRequest) -> GenerationRequest:
    """With the look of its project, as it would wear it if it were asked for now."""
    if request.project_id is None or not request.brief.look:
        return request
    with house.begin() as work:
        look = look_of_project(work, caller, request.project_id)
    return replace(request, look=look.to_json()) if look else request


def advice_of(
    request: GenerationRequest,
    plan: ShotPlan,
    directives: Sequence[Directive],
    *,
    catalogue: Catalogue,
) -> tuple[Advice, ...]:
    """What an editor should know of a brief before it costs anything; warnings come first."""
    brief = request.brief
    model = next((each for each in catalogue.models if each.id == brief.model), None)
    facts = None if model is None else ModelFacts(name=model.label, has_sound=model.audio)
    words = (
        ()
        if not brief.prompt.strip()
        else advice_on(brief.prompt, plan, duration=brief.duration_seconds, model_facts=facts)
    )
    marks = tuple(
        Advice(kind=AdviceKind.CONTRADICTION, about="marks", says=each.says, severity=Severity.WARNING)
        for each in conflicts_of_marks(directives)
    )
    return (*marks, *words)


def plan_of(
    request: GenerationRequest, *, steers: Sequence[str] = (), edited: Mapping[str, Any] | None = None
) -> ShotPlan:
    """The plan of a request's brief and what was added on the way.

    An edited plan stands instead of the words, until the editor adds further ones.
    """
    brief, given = request.brief, request.plan if edited is None and not steers else edited
    if given is not None:
        return ShotPlan.from_json(dict(given))
    words = ". ".join(filter(None, (brief.prompt.rstrip(". "), *steers)))
    return plan_shot(words, duration_seconds=brief.duration_seconds, loop=brief.loop, render=_render(request))


def _render(request: GenerationRequest) -> Render:
    brief = request.brief
    return Render(
        model=brief.model,
        tier=request.kind.value,
        resolution=brief.resolution.value,
        dynamic_range=brief.dynamic_range.value,
    )


def directives_of(request: GenerationRequest, plan: ShotPlan) -> tuple[Directive, ...]:
    """All that a model is told: what the words say, what was drawn, and the look it wears."""
    brief, look = request.brief, Look() if request.look is None else Look.from_json(request.look)
    worn = directives_of_look(look, brief.duration_seconds)
    return (*directives_of_plan(plan), *directives_of_brief(brief), *worn)
