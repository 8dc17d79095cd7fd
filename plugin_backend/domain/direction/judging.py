"""The judge: stated weights over what was measured of a take; what was not measured counts for nothing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self, assert_never

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.evaluation import Adherence, Evaluation, Standing
from plugin_backend.domain.errors import FieldProblem

Json = dict[str, Any]


class Criterion(StrEnum):
    """What a take is judged by."""

    CAMERA = "camera"
    SUBJECT = "subject"
    COMPOSITION = "composition"
    LIGHT = "light"
    ORDER = "order"
    EXCLUSIONS = "exclusions"
    PICTURE = "picture"


Weights = Mapping[Criterion, float]

WEIGHTS: Final[Weights] = {
    Criterion.CAMERA: 0.25,
    Criterion.SUBJECT: 0.20,
    Criterion.COMPOSITION: 0.10,
    Criterion.LIGHT: 0.10,
    Criterion.ORDER: 0.05,
    Criterion.EXCLUSIONS: 0.05,
    Criterion.PICTURE: 0.25,
}
"""Unless a workspace sets its own."""

UNUSABLE: Final = 0.8
"""The severity from which nobody would use a take, whatever else is right."""
_UNUSABLE_AT_MOST: Final = 0.3
_FIRM: Final = 0.6
"""The confidence from which a directive that was missed is held against a take."""
_MISSED_AT_MOST: Final = 0.6


@dataclass(frozen=True, slots=True)
class Marked:
    """One criterion: its weight, its value 0..1 (None: not measured), and how many directives were."""

    criterion: Criterion
    weight: float
    value: float | None
    measured: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the judge says of a take; no score where nothing was measured."""

    score: float | None
    criteria: tuple[Marked, ...] = ()
    missed: tuple[str, ...] = ()
    """Ids of the directives that a further try would say again, stronger."""
    reasons: tuple[str, ...] = ()
    faulty: bool = False
    """Whether a person would reject it at a glance."""

    def to_json(self) -> Json:
        """Plain values only."""
        return {
            "score": self.score,
            "criteria": [
                {
                    "criterion": each.criterion.value,
                    "weight": each.weight,
                    "value": each.value,
                    "measured": each.measured,
                    "of": each.of,
                }
                for each in self.criteria
            ],
            "missed": list(self.missed),
            "reasons": list(self.reasons),
            "faulty": self.faulty,
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """The judgement `to_json` wrote."""
        return cls(
            score=data["score"],
            criteria=tuple(
                Marked(**{**each, "criterion": Criterion(each["criterion"])}) for each in data["criteria"]
            ),
            missed=tuple(data["missed"]),
            reasons=tuple(data["reasons"]),
            faulty=data["faulty"],
        )


NOT_MEASURED: Final = Judgement(score=None, reasons=("This take was not measured.",))


@dataclass(slots=True)
class _Tally:
    weighed: float = 0.0
    confidence: float = 0.0
    measured: int = 0
    of: int = 0

    @property
    def value(self) -> float | None:
        return self.weighed / self.confidence if self.confidence > 0 else None


def judge(
    evaluation: Evaluation, directives: Sequence[Directive], *, weights: Weights = WEIGHTS
) -> Judgement:
    """Weigh what was measured of one take against what was asked for."""
    asked = {each.id: each for each in directives if each.source is not DirectiveSource.DEFAULT}
    heard = [each for each in evaluation.adherence if each.directive_id in asked]
    tallies = _tallied(heard, asked)
    for each in set(asked) - {adherence.directive_id for adherence in heard}:
        tallies[criterion_of(asked[each].kind)].of += 1
    criteria = tuple(_criteria(tallies, evaluation, weights))
    score = _weighed(criteria)
    firm = [each for each in heard if each.standing is Standing.MISSED and each.confidence >= _FIRM]
    worst = max((defect.severity for defect in evaluation.defects), default=0.0)
    if worst >= UNUSABLE:
        score = min(score or 0.0, _UNUSABLE_AT_MOST)
    elif firm and score is not None:
        score = min(score, _MISSED_AT_MOST)
    return Judgement(
        score=None if score is None else round(score, 3),
        criteria=criteria,
        missed=tuple(each.directive_id for each in heard if _is_to_say_again(each)),
        reasons=tuple(_reasons(evaluation, heard)),
        faulty=worst >= UNUSABLE,
    )


def criterion_of(kind: DirectiveKind) -> Criterion:
    """What a kind of directive is judged under."""
    match kind:
        case DirectiveKind.CAMERA:
            return Criterion.CAMERA
        case DirectiveKind.SUBJECT:
            return Criterion.SUBJECT
        case DirectiveKind.SHOT | DirectiveKind.PLACE | DirectiveKind.KEEP:
            return Criterion.COMPOSITION
        case DirectiveKind.LIGHT:
            return Criterion.LIGHT
        case DirectiveKind.ORDER:
            return Criterion.ORDER
        case DirectiveKind.AVOID:
            return Criterion.EXCLUSIONS
        case _:
            assert_never(kind)


def weights_from(data: Mapping[str, Any] | None) -> Weights:
    """A workspace's weights over the usual ones."""
    return {**WEIGHTS, **{Criterion(name): float(value) for name, value in (data or {}).items()}}


def weight_problems(data: Mapping[str, float], *, pointer: str) -> Iterator[FieldProblem]:
    """What is wrong with weights somebody sets: unknown names, values beyond 0..1, nothing left to weigh."""
    known = {each.value for each in Criterion}
    for name, value in data.items():
        if name not in known:
            choices = ", ".join(sorted(known))
            yield FieldProblem(f"{pointer}/{name}", f"There is no such criterion; use {choices}.")
        elif not (math.isfinite(value) and 0 <= value <= 1):
            yield FieldProblem(f"{pointer}/{name}", "A weight goes from 0 to 1.")
    merged = {**{each.value: weight for each, weight in WEIGHTS.items()}, **data}
    if not any(merged[name] > 0 for name in known):
        yield FieldProblem(pointer, "At least one criterion needs a weight above 0.")


def _tallied(heard: Sequence[Adherence], asked: Mapping[str, Directive]) -> dict[Criterion, _Tally]:
    tallies = {criterion: _Tally() for criterion in Criterion}
    for each in heard:
        tally = tallies[criterion_of(asked[each.directive_id].kind)]
        tally.of += 1
        if each.score is not None and each.standing is not Standing.NOT_MEASURED:
            tally.weighed += each.score * each.confidence
            tally.confidence += each.confidence
            tally.measured += 1
    return tallies


def _criteria(
    tallies: Mapping[Criterion, _Tally], evaluation: Evaluation, weights: Weights
) -> Iterator[Marked]:
    for criterion, tally in tallies.items():
        if criterion is Criterion.PICTURE:
            clean = math.prod(1.0 - min(1.0, defect.severity) for defect in evaluation.defects)
            yield Marked(criterion, weights[criterion], round(clean, 3), 1, 1)
        elif tally.of:
            value = None if tally.value is None else round(tally.value, 3)
            yield Marked(criterion, weights[criterion], value, tally.measured, tally.of)


def _weighed(criteria: Sequence[Marked]) -> float | None:
    counted = [each for each in criteria if each.value is not None and each.weight > 0]
    weight = sum(each.weight for each in counted)
    return sum(each.weight * (each.value or 0.0) for each in counted) / weight if weight else None


def _is_to_say_again(adherence: Adherence) -> bool:
    return adherence.standing in (Standing.MISSED, Standing.PARTLY)


def _reasons(evaluation: Evaluation, heard: Sequence[Adherence]) -> Iterator[str]:
    """What counts against it, worst first; then what was followed."""
    for defect in sorted(evaluation.defects, key=lambda each: -each.severity):
        yield defect.says
    order = (Standing.MISSED, Standing.PARTLY, Standing.FOLLOWED)
    for standing in order:
        yield from (each.says for each in heard if each.standing is standing)
