from collections.abc import Iterator
from typing import Any

import pytest

from plugin_backend.domain.direction.directives import DirectiveKind, DirectiveSource
from plugin_backend.settings.director import ModelAccount
from tests.fakes.planner import MODEL, FakePlanner, Mood, playing_planner
from tests.worker.director.clips import directive
from worker.director.visual_judge import VisualJudge, open_visual_judge

ASKED = (
    directive(DirectiveKind.LIGHT, id="light-1", says="light: night"),
    directive(DirectiveKind.CAMERA, id="camera-1", says="the camera does a pan right"),
    directive(DirectiveKind.CAMERA, id="camera-2", says="ours", source=DirectiveSource.DEFAULT),
)
NIGHT = {"id": "light-1", "standing": "followed", "says": "It is dark."}
PAN = {"id": "camera-1", "standing": "cannot-tell", "says": "Frames show no motion."}


@pytest.fixture
def endpoint() -> Iterator[FakePlanner]:
    with playing_planner() as server:
        yield server


@pytest.fixture
def judge(endpoint: FakePlanner) -> VisualJudge:
    opened = open_visual_judge(ModelAccount(base_url=endpoint.url, key="sk-0123456789abcdef", model=MODEL))
    assert opened is not None
    return opened


def test_opinions_are_told_with_the_model_that_has_them(endpoint: FakePlanner, judge: VisualJudge) -> None:
    endpoint.behaviour.content = {"opinions": [NIGHT, PAN], "wrong": ["Six fingers."]}
    said = judge.opinions([b"one", b"two", b"three"], ASKED)
    assert said == {"model": MODEL, "opinions": [NIGHT, PAN], "wrong": ["Six fingers."]}
    (asked,) = endpoint.behaviour.asked
    text, *pictures = asked["messages"][1]["content"]
    assert "light: night" in text["text"]
    assert "ours" not in text["text"]
    assert len(pictures) == 3


@pytest.mark.parametrize(
    "content",
    [
        {"opinions": [{**NIGHT, "id": "light-9"}], "wrong": []},
        {"opinions": [{**NIGHT, "standing": "superb"}], "wrong": []},
        {"opinions": [{**NIGHT, "score": 1}], "wrong": []},
        {"opinions": [], "wrong": [7]},
        {"score": 1.0},
    ],
)
def test_an_answer_of_another_shape_is_no_opinion(
    endpoint: FakePlanner, judge: VisualJudge, content: dict[str, Any]
) -> None:
    endpoint.behaviour.content = content
    said = judge.opinions([b"one"], ASKED)
    assert said["opinions"] == []
    assert "of no use" in said["failure"]


@pytest.mark.parametrize("mood", [Mood.PROSE, Mood.HUGE, Mood.DOWN])
def test_a_judge_that_cannot_be_understood_or_reached_has_no_opinion(
    endpoint: FakePlanner, judge: VisualJudge, mood: Mood
) -> None:
    endpoint.behaviour.mood = mood
    said = judge.opinions([b"one"], ASKED)
    assert said["opinions"] == []
    assert said["failure"]


def test_without_settings_nobody_is_asked() -> None:
    assert open_visual_judge(None) is None
