"""When a running take is looked at: seldom at first, often around its usual end, less and less after."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.making.providers import deadline, next_look

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _looks(take_id: str, *, expected: float | None, until: float, at_least: float = 2.0) -> list[float]:
    """The seconds after its start at which a take that goes on is looked at."""
    elapsed, looks = 0.0, []
    while elapsed < until:
        elapsed += next_look(take_id, elapsed=elapsed, expected=expected, at_least=at_least).total_seconds()
        looks.append(elapsed)
    return looks


def test_a_take_of_a_minute_is_looked_at_eight_times_or_so_and_every_few_seconds_at_its_end() -> None:
    looks = _looks("take_1", expected=60, until=60)

    assert 6 <= len(looks) <= 11
    assert looks[0] > 15
    assert all(after - before < 3.5 for before, after in pairwise(looks) if 52 < before < 60)


@given(expected=st.floats(5, 1800), overtime=st.floats(1, 3))
def test_what_ends_about_when_it_should_is_noticed_within_a_tenth_of_that(
    expected: float, overtime: float
) -> None:
    end = expected * overtime
    noticed = next(at for at in _looks("take_x", expected=expected, until=end + 120) if at >= end)

    assert noticed - end <= max(2.2, 0.17 * end)


@given(st.floats(0, 100_000), st.none() | st.floats(1, 5_000), st.integers(0, 40), st.floats(0, 30))
def test_no_take_is_left_alone_for_much_over_a_minute_and_none_is_pestered(
    elapsed: float, expected: float | None, troubles: int, at_least: float
) -> None:
    wait = next_look(
        "take_y", elapsed=elapsed, expected=expected, at_least=at_least, troubles=troubles
    ).total_seconds()

    assert at_least <= wait + 1e-6
    assert wait <= max(at_least, 66.1)


def test_trouble_in_asking_makes_it_longer_each_time() -> None:
    waits = [
        next_look("take_z", elapsed=60, expected=60, at_least=2, troubles=troubles) for troubles in range(9)
    ]

    assert waits == sorted(waits)
    assert waits[8] > timedelta(seconds=50)


def test_takes_sent_together_are_not_asked_for_together_and_each_at_the_same_moments_again() -> None:
    firsts = {next_look(f"take_{number}", elapsed=0, expected=60) for number in range(100)}

    assert len(firsts) > 50
    assert firsts == {next_look(f"take_{number}", elapsed=0, expected=60) for number in range(100)}


@given(st.none() | st.integers(0, 50_000))
def test_a_take_is_given_up_half_an_hour_after_it_was_accepted_or_at_ten_times_its_usual(
    expected: int | None,
) -> None:
    patience = deadline(now=NOON, expected_seconds=expected) - NOON

    assert patience >= timedelta(minutes=30)
    assert patience >= timedelta(seconds=10 * (expected or 0))
    assert patience <= max(timedelta(minutes=30), timedelta(seconds=10 * max(60, expected or 0)))
