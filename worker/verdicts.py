"""One sentence about a take, from its measures alone."""

from collections.abc import Mapping
from typing import Any


def verdict_of(measures: Mapping[str, Any]) -> str:
    """What an editor would want to know first: faults if there are any, else how it looks and moves."""
    faults = [
        f"{measures[name]} {one if measures[name] == 1 else f'{one}s'}"
        for name, one in (
            ("black_frame_count", "black frame"),
            ("frozen_frame_count", "frozen frame"),
            ("cut_count", "cut"),
        )
        if measures.get(name)
    ]
    if faults:
        return f"Has {', '.join(faults)}."
    peak = measures["luminance_peak_stops"]
    speed = measures["motion_mean_widths_per_second"]
    side = "over" if peak >= 0 else "under"
    return f"Clean: moves {speed:.2f} picture widths a second, peaks {abs(peak):.1f} stops {side} white."
