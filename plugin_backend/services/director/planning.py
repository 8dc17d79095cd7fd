"""What a brief is planned as: read from its words, or as the editor changed it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.direction.advice import advice_on
from plugin_backend.domain.direction.advice_kinds import Advice, AdviceKind, ModelFacts, Severity
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.framing import Render
from plugin_backend.domain.direction.mark_conflicts import conflicts_of_marks
from plugin_backend.domain.direction.marks import directives_of_brief
from plugin_backend.domain.direction.plan import ShotPlan, plan_shot
from plugin_backend.domain.direction.signals import Signal, signals_of
from plugin_backend.domain.looks import Look, directives_of_look
from plugin_backend.domain.validation import validate_request
from plugin_backend.domain.words_said import said_in_request
from plugin_backend.services.allowed import check_words
from plugin_backend.services.house import House
from plugin_backend.services.looks import look_of_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the director makes of a brief."""

    plan: ShotPlan
    advice: tuple[Advice, ...]
    directives: tuple[Directive, ...]
    signals: tuple[Signal, ...]
    """The words it was understood by."""


def plan(house: House, caller: Caller, request: GenerationRequest) -> Planned:
    """Plan a brief without asking for it; nothing is spent or kept."""
    caller.require(Scope.READ)
    validate_request(request)
    request = _worn(house, caller, request)
    check_words(caller, said_in_request(request))
    planned = plan_of(request)
    directives = directives_of(request, planned)
    advice = advice_of(request, planned, directives, catalogue=house.catalogue)
    signals = signals_of(request.brief.prompt)
    return Planned(plan=planned, advice=advice, directives=directives, signals=signals)


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
        Advice(
            kind=AdviceKind.CONTRADICTION,
            code=f"marks.{each.code}",
            values={"one": str(each.marks[0] + 1), "other": str(each.marks[1] + 1), "about": each.about},
            about="marks",
            says=each.says,
            severity=Severity.WARNING,
        )
        for each in conflicts_of_marks(directives)
    )
    return (*marks, *words)


def plan_of(request: GenerationRequest) -> ShotPlan:
    """The plan that the editor sent along, else what the brief's words say."""
    return _read(request) if request.plan is None else ShotPlan.from_json(dict(request.plan))


def steered(request: GenerationRequest, before: ShotPlan, *, said: Sequence[str], note: str) -> ShotPlan:
    """The plan once the editor has added a note to what was `said` on the way.

    Words are read together. A plan that did not come from them (the editor's, a language model's) stands,
    and takes on the camera moves, motions and exclusions that the note asks for.
    """
    if before == _read(request, said):
        return _read(request, (*said, note))
    added = plan_shot(note, duration_seconds=before.duration_seconds, loop=before.loop)
    camera = tuple(move for move in added.motion.camera if move.asked)
    subjects = tuple(motion for motion in added.motion.subjects if motion.asked)
    motion = replace(
        before.motion,
        camera=camera or before.motion.camera,
        subjects=(*before.motion.subjects, *subjects),
    )
    return replace(before, motion=motion, avoid=(*before.avoid, *added.avoid))


def _read(request: GenerationRequest, said: Sequence[str] = ()) -> ShotPlan:
    brief = request.brief
    words = ". ".join(filter(None, (brief.prompt.rstrip(". "), *said)))
    return plan_shot(words, duration_seconds=brief.duration_seconds, loop=brief.loop, render=_render(request))


def _render(request: GenerationRequest) -> Render:
    brief = request.brief
    return Render(
        model=brief.model,
        tier=request.kind.value,
        resolution=brief.resolution.value,
        dynamic_range=brief.dynamic_range.value,
    )


def directives_of(
    request: GenerationRequest, plan: ShotPlan, *, said: Sequence[str] = (), is_edited: bool | None = None
) -> tuple[Directive, ...]:
    """All that a model is told: what the words say, what was drawn, and the look it wears.

    What of an edited plan no word says has a source of its own: a model that reads words must hear it.
    """
    brief, look = request.brief, Look() if request.look is None else Look.from_json(request.look)
    planned = directives_of_plan(plan)
    if request.plan is not None if is_edited is None else is_edited:
        heard = {_content(each) for each in directives_of_plan(_read(request, said))}
        planned = tuple(each if _content(each) in heard else _edited(each) for each in planned)
    worn = directives_of_look(look, brief.duration_seconds)
    return (*planned, *directives_of_brief(brief), *worn)


def _edited(directive: Directive) -> Directive:
    return replace(directive, source=DirectiveSource.PLAN)


def _content(directive: Directive) -> Directive:
    return replace(directive, id="", source=DirectiveSource.WORDS)
