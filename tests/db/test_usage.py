"""Usage: whatever happened, and whenever it was folded, the sums are those of the rows themselves."""

from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from plugin_backend.db import usage
from plugin_backend.domain.usage import UsageFilter, UsageGroup
from tests.db.histories import DAYS, NOON, history_on

_GROUPS: Final = [(group,) for group in UsageGroup] + [
    (UsageGroup.DAY, UsageGroup.MODEL),
    (UsageGroup.USER, UsageGroup.SHOT),
    (UsageGroup.TIER, UsageGroup.DAY),
]

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "ask",
                "ask",
                "store",
                "order",
                "bill",
                "end",
                "end",
                "adopt",
                "settle",
                "relabel",
                "fold",
                "correct",
            )
        ),
        st.integers(0, 1_000),
    ),
    min_size=5,
    max_size=30,
)


@given(steps=_STEPS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_and_counts_are_the_straight_sum_at_every_moment(
    database: str, steps: list[tuple[str, int]]
) -> None:
    with history_on(database) as history:
        for name, number in steps:
            getattr(history, name)(number)
        for groups in _GROUPS:
            for days in (1, DAYS):
                assert history.counted(groups, days=days) == history.expected(groups, days=days)
        streamed = usage.each(history.connection, (UsageGroup.USER,), UsageFilter(), overdue=NOON)
        assert sum(row.generations for row in streamed) == len(history.made)


def test_what_was_lost_or_counted_twice_is_corrected_once(database: str) -> None:
    with history_on(database) as history:
        for number in range(20):
            history.ask(number)
        usage.fold(history.connection, most=1_000)
        history.connection.execute(text("UPDATE usage_days SET generations = 9 WHERE owner_id = 'usr_1'"))
        history.connection.execute(text("DELETE FROM usage_days WHERE owner_id = 'usr_2'"))
        wrong = history.counted((UsageGroup.USER,), days=DAYS)
        corrected = usage.correct(history.connection)
        usage.fold(history.connection, most=1_000)
        usage.total_again(history.connection)
        found = history.counted((UsageGroup.USER,), days=DAYS)
        by_tier = history.counted((UsageGroup.TIER,), days=DAYS)

        assert corrected > 0
        assert usage.correct(history.connection) == 0
        expected = history.expected((UsageGroup.USER,), days=DAYS)
        assert {key: each["generations"] for key, each in found.items()} == {("usr_1",): 10, ("usr_2",): 10}
        assert found == expected != wrong
        assert sum(each["generations"] for each in by_tier.values()) == 20


def test_a_person_whose_label_is_erased_leaves_no_word_of_it(database: str) -> None:
    with history_on(database) as history:
        history.ask(1)
        usage.fold(history.connection, most=1_000)
        history._generation(0, label=None)
        usage.fold(history.connection, most=1_000)
        labels = history.connection.execute(text("SELECT label FROM usage_days")).scalars().all()
        assert labels == [""]
