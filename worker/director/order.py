"""Whether one thing happened after another, and whether what must not happen did not."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.telling import sentence
from plugin_backend.domain.direction.terms import Move
from worker.director.standing import followed, not_measured

_APART: Final = 0.1  # seconds: sooner is at the same time
_FAMILIES: Final = (
    frozenset({Move.PAN_LEFT, Move.TRUCK_LEFT}),
    frozenset({Move.PAN_RIGHT, Move.TRUCK_RIGHT}),
    frozenset({Move.TILT_UP, Move.CRANE_UP}),
    frozenset({Move.TILT_DOWN, Move.CRANE_DOWN}),
    frozenset({Move.ZOOM_IN, Move.DOLLY_IN}),
    frozenset({Move.ZOOM_OUT, Move.DOLLY_OUT}),
)
"""Moves that are one in what the picture does."""


def judge_order(
    directive: Directive, directives: Sequence[Directive], onsets: Mapping[str, float | None]
) -> Adherence:
    """`onsets`: when each directive's motion began, by its id; None where that was not seen."""
    moments = [_onset(step, directives, onsets) for step in directive.terms]
    known = [
        (step, moment) for step, moment in zip(directive.terms, moments, strict=True) if moment is not None
    ]
    if len(known) < 2:
        return not_measured(directive, sentence("order.not-seen"))
    gaps = [later - sooner for (_, sooner), (_, later) in pairwise(known)]
    right = sum(gap >= _APART for gap in gaps)
    happened = ", then ".join(
        f"{step} at {moment:.1f} s" for step, moment in sorted(known, key=lambda each: each[1])
    )
    return followed(
        directive,
        score=right / len(gaps),
        confidence=0.6 * len(known) / len(directive.terms),
        says=f"{happened}.",
        measured={f"begins_seconds: {step}": round(moment, 2) for step, moment in known},
    )


def _onset(step: str, directives: Sequence[Directive], onsets: Mapping[str, float | None]) -> float | None:
    """Of the directive that says a step of the order, or a part of it."""
    for part in step.split(" and "):
        for each in directives:
            if each.kind is not DirectiveKind.ORDER and each.says.startswith(part):
                return onsets.get(each.id)
    return None


def judge_avoided(directive: Directive, *, move: str, shaken: bool) -> Adherence:
    """A move that must not be; people, rain and the like are not looked for."""
    moves = _moves(directive)
    if not moves:
        return not_measured(directive, sentence("avoided.not-looked-for", what=directive.says))
    if move == "unknown":
        return not_measured(directive, sentence("avoided.lost"))
    if Move.HANDHELD in moves:
        seen = shaken
    else:
        kin = frozenset().union(*(family for family in _FAMILIES if family & moves), moves)
        seen = move in {each.value for each in kin}
    says = sentence("avoided.done" if seen else "avoided.not-done", move=move)
    return followed(directive, score=0.0 if seen else 1.0, confidence=0.8, says=says, measured={"move": move})


def _moves(directive: Directive) -> frozenset[Move]:
    named = {term for term in directive.terms if term in set(Move)}
    if directive.move is not None:
        named.add(directive.move.value)
    if named:
        return frozenset(Move(term) for term in named)
    if "camera" in directive.about and "mov" in directive.about:
        return frozenset(each for each in Move if each is not Move.STATIC)
    return frozenset()
