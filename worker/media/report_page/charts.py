"""Curves as SVG paths in a frame of 1,000 by 100, with the labels that stand around it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 1000
HEIGHT: Final = 100
_SILENCE: Final = -70
_LOWEST_LIGHT: Final = 0.01  # cd/m2: what is darker stands at the foot of its chart


@dataclass(frozen=True, slots=True)
class Tick:
    """A label beside a chart: how far down, or along, in per cent."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line, or the band between two, by the name of its look in the page's style."""

    name: str
    look: str
    path: str
    is_band: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture of curves over the clip."""

    key: str
    title: str
    unit: str
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]
    said: str
    """What it shows, in words: for those who hear the page."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a value's height is: 0 at the foot, 1 at the head."""

    low: float
    high: float
    is_log: bool = False

    def down(self, value: float) -> float:
        """How far below the head, in the frame's own units."""
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, self.low))
        return round(HEIGHT * (1 - min(1.0, max(0.0, (value - low) / (high - low)))), 2)


def light_chart(stops: Mapping[str, Sequence[float]]) -> Chart:
    """Luminance over time, in stops over diffuse white."""
    low, high = math.floor(min(stops["p1"])), math.ceil(max(stops["peak"]))
    scale = Scale(low, max(high, low + 1))
    step = 1 if scale.high - scale.low <= 8 else 2 if scale.high - scale.low <= 16 else 4
    values = range(low - low % step, int(scale.high) + 1, step)
    ticks = tuple(
        Tick(scale.down(value), f"{value:+d}" if value else "0") for value in values if value >= low
    )
    curves = (
        Curve(
            "darkest to brightest hundredth", "band", _band(stops["p1"], stops["p99"], scale), is_band=True
        ),
        Curve("mean", "mean", _line(stops["mean"], scale)),
        Curve("brightest pixel", "peak", _line(stops["peak"], scale)),
    )
    mean = sum(stops["mean"]) / len(stops["mean"])
    said = (
        f"The mean is {mean:+.1f} stops over diffuse white; the brightest pixel reaches "
        f"{max(stops['peak']):+.1f} stops, the darkest hundredth {min(stops['p1']):+.1f}."
    )
    return Chart("luminance", "Luminance", "stops over diffuse white", curves, ticks, said)


def nits_chart(light: Mapping[str, Any]) -> Chart:
    """The brightest pixel and the average of every frame, in cd/m2."""
    peaks, averages = light["max_cd_m2"], light["average_cd_m2"]
    low = 10.0 ** math.floor(math.log10(max(_LOWEST_LIGHT, min(averages))))
    high = 10.0 ** math.ceil(math.log10(max(1.0, *peaks)))
    scale = Scale(low, max(high, low * 10), is_log=True)
    decades = range(round(math.log10(scale.low)), round(math.log10(scale.high)) + 1)
    ticks = tuple(Tick(scale.down(10.0**power), f"{10.0**power:,.10g}") for power in decades)
    curves = (
        Curve("brightest pixel", "peak", _line(peaks, scale)),
        Curve("frame average", "mean", _line(averages, scale)),
    )
    said = f"MaxCLL {light['max_cll']} cd/m2, MaxFALL {light['max_fall']} cd/m2."
    return Chart("light", "Light levels", "cd/m2", curves, ticks, said)


def plain_chart(key: str, values: Sequence[float], *, title: str, unit: str, least: float) -> Chart:
    """One curve from 0 up, its chart at least so high."""
    high = _round_up(max([least, *values]))
    scale = Scale(0, high)
    ticks = tuple(Tick(scale.down(high * part / 2), f"{high * part / 2:g}") for part in range(3))
    mean = sum(values) / len(values)
    said = f"{mean:.3g} on average, {max(values):.3g} at most."
    return Chart(key, title, unit, (Curve(title.lower(), "mean", _line(values, scale)),), ticks, said)


def loudness_chart(momentary: Sequence[float], *, whole: float | None) -> Chart:
    """How loud the sound is over time, from silence at the foot."""
    scale = Scale(_SILENCE, 0)
    ticks = tuple(Tick(scale.down(value), str(value)) for value in (-60, -40, -23, 0))
    loudest = f"{max(momentary):.1f} LUFS at its loudest"
    said = "Silent." if whole is None else f"{whole:.1f} LUFS in all, {loudest}."
    curves = (Curve("of 400 ms each", "mean", _line(momentary, scale)),)
    return Chart("loudness", "Loudness", "LUFS", curves, ticks, said)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 and so on."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def _line(values: Sequence[float], scale: Scale) -> str:
    points = [f"{x:g} {scale.down(value):g}" for x, value in _along(values)]
    return "M" + " L".join(points)


def _band(lower: Sequence[float], upper: Sequence[float], scale: Scale) -> str:
    there = [f"{x:g} {scale.down(value):g}" for x, value in _along(upper)]
    back = [f"{x:g} {scale.down(value):g}" for x, value in reversed(_along(lower))]
    return "M" + " L".join([*there, *back]) + " Z"


def _along(values: Sequence[float]) -> list[tuple[float, float]]:
    """Each value where its frames begin, the last one held to the clip's end."""
    held = [*values, values[-1]]
    return [(round(WIDTH * i / len(values), 1), value) for i, value in enumerate(held)]
