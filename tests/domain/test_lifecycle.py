"""The tables of states: whole, without dead ends, and the hold ends exactly where the work does."""

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.errors import IllegalTransitionError
from plugin_backend.domain.lifecycle import (
    ASSET,
    DELIVERY,
    GENERATION,
    LIFECYCLES,
    TAKE,
    AssetEvent,
    AssetState,
    DeliveryEvent,
    DeliveryState,
    GenerationEvent,
    GenerationState,
    Lifecycle,
    Settlement,
    TakeEvent,
    TakeState,
    mermaid,
)

TABLES: list[tuple[Lifecycle[Any, Any], type[StrEnum], type[StrEnum]]] = [
    (GENERATION, GenerationState, GenerationEvent),
    (TAKE, TakeState, TakeEvent),
    (DELIVERY, DeliveryState, DeliveryEvent),
    (ASSET, AssetState, AssetEvent),
]
every_table = pytest.mark.parametrize(
    ("table", "states", "events"), TABLES, ids=[table.subject for table, _, _ in TABLES]
)


def _reached(table: Lifecycle[Any, Any]) -> set[str]:
    found, waiting = {table.start}, [table.start]
    while waiting:
        leads = {move.to for move in table.moves[waiting.pop()].values()}
        waiting += leads - found
        found |= leads
    return found


def test_every_table_is_under_test() -> None:
    assert tuple(table for table, _, _ in TABLES) == LIFECYCLES


@every_table
def test_every_state_has_its_row(
    table: Lifecycle[Any, Any], states: type[StrEnum], events: type[StrEnum]
) -> None:
    assert list(table.moves) == list(states)
    assert {event for edges in table.moves.values() for event in edges} == set(events)


@every_table
def test_every_state_can_be_reached_and_none_is_a_trap(
    table: Lifecycle[Any, Any], states: type[StrEnum], events: type[StrEnum]
) -> None:
    del events
    assert _reached(table) == set(states)
    for state in table.unfinished:
        onward = Lifecycle(subject=table.subject, start=state, moves=table.moves)
        assert _reached(onward) & table.terminal, f"{state} never ends"


def test_what_ends_is_read_from_the_tables() -> None:
    assert GENERATION.terminal == {GenerationState.READY, GenerationState.FAILED, GenerationState.CANCELLED}
    assert TAKE.terminal == {TakeState.STORED, TakeState.FAILED, TakeState.CANCELLED}
    assert DELIVERY.terminal == {DeliveryState.READY, DeliveryState.FAILED, DeliveryState.CANCELLED}
    assert ASSET.terminal == {AssetState.READY, AssetState.REJECTED}


def test_an_edge_ends_the_hold_if_and_only_if_it_ends_the_generation() -> None:
    for edges in GENERATION.moves.values():
        for move in edges.values():
            ends = move.settlement is not Settlement.KEEP
            assert ends == (move.to in GENERATION.terminal)


def test_only_a_failure_settles_for_nothing_and_it_always_does() -> None:
    for edges in GENERATION.moves.values():
        for move in edges.values():
            free = move.settlement is Settlement.NOTHING
            assert free == (move.to is GenerationState.FAILED)


def test_every_unfinished_generation_can_be_cancelled() -> None:
    assert {
        state for state in GenerationState if GENERATION.allows(state, GenerationEvent.CANCELLED)
    } == GENERATION.unfinished


@given(st.lists(st.sampled_from(GenerationEvent), max_size=40))
def test_however_events_come_the_hold_ends_once_with_the_generation(events: list[GenerationEvent]) -> None:
    state, ended = GENERATION.start, 0
    for event in events:
        if not GENERATION.allows(state, event):
            with pytest.raises(IllegalTransitionError):
                GENERATION.advance(state, event)
            continue
        move = GENERATION.advance(state, event)
        state, ended = move.to, ended + (move.settlement is not Settlement.KEEP)

    assert ended == (state in GENERATION.terminal)


@every_table
@given(data=st.data())
def test_nothing_leaves_an_ended_state(
    table: Lifecycle[Any, Any], states: type[StrEnum], events: type[StrEnum], data: st.DataObject
) -> None:
    del states
    state, event = data.draw(st.sampled_from(sorted(table.terminal))), data.draw(st.sampled_from(events))

    with pytest.raises(IllegalTransitionError, match=f"A {table.subject} that is {state} cannot be {event}"):
        table.advance(state, event)


@every_table
def test_the_diagram_draws_every_edge_once(
    table: Lifecycle[Any, Any], states: type[StrEnum], events: type[StrEnum]
) -> None:
    del states, events
    drawn = mermaid(table).splitlines()

    edges = sum(len(edges) for edges in table.moves.values())
    assert len(drawn) == len(set(drawn)) == 2 + edges + len(table.terminal)
