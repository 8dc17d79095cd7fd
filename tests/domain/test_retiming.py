"""Which source frames a delivered frame is made of, in exact arithmetic."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from plugin_backend.domain.delivering.retiming import (
    Mix,
    RateMethod,
    Retime,
    choose_method,
    mix_of,
    nearest_frame,
)
from plugin_backend.domain.sequence import SUPPORTED_RATES, FrameRate

RATES = some.sampled_from([FrameRate(rate) for rate in SUPPORTED_RATES])
FOUND = some.fractions(min_value=Fraction(6), max_value=Fraction(120), max_denominator=1001)


def test_twice_the_rate_lies_a_quarter_and_three_quarters_of_the_way() -> None:
    found = [
        mix_of(frame, source_rate=Fraction(24), source_count=3, rate=FrameRate.parse("48"))
        for frame in range(6)
    ]

    quarter, three = Fraction(1, 4), Fraction(3, 4)
    held = Fraction(0)
    assert found == [
        Mix(0, 0, held),
        Mix(0, 1, quarter),
        Mix(0, 1, three),
        Mix(1, 2, quarter),
        Mix(1, 2, three),
        Mix(2, 2, held),
    ]


@given(rate=RATES, found=FOUND, count=some.integers(1, 40))
def test_time_never_runs_back_and_every_moment_lies_between_its_frames(
    rate: FrameRate, found: Fraction, count: int
) -> None:
    frames = int(count / found * rate.fraction)
    mixes = [mix_of(frame, source_rate=found, source_count=count, rate=rate) for frame in range(frames)]

    moments = [mix.before + mix.share for mix in mixes]
    assert moments == sorted(moments)
    for frame, mix in enumerate(mixes):
        assert 0 <= mix.before <= mix.after <= count - 1
        assert 0 <= mix.share < 1
        assert mix.share == 0 or mix.after == mix.before + 1
        place = (frame + Fraction(1, 2)) / rate.fraction * found - Fraction(1, 2)
        assert mix.before + mix.share == min(max(place, 0), count - 1)


@given(rate=RATES, found=FOUND, count=some.integers(1, 40))
def test_the_frame_shown_most_is_the_one_on_screen(rate: FrameRate, found: Fraction, count: int) -> None:
    for frame in range(int(count / found * rate.fraction)):
        mix = mix_of(frame, source_rate=found, source_count=count, rate=rate)
        assert mix.nearest == nearest_frame(frame, source_rate=found, source_count=count, rate=rate)


def test_frames_are_made_up_only_where_that_is_asked_for_and_needed() -> None:
    def method(wanted: Retime, rate: str) -> RateMethod:
        count = 96 if rate == "48" else 48
        return choose_method(
            wanted,
            source_rate=Fraction(24),
            source_count=48,
            rate=FrameRate.parse(rate),
            frame_count=count,
        )[0]

    assert [method(wanted, "24") for wanted in Retime] == [RateMethod.EXACT] * 4
    assert [method(wanted, "24000/1001") for wanted in Retime] == [RateMethod.RELABEL] * 4
    assert [method(wanted, "48") for wanted in Retime] == [
        RateMethod.NEAREST,
        RateMethod.NEAREST,
        RateMethod.BLEND,
        RateMethod.FLOW,
    ]
