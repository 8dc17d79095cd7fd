"""How far a marked subject went where its path leads, how an unmarked one heads, and where things stand."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from plugin_backend.domain.direction.directives import Directive, Point, Relation
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.telling import sentence
from plugin_backend.domain.direction.terms import Action, Heading
from worker.director.movers import LEAST_AREA, Movers
from worker.director.paths import bounces, distance_to, flat, gone_along, length_of
from worker.director.standing import followed, not_measured
from worker.director.subjects import Sight, SubjectWatch
from worker.director.thresholds import limit

_WAYS: Final = {
    Heading.LEFT.value: (-1.0, 0.0),
    Heading.RIGHT.value: (1.0, 0.0),
    Heading.UP.value: (0.0, -1.0),
    Heading.DOWN.value: (0.0, 1.0),
    Action.RISE.value: (0.0, -1.0),
    Action.FALL.value: (0.0, 1.0),
}
_STANDING: Final = {Action.STAND.value, Action.LOOK.value}
_UNMARKED: Final = 0.5  # confidence: something heads there, whether it is what was meant is not known


def judge_path(directive: Directive, watch: SubjectWatch, *, aspect: float) -> Adherence:
    """A tracked subject against the drawn path."""
    sights = [each for each in watch.sights if each.seen]
    if len(sights) < 3:
        return not_measured(directive, sentence("marked.lost"))
    told = _track(watch, sights)
    confidence = 0.9 * min(1.0, float(np.mean([each.likeness for each in sights])) / 0.75)
    if len(directive.path) < 2:
        return _by_heading(directive, sights, told, confidence)
    length = length_of(directive.path, aspect)
    off = float(np.mean([distance_to(each, directive.path, aspect) for each in sights]))
    end = math.dist(flat((sights[-1].x, sights[-1].y), aspect), flat(directive.path[-1], aspect))
    gone = gone_along(sights, directive.path, aspect) / max(length, 1e-6)
    told |= {"off_path_widths": round(off, 4), "end_off_widths": round(end, 4), "share_gone": round(gone, 3)}
    near = 1 - max(0.0, off - 0.03) / 0.12
    there = 1 - max(0.0, end - 0.06) / max(0.2, length)
    score = max(0.0, min(1.0, near)) * max(0.0, min(1.0, there)) * max(0.0, min(1.0, (gone - 0.15) / 0.55))
    says = sentence(
        "marked.goes",
        share=f"{100 * max(0.0, gone):.0f}",
        off=f"{100 * off:.1f}",
        incidents=_incidents(told),
    )
    return followed(directive, score=score, confidence=confidence, says=says, measured=told)


def judge_heading(directive: Directive, movers: Movers, *, parallax: float, camera_speed: float) -> Adherence:
    """An unmarked subject: whether what moves by itself heads where it was asked to."""
    start, end = float(directive.from_seconds), float(directive.to_seconds)
    right, down, agreement, area = movers.within(start, end)
    measured = {
        "own_x_widths_per_second": round(right, 4),
        "own_y_widths_per_second": round(down, 4),
        "area_share": round(area, 4),
    }
    if camera_speed >= limit("static") and parallax >= limit("parallax"):
        return not_measured(directive, sentence("subject.travelling"), measured=measured)
    if area < LEAST_AREA:
        return _nothing_moves(directive, measured)
    way = _asked_way(directive)
    if way is None:
        return not_measured(directive, sentence("subject.whose"), measured=measured)
    straight = (right * way[0] + down * way[1]) / max(math.hypot(right, down), 1e-9)
    return followed(
        directive,
        score=max(0.0, min(1.0, (straight + 0.2) / 0.9)) * min(1.0, 0.4 + agreement),
        confidence=_UNMARKED * min(1.0, 0.3 + agreement),
        says=sentence("subject.heads", way=_way_in_words(right, down)),
        measured=measured,
    )


def judge_place(directive: Directive, watch: SubjectWatch | None) -> Adherence:
    """Where a marked thing stands, or whether it goes behind something and comes back."""
    if watch is None or watch.start is None or directive.beside:
        return not_measured(directive, sentence("place.which"))
    sights = [each for each in watch.sights if each.seen]
    if len(sights) < 3:
        return not_measured(directive, sentence("marked.lost"))
    told = _track(watch, sights)
    if directive.relation is Relation.BEHIND:
        return _behind(directive, told)
    off = [math.dist((each.x, each.y), watch.start) for each in sights]
    score = max(0.0, min(1.0, 1 - (float(np.mean(off)) - 0.06) / 0.2))
    x, y = float(np.mean([each.x for each in sights])), float(np.mean([each.y for each in sights]))
    told |= {"mean_x": round(x, 3), "mean_y": round(y, 3)}
    return followed(
        directive,
        score=score,
        confidence=0.5 * float(np.mean([each.likeness for each in sights])),
        says=sentence("marked.stands", across=f"{100 * x:.0f}", down=f"{100 * y:.0f}"),
        measured=told,
    )


def _behind(directive: Directive, told: dict[str, Any]) -> Adherence:
    if not told["hidden_seconds"]:
        return not_measured(directive, sentence("marked.never-hidden"), measured=told)
    return followed(
        directive,
        score=1.0 if told["returns"] else 0.5,
        confidence=0.6,
        says=sentence(
            "marked.comes-back" if told["returns"] else "marked.hidden", seconds=told["hidden_seconds"]
        ),
        measured=told,
    )


def _nothing_moves(directive: Directive, measured: dict[str, float]) -> Adherence:
    action = directive.terms[0] if directive.terms else ""
    if action in _STANDING:
        return followed(
            directive, score=1.0, confidence=0.4, says=sentence("subject.nothing"), measured=measured
        )
    if _asked_way(directive) is None and action not in {Action.WALK, Action.RUN, Action.CROSS, Action.FLY}:
        return not_measured(directive, sentence("subject.not-looked-for"), measured=measured)
    return followed(directive, score=0.0, confidence=0.6, says=sentence("subject.nothing"), measured=measured)


def _by_heading(
    directive: Directive, sights: Sequence[Sight], told: dict[str, Any], confidence: float
) -> Adherence:
    way = _asked_way(directive)
    if way is None:
        says = sentence("marked.followed", incidents=_incidents(told))
        return not_measured(directive, says, measured=told)
    right, down = sights[-1].x - sights[0].x, sights[-1].y - sights[0].y
    straight = (right * way[0] + down * way[1]) / max(math.hypot(right, down), 0.02)
    says = sentence("marked.heads", way=_way_in_words(right, down), incidents=_incidents(told))
    return followed(
        directive, score=max(0.0, min(1.0, straight)), confidence=confidence, says=says, measured=told
    )


def _asked_way(directive: Directive) -> Point | None:
    if directive.vector is not None and any(directive.vector):
        length = math.hypot(*directive.vector)
        return directive.vector[0] / length, directive.vector[1] / length
    return next((_WAYS[term] for term in reversed(directive.terms) if term in _WAYS), None)


def _track(watch: SubjectWatch, sights: Sequence[Sight]) -> dict[str, Any]:
    hidden = [each for each in watch.sights if not each.seen]
    step = watch.sights[1].at_seconds - watch.sights[0].at_seconds if len(watch.sights) > 1 else 0.0
    return {
        "from": [round(sights[0].x, 3), round(sights[0].y, 3)],
        "to": [round(sights[-1].x, 3), round(sights[-1].y, 3)],
        "hidden_seconds": round(len(hidden) * step, 2),
        "returns": bool(hidden) and watch.sights[-1].seen,
        "bounces": bounces(sights),
        "path": [[each.at_seconds, round(each.x, 4), round(each.y, 4)] for each in sights[:: _thin(sights)]],
    }


def _thin(sights: Sequence[Sight]) -> int:
    return max(1, len(sights) // 32)


def _incidents(told: dict[str, Any]) -> str:
    said = ""
    if told["bounces"]:
        often = f" {told['bounces']} times" if told["bounces"] > 1 else ""
        said += f", falls and rises again{often}"
    if told["hidden_seconds"] >= 0.15:
        said += f", is hidden for {told['hidden_seconds']} s"
        said += " and comes back" if told["returns"] else ""
    return said


def _way_in_words(right: float, down: float) -> str:
    if abs(right) >= abs(down):
        return "to the right" if right > 0 else "to the left"
    return "downwards" if down > 0 else "upwards"
