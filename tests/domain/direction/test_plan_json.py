"""Plans as JSON: what an editor may send, and what an earlier version kept."""

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.film_vocabulary import MOVES
from plugin_backend.domain.direction.plan import ShotPlan, plan_shot
from plugin_backend.domain.direction.problems import plan_problems
from plugin_backend.domain.direction.terms import Move
from plugin_backend.domain.direction.verbs import ACTIONS, HEADINGS
from plugin_backend.domain.direction.vocabulary import SUBJECTS

FIVE = Fraction(5)
SMALL = "then while as no not without never at two seconds after 3s , . and the a on left of behind camera it"
LONG = "a" * 200
BRIEF = "A red car drives to the left of a house, then stops. The camera pans left at two seconds. No people."
EARLIER = {
    "concept": {
        "subjects": [{"kind": "person", "colour": None, "plural": False}],
        "environment": "street",
        "weather": "wet",
        "time_of_day": "night",
        "mood": "calm",
    },
    "motion": {
        "camera": [
            {
                "move": "truck-left",
                "ease": "linear",
                "strength": 0.6,
                "from_seconds": "0",
                "to_seconds": "5",
                "tracking": True,
            }
        ],
        "subjects": [{"kind": "person", "action": "walk", "heading": "left"}],
    },
    "lighting": {"sources": ["neon"], "contrast": "high", "palette": "neon", "accents": ["#ff3fa0"]},
    "duration_seconds": "5",
    "loop": False,
}


def planned() -> dict[str, Any]:
    """A plan as an editor gets it."""
    written: dict[str, Any] = json.loads(json.dumps(plan_shot(BRIEF, duration_seconds=FIVE).to_json()))
    return written


def test_a_plan_kept_before_plans_had_shots_is_still_read() -> None:
    plan = ShotPlan.from_json(EARLIER)
    assert (plan.shots, plan.avoid, plan.render) == ((), (), None)
    assert plan.motion.camera[0].move is Move.TRUCK_LEFT
    assert ShotPlan.from_json(plan.to_json()) == plan
    assert {each.id for each in directives_of_plan(plan)} == {"camera-1", "subject-1"}


@pytest.mark.parametrize("plan", [planned(), EARLIER])
def test_our_own_plan_comes_back_without_a_problem(plan: dict[str, Any]) -> None:
    assert list(plan_problems(plan, duration=FIVE)) == []


def test_times_may_come_as_numbers() -> None:
    plan = planned()
    plan["motion"]["camera"][0] |= {"from_seconds": 0.1, "to_seconds": 2.5}
    assert list(plan_problems(plan)) == []
    move = ShotPlan.from_json(plan).motion.camera[0]
    assert (move.from_seconds, move.to_seconds) == (Fraction(1, 10), Fraction(5, 2))


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        ("/motion/camera/0/move", "swoosh", "pan-left"),
        ("/motion/camera/0/strength", 1.5, "from 0 to 1"),
        ("/motion/camera/0/strength", float("nan"), "from 0 to 1"),
        ("/motion/camera/0/from_seconds", 5, "begins within the shot"),
        ("/motion/camera/0/to_seconds", "11/2", "at most at 5 s"),
        ("/motion/camera/0/to_seconds", "1/0", "exactly"),
        ("/motion/camera/0/spin", 1, "no such member"),
        ("/concept/weather", None, "rain"),
        ("/concept/subjects", [{"kind": "car"}] * 13, "at most 12"),
        ("/concept/subjects/0/colour", "red", "#rrggbb"),
        ("/concept/subjects/0/word", "a\nb", "line breaks"),
        ("/lighting/sources", "sun", "Give a list"),
        ("/duration_seconds", 6, "lasts 5 s"),
        ("/duration_seconds", 0, "above 0"),
        ("/loop", 1, "true or false"),
        ("/render", {"tier": "final"}, "draft, master"),
    ],
)
def test_a_wrong_member_is_named_with_what_would_be_right(at: str, value: object, said: str) -> None:
    plan = planned()
    *parents, last = at.removeprefix("/").split("/")
    held: Any = plan
    for name in parents:
        held = held[int(name) if name.isdigit() else name]
    held[last] = value
    (problem, *others) = plan_problems(plan, duration=FIVE)
    assert problem.pointer.startswith(f"/plan{at}")
    assert said in problem.detail
    assert not others


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _places(part, (*path, name))


@given(data=st.data(), other=JSON)
def test_whatever_is_sent_is_a_plan_or_a_list_of_problems(data: st.DataObject, *, other: Any) -> None:
    plan: Any = {"plan": copy.deepcopy(planned())}
    path = ("plan", *data.draw(st.sampled_from(sorted(_places(plan["plan"]), key=repr))))
    held = plan
    for name in path[:-1]:
        held = held[name]
    held[path[-1]] = other
    problems = list(plan_problems(plan["plan"]))
    assert all(each.pointer.startswith("/plan") and each.detail for each in problems)
    if not problems:
        kept = ShotPlan.from_json(plan["plan"])
        assert ShotPlan.from_json(json.loads(json.dumps(kept.to_json()))) == kept


PHRASES = (*MOVES, *SUBJECTS, *ACTIONS, *HEADINGS, tuple(SMALL.split()))
WORDS = sorted({word for phrase in PHRASES for word in phrase})


@given(
    words=st.lists(st.sampled_from(WORDS) | st.text("abc", min_size=1, max_size=200), max_size=120),
    seconds=st.fractions(min_value=1, max_value=20, max_denominator=1000),
)
@example(words=f"the {LONG} walks left of the {LONG} . no {LONG} {LONG}".split(), seconds=FIVE)
@example(words=["pan", "left", "then", "tilt", "up", "then"] * 60, seconds=FIVE)
def test_our_own_plan_of_any_brief_is_one_that_we_take_back(words: list[str], seconds: Fraction) -> None:
    plan = plan_shot(" ".join(words), duration_seconds=seconds)
    assert list(plan_problems(plan.to_json(), duration=seconds)) == []
    ids = [each.id for each in directives_of_plan(plan)]
    assert len(set(ids)) == len(ids)


def test_a_directive_survives_json_and_says_whose_it_is() -> None:
    directives = directives_of_plan(plan_shot("a boat on a calm sea", duration_seconds=FIVE))
    assert [Directive.from_json(json.loads(json.dumps(each.to_json()))) for each in directives] == [
        *directives
    ]
    assert {each.source for each in directives if each.id.startswith("camera")} == {DirectiveSource.DEFAULT}
