"""The judge: what was not measured counts for nothing, and a further try says only what failed."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.evaluation import (
    Adherence,
    Defect,
    DefectKind,
    Evaluation,
    Standing,
)
from plugin_backend.domain.direction.judging import (
    WEIGHTS,
    Criterion,
    Judgement,
    judge,
    weight_problems,
    weights_from,
)
from plugin_backend.domain.direction.refining import STRONGEST, Choice, refinement

KINDS = tuple(DirectiveKind)
DIRECTIVES = tuple(
    Directive(
        id=f"{kind}-1",
        kind=kind,
        source=DirectiveSource.WORDS,
        says=f"Do what {kind} says.",
        to_seconds=Fraction(5),
    )
    for kind in KINDS
)
FACTS = st.floats(0, 1)


@st.composite
def adherences(draw: st.DrawFn) -> tuple[Adherence, ...]:
    """Some of the directives, each with what was seen of it."""
    found = []
    for directive in draw(st.sets(st.sampled_from(DIRECTIVES))):
        standing = draw(st.sampled_from(Standing))
        is_seen = standing is not Standing.NOT_MEASURED
        found.append(
            Adherence(
                directive_id=directive.id,
                standing=standing,
                score=draw(FACTS) if is_seen else None,
                confidence=draw(FACTS) if is_seen else 0.0,
                says=f"{directive.kind}: {standing}.",
            )
        )
    return tuple(found)


def _defect(severity: float) -> Defect:
    return Defect(
        kind=DefectKind.FLICKER,
        severity=severity,
        at_seconds=(1.0,),
        measured=severity,
        limit=0.0,
        unit="codes",
        says="It flickers.",
    )


evaluations = st.builds(
    Evaluation,
    adherence=adherences(),
    defects=st.lists(st.builds(_defect, FACTS), max_size=3).map(tuple),
    camera=st.just(()),
    move=st.just("static"),
)
weights = st.dictionaries(st.sampled_from(Criterion), st.floats(0.01, 1)).map(
    lambda some: {**WEIGHTS, **some}
)


@given(evaluations, weights)
def test_a_score_is_a_share_and_survives_json(seen: Evaluation, weighed: dict[Criterion, float]) -> None:
    judged = judge(seen, DIRECTIVES, weights=weighed)

    assert judged.score is not None
    assert 0 <= judged.score <= 1
    assert Judgement.from_json(judged.to_json()) == judged


@given(evaluations)
def test_what_was_not_measured_changes_no_score(seen: Evaluation) -> None:
    measured = tuple(each for each in seen.adherence if each.standing is not Standing.NOT_MEASURED)

    assert judge(replace(seen, adherence=measured), DIRECTIVES).score == judge(seen, DIRECTIVES).score


@given(evaluations)
def test_a_choice_of_ours_changes_no_score(seen: Evaluation) -> None:
    ours = tuple(replace(each, source=DirectiveSource.DEFAULT) for each in DIRECTIVES)
    nothing = replace(seen, adherence=())

    assert judge(seen, ours).score == judge(nothing, ours).score
    assert judge(seen, ours).missed == ()


@given(evaluations, st.sampled_from(DIRECTIVES))
def test_missing_one_more_never_helps(seen: Evaluation, directive: Directive) -> None:
    others = tuple(each for each in seen.adherence if each.directive_id != directive.id)
    missed = Adherence(
        directive_id=directive.id, standing=Standing.MISSED, score=0.0, confidence=1.0, says="It was not."
    )
    followed = replace(missed, standing=Standing.FOLLOWED, score=1.0)

    bad, good = (
        judge(replace(seen, adherence=(*others, each)), DIRECTIVES).score for each in (missed, followed)
    )

    assert bad is not None
    assert good is not None
    assert bad <= good


def test_what_nobody_would_use_is_never_accepted() -> None:
    followed = tuple(
        Adherence(directive_id=each.id, standing=Standing.FOLLOWED, score=1.0, confidence=1.0, says="So.")
        for each in DIRECTIVES
    )
    clean = Evaluation(adherence=followed, defects=(), camera=(), move="static")

    assert judge(clean, DIRECTIVES).score == 1
    faulty = judge(replace(clean, defects=(_defect(0.8),)), DIRECTIVES)
    assert (faulty.score, faulty.faulty) == (0.3, True)


@given(
    evaluations,
    st.integers(0, 2),
    st.dictionaries(st.sampled_from([d.id for d in DIRECTIVES]), st.integers(1, 3)),
)
def test_a_further_try_says_only_what_failed_stronger(
    seen: Evaluation, iteration: int, stronger: dict[str, int]
) -> None:
    judged = judge(seen, DIRECTIVES)

    changed = refinement(DIRECTIVES, judged, stronger=stronger, iteration=iteration)

    louder = {each for each, level in changed.stronger.items() if level != stronger.get(each, 0)}
    assert louder <= set(judged.missed)
    assert all(0 < level <= STRONGEST for level in changed.stronger.values())
    assert changed.choice is None


def test_another_model_is_asked_after_two_tries_and_the_cheapest_first() -> None:
    dear, cheap = Choice(1, "dear", "luma", 40), Choice(2, "cheap", "atlas", 10)
    missed = Judgement(score=0.2, missed=(DIRECTIVES[0].id,))

    tries = [
        refinement(DIRECTIVES, missed, stronger={}, iteration=iteration, choices=(dear, cheap)).choice
        for iteration in range(3)
    ]

    assert tries == [None, cheap, cheap]


def test_weights_that_leave_nothing_to_weigh_are_refused() -> None:
    nothing = {each.value: 0.0 for each in Criterion}

    assert [each.pointer for each in weight_problems(nothing, pointer="/weights")] == ["/weights"]
    assert list(weight_problems({"camera": 1.0}, pointer="/weights")) == []
    assert weights_from({"camera": 1.0})[Criterion.CAMERA] == 1.0


@pytest.mark.parametrize("criterion", Criterion)
def test_every_criterion_has_a_weight(criterion: Criterion) -> None:
    assert WEIGHTS[criterion] > 0
    assert sum(WEIGHTS.values()) == pytest.approx(1)
