"""When media goes: never untold, never sooner than told, and later whenever it was of use."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.keeping import WARNED_BEFORE, Retention, spelt_bytes

START = datetime(2026, 3, 1, tzinfo=UTC)
hours = st.integers(0, 24 * 120).map(lambda count: timedelta(hours=count))


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 48), st.sampled_from(["wait", "use", "shorter", "longer", "keep"]))
    )
)
def test_whatever_happens_it_goes_only_when_its_owner_was_told_of_this_very_end(
    steps: list[tuple[int, str]],
) -> None:
    now, ageing, told = START, Retention(used_at=START, days=10), None
    for waited, event in steps:
        now += timedelta(hours=waited)
        changes = {"use": (now, ageing.days), "shorter": (ageing.used_at, 2), "longer": (ageing.used_at, 30)}
        used_at, days = changes.get(event, (ageing.used_at, ageing.days))
        ageing = Retention(used_at=used_at, days=None if event == "keep" else days, told_at=told)
        if ageing.is_to_tell(now=now):
            told = now
            ageing = Retention(used_at=ageing.used_at, days=ageing.days, told_at=told)
            assert not ageing.is_over(now=now)
        if ageing.is_over(now=now):
            assert told is not None
            assert now - told >= WARNED_BEFORE
            assert now >= ageing.used_at + timedelta(days=ageing.days or 0)


@given(used=hours, told=st.none() | hours, now=hours, days=st.none() | st.integers(1, 60))
def test_what_is_said_of_its_end_is_what_happens(
    used: timedelta, told: timedelta | None, now: timedelta, days: int | None
) -> None:
    told_at = None if told is None else START + told
    ageing, moment = Retention(used_at=START + used, days=days, told_at=told_at), START + now
    expires = ageing.expires_at(now=moment)

    assert (expires is None) == (days is None)
    if expires is not None:
        assert expires >= START + used + timedelta(days=days or 0)
        assert ageing.is_over(now=moment) == (ageing.was_told() and expires <= moment)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (10**10, "10.0 GB"), (5 * 10**15, "5000.0 TB")],
)
def test_a_size_is_said_as_people_read_it(count: int, said: str) -> None:
    assert spelt_bytes(count) == said
