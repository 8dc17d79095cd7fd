"""The director between the tries: what it accepts, and how it tries again."""

from dataclasses import replace
from typing import Any

from plugin_backend.domain.callers import Role
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import (
    Defect,
    DefectKind,
    Evaluation,
    Standing,
)
from plugin_backend.services import takes
from plugin_backend.services.director import direction, evaluating
from plugin_backend.services.money import receipts
from tests.services.directed import BRIEF, directed, followed, made, missed, owner_of, run, steps
from tests.services.studio import Studio


def test_a_stored_take_can_be_seen_before_it_is_judged(studio: Studio) -> None:
    view = studio.ask(studio.person(), directed())

    made(studio)

    found = studio.see(view.generation.id)
    assert (found.generation.state, found.takes[0].state) == ("evaluating", "stored")
    assert found.takes[0].score is None


def test_a_take_that_was_followed_is_accepted_at_once(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=3))

    found = run(studio, view, lambda _number, directives: followed(directives))

    assert (found.generation.state, found.generation.iteration, len(found.takes)) == ("ready", 0, 1)
    assert found.takes[0].score == 1.0
    assert studio.drafts_used(caller) == 1, "what was held for further tries returned"


def test_a_take_that_missed_is_made_again_and_only_what_failed_is_said_stronger(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=3))

    found = run(
        studio,
        view,
        lambda number, directives: missed(directives) if number == 1 else followed(directives),
    )

    assert (found.generation.state, found.generation.iteration) == ("ready", 1)
    assert [(take.number, take.iteration) for take in found.takes] == [(1, 0), (2, 1)]
    assert (found.takes[0].score or 0) < 0.7 <= (found.takes[1].score or 0)
    assert found.takes[0].seed != found.takes[1].seed
    first, second = direction.of_generation(studio.house, caller, view.generation.id).tries
    assert first["stronger"] == {}
    assert "camera-1" in second["stronger"]
    assert first["directives"] == second["directives"], "the directives stay, how they are said changes"
    assert studio.see(view.generation.id).generation.request["brief"]["prompt"] == BRIEF.brief.prompt
    assert studio.drafts_used(caller) == 2
    assert "refine" in steps(studio, caller, view)


def test_the_best_take_is_kept_when_every_further_one_is_worse(studio: Studio) -> None:
    scores = {1: 0.6, 2: 0.1, 3: 0.0}
    view = studio.ask(studio.person(), directed(tries=3, accept_score=0.95))

    found = run(
        studio,
        view,
        lambda number, directives: followed(directives, standing=Standing.PARTLY, score=scores[number]),
    )

    assert (found.generation.state, found.generation.iteration, len(found.takes)) == ("ready", 2, 3)
    assert evaluating.best_of(found.takes).number == 1
    judged = receipts.trace(studio.house, owner_of(found), view.generation.id)[-1]
    assert (judged["step"], judged["take"]) == ("judge", 1)


def test_what_nobody_would_use_is_never_accepted_for_having_followed_the_words(studio: Studio) -> None:
    def seen(number: int, directives: tuple[Directive, ...]) -> Evaluation:
        good = followed(directives)
        says = "It is black from 1 s on."
        black = Defect(
            kind=DefectKind.BLACK,
            severity=1.0,
            at_seconds=(1.0,),
            measured=4.0,
            limit=0.0,
            unit="seconds",
            says=says,
        )
        return replace(good, defects=(black,)) if number == 1 else good

    view = studio.ask(studio.person(), directed(tries=2))

    found = run(studio, view, seen)

    assert [take.score for take in found.takes] == [0.3, 1.0]
    assert found.takes[0].verdict is not None
    assert found.takes[0].verdict.startswith("It is black")


def test_nothing_more_is_spent_on_what_could_not_be_measured(studio: Studio) -> None:
    view = studio.ask(studio.person(), directed(tries=3))

    found = studio.finish(view)  # the upstream of these tests makes no proxy

    assert (found.generation.state, found.generation.iteration, found.takes[0].score) == ("ready", 0, None)


def test_a_further_try_that_cannot_be_made_leaves_the_best_before_it(studio: Studio) -> None:
    view = studio.ask(studio.person(), directed(tries=2))
    studio.upstream.broken_seeds = {101}

    found = run(studio, view, lambda _number, directives: missed(directives))

    assert (found.generation.state, found.generation.iteration) == ("ready", 1)
    assert [take.state for take in found.takes] == ["stored", "failed"]


def test_the_judges_weights_are_the_workspaces_own(studio: Studio) -> None:

    boss = studio.person(role=Role.ADMIN)
    told: Any = direction.weigh(studio.house, boss, {"picture": 0.0, "camera": 1.0})
    assert told["weights"]["picture"] == 0.0
    view = studio.ask(boss, directed())

    found = run(studio, view, lambda _number, directives: missed(directives))

    assert found.takes[0].score == 0.0, "the picture is clean, but counts for nothing here"


def test_how_often_editors_picked_what_the_judge_ranked_first_is_told(studio: Studio) -> None:

    caller = studio.person()
    for picked in (1, 1, 2):
        view = studio.ask(caller, directed(takes=2))
        found = run(
            studio,
            view,
            lambda number, directives: followed(directives) if number == 1 else missed(directives),
        )
        takes.pick(studio.house, caller, found.takes[picked - 1].id, picked=True)

    agreement = direction.judging(studio.house, caller)["agreement"]

    assert agreement == {"generations": 3, "picked_first": 2, "share": 0.667}


def test_nothing_is_spent_where_nothing_that_counts_was_measured(studio: Studio) -> None:
    boss = studio.person(role=Role.ADMIN)
    direction.weigh(studio.house, boss, {"picture": 0.0})
    view = studio.ask(boss, directed(tries=3))

    found = run(studio, view, lambda _number, _directives: followed(()))

    assert (found.generation.state, found.generation.iteration, found.takes[0].score) == ("ready", 0, None)
