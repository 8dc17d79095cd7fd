"""What a model is told in words: the editor's own, and what was noted on the frame."""

from collections import Counter
from typing import Any

from plugin_backend.domain.direction.notes import plan_notes
from plugin_backend.domain.direction.shot import ShotPlan
from worker.providers.protocol import Shot


def prompt_of(shot: Shot, *, most: int = 6_000) -> str:
    """The prompt with the notes of the annotations; the plan's sentences where nobody wrote a word."""
    brief = shot.request.brief
    notes = [mark.note.strip() for mark in brief.annotations if mark.note and mark.note.strip()]
    words = ". ".join(filter(None, [brief.prompt.strip().rstrip("."), *notes])) or _planned(dict(shot.plan))
    told = _references(shot)
    return f"{words[: most - len(told)]}{told}"


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
