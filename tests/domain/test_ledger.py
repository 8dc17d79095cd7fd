"""The four movements: what they do, what they refuse, and that nothing is lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.ledger import EntryKind, Movement, adjust, cost_of, grant, hold, settle

credits = st.integers(1, 10**12)


@given(credits)
def test_a_grant_adds_and_an_adjustment_goes_either_way(amount: int) -> None:
    assert grant(amount) == Movement(EntryKind.GRANT, amount, 0)
    assert adjust(-amount) == Movement(EntryKind.ADJUST, -amount, 0)


@given(credits, st.data())
def test_a_hold_and_its_settle_leave_exactly_the_cost_missing(held: int, data: st.DataObject) -> None:
    cost = data.draw(st.integers(0, held))
    taken, ended = hold(held), settle(held, cost=cost)

    assert taken.available_delta + taken.held_delta == 0
    assert taken.held_delta + ended.held_delta == 0
    assert taken.available_delta + ended.available_delta == -cost


@given(credits, st.integers())
def test_a_settle_beyond_its_hold_is_refused(held: int, cost: int) -> None:
    if 0 <= cost <= held:
        assert settle(held, cost=cost).available_delta >= 0
    else:
        with pytest.raises(ValueError, match="within a hold"):
            settle(held, cost=cost)


@pytest.mark.parametrize("amount", [0, -1])
def test_a_grant_or_a_hold_of_nothing_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        grant(amount)
    with pytest.raises(ValueError, match="positive"):
        hold(amount)


def test_an_adjustment_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="changes nothing"):
        adjust(0)


@given(st.lists(st.integers(0, 10**6), max_size=20), st.integers(0, 10**7))
def test_what_is_charged_is_the_price_of_each_take_and_never_exceeds_what_was_held(
    charged: list[int], held: int
) -> None:
    assert cost_of(charged, held=held) == min(sum(charged), held)
