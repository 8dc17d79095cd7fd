"""A clip's figures over time, thinned out where it is long, and the runs of frames that stand out."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.parts import later_starts
from worker.media.course import Course, departures
from worker.media.loudness import HOP_SECONDS

POINTS: Final = 480  # at most so many a curve
_RUNS: Final = 50  # at most so many told; all are counted
_FLICKER_CODES: Final = 3.0
_FROZEN_SECONDS: Final = 0.25  # what stands still for less is a frame shown twice
_STOPS_DIGITS: Final = 3


def over_time(course: Course, plan: ConformPlan) -> dict[str, Any]:
    """Curves of one value for every `step_frames` frames."""
    moments, rate = course.moments, float(plan.frame_rate.fraction)
    step = step_frames(len(moments))
    flicker = _flicker(course, plan)

    def thin(values: Iterable[float], way: Callable[[Sequence[float]], float]) -> list[float]:
        return thinned(list(values), step=step, way=way)

    return {
        "step_frames": step,
        "luminance_stops": {
            "mean": thin((each.mean_stops for each in moments), _mean),
            "p1": thin((each.low_stops for each in moments), min),
            "p99": thin((each.high_stops for each in moments), max),
            "peak": thin((each.peak_stops for each in moments), max),
        },
        "brightness_codes": thin((each.brightness for each in moments), _mean),
        "motion_widths_per_second": thin((each.speed * rate for each in moments), max),
        "flicker_codes": thin(flicker, max),
        "inside_rec709": thin((each.in_rec709 for each in moments), min),
        "inside_p3_d65": thin((each.in_p3 for each in moments), min),
    }


def loudness_over_time(momentary: Sequence[float]) -> dict[str, Any]:
    """Blocks of 400 ms, the loudest of each step."""
    step = max(1, step_frames(len(momentary)))
    return {
        "step_seconds": round(step * HOP_SECONDS, 3),
        "momentary_lufs": thinned(momentary, step=step, way=max),
    }


def step_frames(count: int) -> int:
    """How many frames a point of a curve stands for."""
    return math.ceil(count / POINTS)


def thinned(values: Sequence[float], *, step: int, way: Callable[[Sequence[float]], float]) -> list[float]:
    """One value for every `step`, which is the worst of them where a worst is looked for."""
    groups = (values[start : start + step] for start in range(0, len(values), step))
    return [round(float(way(group)), _STOPS_DIGITS) for group in groups]


def noticed(course: Course, plan: ConformPlan) -> dict[str, Any]:
    """Black, frozen, repeated and flickering frames and cuts: how many, and where by their timecode."""
    moments = course.moments
    starts = later_starts(plan.runs)
    begins = [i in starts for i in range(len(moments))]
    black = [bool(each.black) for each in moments]
    repeats = [bool(each.repeats) and not black[i] and not begins[i] for i, each in enumerate(moments)]
    by_retiming = [i > 0 and plan.source_mix(i) == plan.source_mix(i - 1) for i in range(len(moments))]
    frozen = _frozen(repeats, by_retiming, plan)
    doubled = [repeats[i] and not by_retiming[i] and not frozen[i] for i in range(len(moments))]
    flags = {
        "black": black,
        "frozen": frozen,
        "duplicate": doubled,
        "flicker": [value > _FLICKER_CODES for value in _flicker(course, plan)],
        "cut": [bool(each.cuts) and not begins[i] for i, each in enumerate(moments)],
    }
    told: Mapping[str, Any] = {name: _told(each, plan, begins=begins) for name, each in flags.items()}
    return {**told, "repeated_by_retiming": {"count": sum(by_retiming), "runs": []}}


def _flicker(course: Course, plan: ConformPlan) -> list[float]:
    """Where a list goes on elsewhere is as a cut."""
    starts = later_starts(plan.runs)
    cuts = [float(bool(each.cuts) or i in starts) for i, each in enumerate(course.moments)]
    return departures([each.brightness for each in course.moments], cuts)


def _frozen(repeats: Sequence[bool], by_retiming: Sequence[bool], plan: ConformPlan) -> list[bool]:
    """The frames of a picture that stands still for long, and not because its retiming shows it so often."""
    least = math.ceil(_FROZEN_SECONDS * float(plan.frame_rate.fraction))
    found = [False] * len(repeats)
    for first, last in _runs(repeats):
        stands_itself = any(not by_retiming[i] for i in range(first, last + 1))
        if stands_itself and last - first + 2 >= least:
            found[first : last + 1] = [True] * (last - first + 1)
    return found


def _told(flags: Sequence[bool], plan: ConformPlan, *, begins: Sequence[bool]) -> dict[str, Any]:
    runs = _runs(flags, begins)
    return {
        "count": sum(flags),
        "runs": [
            {
                "first": first,
                "last": last,
                "from": str(plan.timecode(first)),
                "to": str(plan.timecode(last)),
            }
            for first, last in runs[:_RUNS]
        ],
    }


def _runs(flags: Sequence[bool], begins: Sequence[bool] | None = None) -> list[tuple[int, int]]:
    """First and last of those that follow each other; where the list goes on elsewhere, a new one begins."""
    found: list[tuple[int, int]] = []
    for i, flag in enumerate(flags):
        if flag and found and found[-1][1] == i - 1 and not (begins and begins[i]):
            found[-1] = (found[-1][0], i)
        elif flag:
            found.append((i, i))
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
