"""What a model is told in words: the editor's own, then what was drawn on the frame and what takes missed."""

from collections import Counter
from typing import Any, Final

from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.controls import Controls, controls_for
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.marks import directives_of_brief
from plugin_backend.domain.direction.notes import plan_notes
from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.direction.wording import Told, family_of, prompt_with
from worker.providers.protocol import Shot

_USUAL_MOST: Final = 6_000  # characters, where a model's maker names no limit


def prompt_of(shot: Shot) -> str:
    """All of it, within the model's limit; what the editor wrote is never cut."""
    return told_of(shot).text


def told_of(shot: Shot) -> Told:
    """The same, with what there was no room for; the plan's sentences where nobody wrote or drew a thing."""
    brief = shot.request.brief
    most = Catalogue.load().model(brief.model).prompt_characters or _USUAL_MOST
    own = _own(shot)
    references = _references(shot)
    references = references if len(own) + len(references) <= most else ""
    told = prompt_with(
        own,
        directives_of_shot(shot),
        family=family_of(brief.model),
        stronger=shot.stronger,
        duration=brief.duration_seconds,
        room=most - len(references),
    )
    text = told.text or _planned(dict(shot.plan))[: most - len(references)]
    return Told(f"{text}{_after(text, references)}", told.left_out)


def controls_of(shot: Shot) -> Controls:
    """What the model's own controls are set to."""
    brief = shot.request.brief
    model = Catalogue.load().model(brief.model)
    return controls_for(directives_of_shot(shot), model, duration=brief.duration_seconds)


def directives_of_shot(shot: Shot) -> tuple[Directive, ...]:
    """What the director asks for; without one what was drawn, and what the plan makes of the words."""
    if shot.directives is not None:
        return shot.directives
    planned = directives_of_plan(ShotPlan.from_json(dict(shot.plan))) if shot.plan else ()
    return (*planned, *directives_of_brief(shot.request.brief))


def _own(shot: Shot) -> str:
    """The editor's words as they stand, and what was added to them by steering."""
    said = [shot.request.brief.prompt, *shot.steers]
    return "\n".join(each for each in said if each.strip())


def _after(text: str, references: str) -> str:
    return references.removeprefix(".") if text.endswith(".") else references


def _references(shot: Shot) -> str:
    """What each reference is for, in the order they are sent: no model has a field for it."""
    counted: Counter[str] = Counter()
    told = []
    for reference in shot.request.brief.references:
        kind = shot.inputs[reference.asset_id].media_type.partition("/")[0]
        counted[kind] += 1
        told.append(f"{kind} {counted[kind]} for the {reference.role.value}")
    return f". Use {', '.join(told)}." if told else ""


def _planned(plan: dict[str, Any]) -> str:
    return ". ".join(sentence for _, sentence in plan_notes(ShotPlan.from_json(plan))) if plan else "a shot"
