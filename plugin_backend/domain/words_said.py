"""Every text in which a person says something about a shot, each with its JSON pointer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plugin_backend.domain.brief import Brief, GenerationRequest
from plugin_backend.domain.looks import Look
from plugin_backend.domain.storyboard import AskedShot

Said = Iterator[tuple[str, str]]


def said_in_request(request: GenerationRequest) -> Said:
    """Of a request as it was sent, or as it wears its look."""
    yield from said_in_brief(request.brief, pointer="/brief")
    if request.label:
        yield "/label", request.label
    if request.look is not None:
        yield from said_in_look(Look.from_json(request.look))
    if request.plan is not None:
        yield from said_in_plan(request.plan)


def said_in_brief(brief: Brief, *, pointer: str) -> Said:
    """The prompt and what is written beside the strokes."""
    yield f"{pointer}/prompt", brief.prompt
    for index, annotation in enumerate(brief.annotations):
        if annotation.note:
            yield f"{pointer}/annotations/{index}/note", annotation.note


def said_in_look(look: Look) -> Said:
    """Its words, and the names of its references."""
    for name in ("style", "light", "exclusions"):
        words: tuple[str, ...] = getattr(look, name)
        for index, each in enumerate(words):
            yield f"/look/{name}/{index}", each
    for index, reference in enumerate(look.references):
        yield f"/look/references/{index}/name", reference.name


def said_in_storyboard(
    title: str,
    shots: Sequence[AskedShot],
    *,
    script: str | None = None,
    brief: Brief | None = None,
    look: Look | None = None,
) -> Said:
    """Its title, its shots or the script of them, and what they share."""
    yield "/title", title
    yield "/script", script or ""
    yield from () if brief is None else said_in_brief(brief, pointer="/brief")
    yield from () if look is None else said_in_look(look)
    for number, shot in enumerate(shots):
        yield from said_in_shot(shot, number)


def said_in_shot(shot: AskedShot, number: int) -> Said:
    """A shot's label and brief."""
    yield f"/shots/{number}/label", shot.label
    yield from said_in_brief(shot.brief, pointer=f"/shots/{number}/brief")


def said_in_plan(plan: Mapping[str, Any]) -> Said:
    """Of a plan that an editor changed, wherever it holds a text."""
    return _within(plan, "/plan")


def _within(value: Any, pointer: str) -> Said:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _within(each, f"{pointer}/{name}")
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _within(each, f"{pointer}/{index}")
