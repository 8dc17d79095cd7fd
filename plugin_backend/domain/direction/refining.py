"""What a further try changes: only what failed, said stronger; another seed; in the end another model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.judging import Judgement

STRONGEST: Final = 3
"""How often one directive can be said again, each time stronger."""
_OWN_TRIES: Final = 2
"""Tries of one model before another of the list is asked."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that may make the next takes, by its place in the request's list and its price."""

    place: int
    model: str
    provider: str
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """The next try: how strongly each directive is said, by which model, and why."""

    stronger: Mapping[str, int] = field(default_factory=dict)
    choice: Choice | None = None
    """Another model; None: the same one, with other seeds."""
    why: str

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {
            "stronger": dict(self.stronger),
            "model": None if self.choice is None else self.choice.model,
            "why": self.why,
        }


def refinement(
    directives: Sequence[Directive],
    judgement: Judgement,
    *,
    stronger: Mapping[str, int],
    iteration: int,
    choices: Sequence[Choice] = (),
) -> Refinement:
    """What the try after `iteration` does about what the best take so far missed.

    `stronger` is what was said stronger already; `choices` are the other models that cost no more than was
    held for a take.
    """
    asked = {each.id: each for each in directives if each.source is not DirectiveSource.DEFAULT}
    again = [each for each in judgement.missed if each in asked]
    levels = {**stronger, **{each: min(STRONGEST, stronger.get(each, 0) + 1) for each in again}}
    choice = min(choices, key=_cheapest) if choices and iteration + 1 >= _OWN_TRIES else None
    return Refinement(stronger=levels, choice=choice, why=_why([asked[each] for each in again], choice))


def _cheapest(choice: Choice) -> tuple[int, int]:
    return choice.credits, choice.place


def _why(again: Sequence[Directive], choice: Choice | None) -> str:
    by = f"another model, {choice.model}," if choice else "another seed"
    if not again:
        return f"Nothing that was asked is said otherwise: {by} makes it anew, for the picture's faults."
    said = "; ".join(each.says.rstrip(".") for each in again)
    return f"Said again, stronger: {said}. It is made anew with {by.rstrip(',')}."
