"""The draft quota's day is UTC's day, to the microsecond, whatever the caller's clock is set to."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.quota import DraftWindow, day_of, resets_at, units_returned

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made aware below
    lambda moment: moment.replace(tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 2, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-1))), date(2027, 1, 1)),
        (datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), date(2026, 12, 31)),
    ],
)
def test_a_moment_belongs_to_its_utc_day(moment: datetime, day: date) -> None:
    assert day_of(moment) == day


@given(moments, offsets)
def test_a_day_ends_after_its_moments_and_within_a_day_of_them(moment: datetime, offset: timezone) -> None:
    local = moment.astimezone(offset)
    end = resets_at(day_of(local))

    assert day_of(local) == day_of(moment)
    assert timedelta(0) < end - local <= timedelta(days=1)
    assert day_of(end) == day_of(moment) + timedelta(days=1)
    assert day_of(end - timedelta(microseconds=1)) == day_of(moment)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_limit_lowered_below_what_is_used_leaves_nothing(limit: int, used: int) -> None:
    window = DraftWindow(date(2026, 3, 1), limit, used)

    assert window.remaining == max(0, limit - used)
    assert window.resets_at == datetime(2026, 3, 2, tzinfo=UTC)


@given(st.integers(0, 100), st.integers(0, 100))
def test_what_no_stored_take_used_returns_and_never_more(taken: int, stored: int) -> None:
    assert units_returned(taken, stored=stored) == max(0, taken - stored)
