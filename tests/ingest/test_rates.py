"""The frame rate and count that time stamps prove, whatever a container counts in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.sequence import SUPPORTED_RATES
from worker.media.ingest.rates import pace_of
from worker.media.sources.steady import Clock, on_screen

rates = st.sampled_from([*SUPPORTED_RATES, *(Fraction(n) for n in (8, 12, 15, 16, 20)), Fraction(25, 2)])


def stamped(rate: Fraction, count: int, *, tick: Fraction, first: Fraction = Fraction(0)) -> list[Fraction]:
    """Moments as a container with this tick would round them."""
    return [round((first + number / rate) / tick) * tick for number in range(count)]


@given(rates, st.integers(1, 400), st.fractions(-2, 2, max_denominator=1000))
def test_exact_stamps_give_the_exact_rate_and_count(rate: Fraction, count: int, first: Fraction) -> None:
    tick = 1 / (rate.numerator * 1000 * Fraction(first.denominator))
    pace = pace_of(stamped(rate, count, tick=tick, first=first), tick=tick, last_lasts=1 / rate)
    assert (pace.rate, pace.frame_count, pace.first, pace.is_even) == (rate, count, first, True)


@given(rates, st.integers(120, 400), st.sampled_from([1000, 12800, 16000, 90000]))
def test_rounded_stamps_give_the_exact_rate_all_the_same(rate: Fraction, count: int, ticks: int) -> None:
    tick = Fraction(1, ticks)
    pace = pace_of(stamped(rate, count, tick=tick), tick=tick, last_lasts=1 / rate)
    assert (pace.rate, pace.frame_count, pace.is_even) == (rate, count, True)


@given(rates, st.integers(2, 30))
def test_a_few_rounded_stamps_give_a_rate_that_explains_them(rate: Fraction, count: int) -> None:
    tick = Fraction(1, 1000)
    shown = stamped(rate, count, tick=tick)
    pace = pace_of(shown, tick=tick)
    assert pace.frame_count == count
    for number, moment in enumerate(shown):
        assert abs(moment - number / pace.rate) <= tick


@given(rates, st.integers(30, 200), st.data())
def test_frames_left_out_are_held_and_counted(rate: Fraction, count: int, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(1, count - 2), min_size=1, max_size=count // 4))
    tick = 1 / (rate.numerator * Fraction(1000))
    kept = [number for number in range(count) if number not in gone]
    shown = [number / rate for number in kept]
    pace = pace_of(shown, tick=tick, last_lasts=1 / rate)
    assert (pace.rate, pace.frame_count, pace.is_even) == (rate, count, False)
    seen = on_screen(zip(shown, kept, strict=True), range(count), clock=Clock(pace.first, pace.rate))
    assert [frame for _, frame in seen] == [max(n for n in kept if n <= number) for number in range(count)]


@given(rates, st.integers(2, 200), st.data())
def test_every_even_frame_is_on_screen_once_however_its_stamp_was_rounded(
    rate: Fraction, count: int, data: st.DataObject
) -> None:
    tick = Fraction(1, 1000)
    shown = stamped(rate, count, tick=tick)
    wanted = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    frames = on_screen(zip(shown, range(count), strict=True), wanted, clock=Clock(shown[0], rate))
    assert [frame for _, frame in frames] == wanted


def test_a_single_frame_runs_as_long_as_it_lasts_or_at_24() -> None:
    assert pace_of([Fraction(1)], tick=Fraction(1, 1000), last_lasts=Fraction(1, 30)).rate == 30
    assert pace_of([Fraction(1)], tick=Fraction(1, 1000)).rate == 24


@pytest.mark.parametrize(("nominal", "count"), [("24", 24 * 8), ("30", 30 * 8), ("60", 60 * 8)])
def test_a_whole_rate_is_told_from_its_thousandth_slower_one(nominal: str, count: int) -> None:
    for rate in (Fraction(nominal), Fraction(nominal) * 1000 / 1001):
        tick = Fraction(1, 1000)
        assert pace_of(stamped(rate, count, tick=tick), tick=tick).rate == rate


def test_a_movie_without_a_frame_has_nothing_on_screen() -> None:
    with pytest.raises(ValueError, match="no frame"):
        list(on_screen([], [0], clock=Clock(Fraction(0), Fraction(24))))
