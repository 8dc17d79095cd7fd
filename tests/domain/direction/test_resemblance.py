"""How alike two things look, from what was kept of their takes: the same both ways, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.resemblance import HUES, LIGHTS, SIDES, TURNS, resemblance

_COLOURS, _EDGES = HUES + LIGHTS, SIDES * SIDES * TURNS
signatures = st.builds(
    lambda colours, edges: (colours + edges).hex(),
    st.binary(min_size=_COLOURS, max_size=_COLOURS).filter(any),
    st.binary(min_size=_EDGES, max_size=_EDGES).filter(any),
)


@given(signatures, signatures)
def test_it_is_the_same_both_ways_and_within_its_bounds(one: str, other: str) -> None:
    found = resemblance(one, other)

    assert found is not None
    assert found == pytest.approx(resemblance(other, one))
    assert 0 <= found <= 1.000001


@given(signatures)
def test_a_thing_resembles_itself_and_its_own_other_side(one: str) -> None:
    data = bytes.fromhex(one)
    edges = data[_COLOURS:]
    turned = bytes(
        edges[(row * SIDES + SIDES - 1 - column) * TURNS + (TURNS - turn) % TURNS]
        for row in range(SIDES)
        for column in range(SIDES)
        for turn in range(TURNS)
    )

    assert (resemblance(one, one) or 0) > 0.7
    assert resemblance(one, (data[:_COLOURS] + turned).hex()) == pytest.approx(resemblance(one, one))


@pytest.mark.parametrize("other", ["", "00", "zz"])
def test_what_was_not_measured_is_compared_with_nothing(other: str) -> None:
    one = bytes([9] * (_COLOURS + _EDGES)).hex()

    assert resemblance(one, other) is None
    assert resemblance(other, one) is None
