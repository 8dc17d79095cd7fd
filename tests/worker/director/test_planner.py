"""The planner asked over HTTP: what it may add to our own reading, and when ours stands."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from plugin_backend.domain.direction.framing import ShotSize
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.direction.terms import Environment, Heading, Move
from plugin_backend.settings.director import ModelAccount
from tests.fakes.planner import MODEL, FakePlanner, Mood, instruction, playing_planner
from worker.director.planner import open_planner, plan_with_model
from worker.providers.http import ProviderHttp

FIVE = Fraction(5)
GERMAN = "Nahaufnahme: ein Fuchs läuft nach links durch den Wald, die Kamera fährt nach zwei Sekunden zurück."
ENGLISH = "A fox runs to the left. The camera pans left. No people."
READ_GERMAN = [
    instruction("size", "close-up", "Nahaufnahme"),
    instruction("subject", "run", "läuft nach links", who="fox", kind="dog", heading="left"),
    instruction("environment", "forest", "durch den Wald"),
    instruction("camera", "dolly-out", "die Kamera fährt nach zwei Sekunden zurück", from_seconds=2),
]
READ_ENGLISH = [
    instruction("subject", "run", "runs to the left", who="fox", kind="dog", heading="left"),
    instruction("camera", "pan-left", "pans left", strength=0.9),
    instruction("avoid", "subject", "No people", who="people"),
]


@pytest.fixture
def planner() -> Iterator[FakePlanner]:
    with playing_planner() as server:
        yield server


@pytest.fixture
def http(planner: FakePlanner) -> Iterator[ProviderHttp]:
    opened = open_planner(ModelAccount(base_url=planner.url, key="sk-0123456789abcdef", model=MODEL))
    yield opened
    opened.close()


def read(http: ProviderHttp, prompt: str, *, seconds: float = 10) -> tuple[ShotPlan, ShotPlan, str]:
    """Ours, what came of asking, and the note."""
    ours = plan_shot(prompt, duration_seconds=FIVE)
    return ours, *plan_with_model(http, prompt, ours, model=MODEL, seconds=seconds)


def test_a_brief_in_another_language_is_read_with_its_times(planner: FakePlanner, http: ProviderHttp) -> None:
    planner.behaviour.instructions = READ_GERMAN
    _, plan, note = read(http, GERMAN)
    (move,) = plan.motion.camera
    assert (move.move, move.from_seconds, move.to_seconds) == (Move.DOLLY_OUT, Fraction(2), FIVE)
    fox = plan.motion.subjects[0]
    assert (fox.about, fox.heading) == ("fox", Heading.LEFT)
    assert plan.shots[0].size is ShotSize.CLOSE_UP
    assert plan.concept.environment is Environment.FOREST
    assert MODEL in note


def test_it_is_asked_once_apart_from_the_task(planner: FakePlanner, http: ProviderHttp) -> None:
    planner.behaviour.instructions = READ_ENGLISH
    read(http, ENGLISH)
    (asked,) = planner.behaviour.asked
    assert [each["role"] for each in asked["messages"]] == ["system", "user"]
    assert asked["messages"][1]["content"] == ENGLISH
    assert ENGLISH not in asked["messages"][0]["content"]
    assert asked["response_format"]["json_schema"]["strict"] is True
    assert planner.behaviour.keys == ["Bearer sk-0123456789abcdef"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ([*READ_ENGLISH, instruction("camera", "zoom-in", "zooms in")], "invented camera zoom-in"),
        ([*READ_ENGLISH, instruction("weather", "rain", "t ")], "invented weather rain"),
        ([*READ_ENGLISH, instruction("weather", "rain", "he")], "invented weather rain"),
        ([*READ_ENGLISH, instruction("weather", "rain", "uns to the")], "invented weather rain"),
        ([*READ_ENGLISH, instruction("camera", "rain", "pans left")], "a camera of its own"),
        ([READ_ENGLISH[0] | {"term": "walk"}, *READ_ENGLISH[1:]], "it lost run"),
        ([READ_ENGLISH[0], READ_ENGLISH[1] | {"term": "tilt-up"}], "it lost pan-left"),
        ([READ_ENGLISH[0] | {"from_seconds": 9}, *READ_ENGLISH[1:]], "begins within the shot"),
        ([READ_ENGLISH[0] | {"to_seconds": 0}, *READ_ENGLISH[1:]], "ends after it begins"),
        ([READ_ENGLISH[0] | {"power": 11}, *READ_ENGLISH[1:]], "malformed at /instructions/0/power"),
        (READ_ENGLISH * 20, "malformed at /instructions"),
    ],
)
def test_a_reading_that_adds_or_loses_is_refused_and_ours_stands(
    planner: FakePlanner, http: ProviderHttp, changed: list[dict[str, Any]], said: str
) -> None:
    planner.behaviour.instructions = changed
    ours, plan, note = read(http, ENGLISH)
    assert plan is ours
    assert said in note


def test_what_the_brief_rules_out_is_not_asked_for(planner: FakePlanner, http: ProviderHttp) -> None:
    planner.behaviour.instructions = [instruction("camera", "pan-left", "pan left")]
    ours, plan, note = read(http, "A quiet lake. Never pan left.")
    assert plan is ours
    assert "rules out" in note


@pytest.mark.parametrize("mood", [Mood.GARBAGE, Mood.PROSE, Mood.HUGE, Mood.DOWN, Mood.SLOW])
def test_whatever_a_planner_does_there_is_a_plan_and_a_reason(
    planner: FakePlanner, http: ProviderHttp, mood: Mood
) -> None:
    planner.behaviour.mood = mood
    ours, plan, note = read(http, ENGLISH, seconds=1)
    assert plan is ours
    assert note.endswith("read by the vocabulary.")


def test_a_planner_that_is_away_is_done_without() -> None:
    with playing_planner() as server:
        account = ModelAccount(base_url=server.url, key=None, model=MODEL)
    http = open_planner(account)
    ours, plan, note = read(http, ENGLISH)
    http.close()
    assert plan is ours
    assert "gave no answer" in note
