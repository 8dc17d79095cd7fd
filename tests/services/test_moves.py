"""States move by compare-and-set, with their money and their event, or not at all."""

from pathlib import Path

import pytest
from sqlalchemy import text

from plugin_backend.db.generations import find_generation
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.errors import IllegalTransitionError
from plugin_backend.domain.lifecycle import GenerationEvent, TakeEvent
from plugin_backend.services.moves import HoldMissingError, StaleStateError, move_generation, move_take
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once, studio_on

MASTER = asked(kind=Kind.MASTER, resolution=Resolution.P1080)


def test_a_move_from_a_state_that_has_passed_changes_nothing(studio: Studio) -> None:
    caller = studio.person(credits_granted=10)
    view = studio.ask(caller, MASTER)
    with studio.house.begin() as work:
        move_generation(work, view.generation, GenerationEvent.CANCELLED)
    before = studio.everything()

    for event in (GenerationEvent.CANCELLED, GenerationEvent.FAILED, GenerationEvent.PLANNED):
        with pytest.raises((StaleStateError, Exception)), studio.house.begin() as work:
            move_generation(work, view.generation, event)

    assert studio.everything() == before


def test_an_edge_the_table_lacks_is_refused_before_anything_is_written(studio: Studio) -> None:
    view = studio.ask(studio.person(), asked())
    before = studio.everything()

    with pytest.raises(IllegalTransitionError), studio.house.begin() as work:
        move_generation(work, view.generation, GenerationEvent.ACCEPTED)
    with pytest.raises(IllegalTransitionError), studio.house.begin() as work:
        move_take(work, view.takes[0], TakeEvent.STORED)

    assert studio.everything() == before


def test_of_many_that_end_it_at_once_one_does(database: str, studio: Studio, tmp_path: Path) -> None:
    caller = studio.person(credits_granted=10)
    view = studio.ask(caller, MASTER)

    with studio_on(database, tmp_path, pool_size=8) as crowd:

        def end(number: int) -> str:
            event = (GenerationEvent.CANCELLED, GenerationEvent.FAILED)[number % 2]
            with crowd.house.begin() as work:
                row = find_generation(work.connection, view.generation.id)
                assert row is not None
                return move_generation(work, row, event)

        found = at_once(16, end)

    ended = [each for each in found if isinstance(each, str)]
    assert len(ended) == 1
    assert studio.see(view.generation.id).generation.state == ended[0]
    assert studio.balance(caller) == (10, 0)
    assert studio.under_way(caller) == (0, 0)
    assert studio.one("SELECT count(*) FROM ledger_entries WHERE kind = 'settle'") == 1


def test_without_its_hold_a_generation_cannot_end(studio: Studio) -> None:
    caller = studio.person(credits_granted=10)
    view = studio.ask(caller, MASTER)
    with studio.house.engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET held = 0 WHERE owner_id = :id"), {"id": caller.user_id})
    before = studio.everything()

    with pytest.raises(HoldMissingError), studio.house.begin() as work:
        move_generation(work, view.generation, GenerationEvent.CANCELLED)

    assert studio.everything() == before


def test_every_move_is_told_once_and_in_order(studio: Studio) -> None:
    caller = studio.person()
    view = studio.finish(studio.ask(caller, asked()))

    told = studio.told(caller)

    assert [(event.type, event.subject_id[:4]) for event in told] == [
        ("generation.queued", "gen_"),
        ("generation.planned", "gen_"),
        ("take.submitted", "take"),
        ("generation.generating", "gen_"),
        ("take.rendered", "take"),
        ("take.stored", "take"),
        ("generation.evaluating", "gen_"),
        ("generation.ready", "gen_"),
    ]
    assert not any("forest" in str(event.data) for event in told)
    assert view.generation.version > 1
