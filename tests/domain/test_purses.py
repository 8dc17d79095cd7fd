"""What a member of a workspace can spend."""

from datetime import UTC, date, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.money.purses import Purse, SpendFrom, month_after, month_of

AMOUNTS = st.integers(0, 1_000)
CAPS = st.none() | AMOUNTS
PURSES = st.builds(
    Purse,
    spend_from=st.sampled_from(SpendFrom),
    own_available=AMOUNTS,
    own_held=AMOUNTS,
    pool_available=AMOUNTS,
    pool_held=AMOUNTS,
    own_cap=CAPS,
    member_cap=CAPS,
    month=st.just(date(2026, 3, 1)),
    taken=AMOUNTS,
)


@given(purse=PURSES)
def test_nobody_can_take_more_of_the_pool_than_it_has_or_their_cap_leaves(purse: Purse) -> None:
    assert 0 <= purse.from_pool <= purse.pool_available
    if purse.cap is not None and purse.from_pool:
        assert purse.taken + purse.from_pool <= purse.cap
    assert purse.from_pool == 0 or purse.spend_from is not SpendFrom.PERSONAL


@given(purse=PURSES)
def test_one_generation_is_paid_by_one_account(purse: Purse) -> None:
    assert purse.most_at_once <= purse.available
    assert purse.most_at_once in (purse.own_available, purse.from_pool)


def test_a_cap_of_ones_own_goes_before_everybodys() -> None:
    known = {"own_available": 7, "own_held": 0, "pool_available": 100, "pool_held": 0, "taken": 10}
    given_to_all = Purse(
        spend_from=SpendFrom.POOL, own_cap=None, member_cap=30, month=date(2026, 12, 1), **known
    )
    own = Purse(spend_from=SpendFrom.POOL, own_cap=5, member_cap=30, month=date(2026, 12, 1), **known)

    assert (given_to_all.available, own.available) == (20, 0)
    assert own.resets_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_months_follow_each_other_and_hold_their_moments() -> None:
    firsts = [date(year, month, 1) for year in (2026, 2027, 2028) for month in range(1, 13)]

    for first, following in pairwise(firsts):
        assert month_of(month_after(first)) == following
