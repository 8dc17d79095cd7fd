"""A language model that reads briefs: asked once, outside of every transaction, and never in the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from plugin_backend.domain.direction.directives import DirectiveKind
from plugin_backend.services.director import direction
from plugin_backend.services.money import receipts
from plugin_backend.settings.director import ModelAccount
from tests.domain.requests import asked
from tests.fakes.planner import MODEL, FakePlanner, Mood, instruction, playing_planner
from tests.services.studio import Studio, with_brief
from worker.reading import open_reader

GERMAN = with_brief(asked(), prompt="Der Fuchs läuft durch den Wald, die Kamera fährt zurück.", seed=100)


@pytest.fixture
def planner() -> Iterator[FakePlanner]:
    with playing_planner() as server:
        server.behaviour.instructions = [instruction("camera", "dolly-out", "die Kamera fährt zurück")]
        yield server


@pytest.fixture
def reading(studio: Studio, planner: FakePlanner) -> Studio:
    """A studio whose workers have a reader."""
    reader = open_reader(ModelAccount(base_url=planner.url, key=None, model=MODEL))
    return replace(studio, runtime=replace(studio.runtime, reader=reader))


def test_a_brief_is_planned_as_it_was_read(reading: Studio, planner: FakePlanner) -> None:
    caller = reading.person()
    view = reading.finish(reading.ask(caller, GERMAN))

    (told,) = direction.of_generation(reading.house, caller, view.generation.id).tries
    moves = [each["move"] for each in told["directives"] if each["kind"] == DirectiveKind.CAMERA.value]
    assert moves == ["dolly-out"]
    assert len(planner.behaviour.asked) == 1
    first = receipts.trace(reading.house, caller, view.generation.id)[0]
    assert (first["step"], MODEL in first["summary"]) == ("note", True)


def test_a_brief_that_waits_in_the_queue_is_read_once(reading: Studio, planner: FakePlanner) -> None:
    caller = reading.person(max_concurrent=1)
    reading.upstream.slow_seeds = {100}
    for _ in range(2):
        reading.ask(caller, GERMAN)
    for _ in range(4):
        reading.work_off()
        reading.clock.turn(timedelta(seconds=20))

    assert len(planner.behaviour.asked) == 2


@pytest.mark.parametrize("mood", [Mood.GARBAGE, Mood.DOWN])
def test_a_reader_that_is_of_no_use_holds_nothing_up(
    reading: Studio, planner: FakePlanner, mood: Mood
) -> None:
    planner.behaviour.mood = mood
    caller = reading.person()

    view = reading.finish(reading.ask(caller, GERMAN))

    assert view.generation.state == "ready"
    first = receipts.trace(reading.house, caller, view.generation.id)[0]
    assert "The brief was read by the vocabulary" in first["summary"]


def test_an_editors_own_plan_is_not_read_again(reading: Studio, planner: FakePlanner) -> None:
    caller = reading.person()
    plan = direction.of_generation(
        reading.house, caller, reading.finish(reading.ask(caller, GERMAN)).generation.id
    ).tries[0]["plan"]
    planner.behaviour.asked.clear()

    reading.finish(reading.ask(caller, replace(GERMAN, plan=plan)))

    assert planner.behaviour.asked == []
