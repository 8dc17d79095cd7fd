"""A whole day of timecode at every rate, beside a definition that only counts."""

from fractions import Fraction

import pytest

from plugin_backend.domain.sequence import FrameRate, Timecode
from tests.domain.timecode_definition import COUNTINGS, Counting, day, is_wrong

STRIDE = 997  # `python -m bench.timecode` looks at every frame


@pytest.mark.slow
@pytest.mark.parametrize("counting", COUNTINGS, ids=str)
def test_a_day_is_counted_as_it_is_defined(counting: Counting) -> None:
    rate = FrameRate.parse(counting.rate)
    count, minute = 0, ""
    for number, label in enumerate(day(counting)):
        count += 1
        if label[:5] != minute or number % STRIDE == 0:
            minute = label[:5]
            assert not is_wrong(counting, rate, number, label), label
    last = Timecode(count - 1, rate, bool(counting.dropped))
    assert (last + 1).frames == 0


@pytest.mark.parametrize("counting", [each for each in COUNTINGS if each.dropped], ids=str)
def test_drop_frame_keeps_to_the_clock(counting: Counting) -> None:
    """What it is for: a day of its labels is a day of real time to within three frames."""
    rate = FrameRate.parse(counting.rate)
    count = sum(1 for _ in day(counting))
    assert abs(count - 86_400 * rate.fraction) < Fraction(6)
