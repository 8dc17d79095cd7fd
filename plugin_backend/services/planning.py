"""What a brief is planned as: read from its words, or as the editor changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.marks import directives_of_brief
from plugin_backend.domain.direction.plan import ShotPlan, plan_shot
from plugin_backend.domain.looks import Look, directives_of_look
from plugin_backend.domain.validation import validate_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the director makes of a brief."""

    plan: ShotPlan
    directives: tuple[Directive, ...]


def plan(caller: Caller, request: GenerationRequest) -> Planned:
    """Plan a brief without asking for it; nothing is spent or kept."""
    caller.require(Scope.READ)
    validate_request(request)
    planned = plan_of(request)
    return Planned(plan=planned, directives=directives_of(request, planned))


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
    return plan_shot(words, duration_seconds=brief.duration_seconds, loop=brief.loop)


def directives_of(request: GenerationRequest, plan: ShotPlan) -> tuple[Directive, ...]:
    """All that a model is told: what the words say, what was drawn, and the look it wears."""
    brief, look = request.brief, Look() if request.look is None else Look.from_json(request.look)
    worn = directives_of_look(look, brief.duration_seconds)
    return (*directives_of_plan(plan), *directives_of_brief(brief), *worn)
