"""A take's verdict is a sentence that an editor reads without stumbling."""

import pytest

from worker.verdicts import verdict_of


@pytest.mark.parametrize(
    ("measures", "verdict"),
    [
        ({"frozen_frame_count": 1}, "Has 1 frozen frame."),
        (
            {"black_frame_count": 2, "frozen_frame_count": 0, "cut_count": 1},
            "Has 2 black frames, 1 cut.",
        ),
        (
            {"luminance_peak_stops": -0.5, "motion_mean_widths_per_second": 0.125},
            "Clean: moves 0.12 picture widths a second, peaks 0.5 stops under white.",
        ),
    ],
)
def test_faults_are_counted_as_one_counts_them(measures: dict[str, float], verdict: str) -> None:
    assert verdict_of(measures) == verdict
