"""Charts as plain geometry: bars by day in layers, and bars in a row; the page draws them as SVG."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 960
HEIGHT: Final = 240
_LEFT: Final = 56
_FOOT: Final = 28
_HEAD: Final = 12
_GAP: Final = 0.22
LOOKS: Final = 6
"""Looks that are told apart; what comes after the fifth is drawn as one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    look: int
    said: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label with its place."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything there is to draw."""

    title: str
    said: str
    bars: tuple[Bar, ...]
    up: tuple[Tick, ...]
    along: tuple[Tick, ...]
    legend: tuple[tuple[int, str], ...]
    width: int = WIDTH
    height: int = HEIGHT


def by_day(
    title: str,
    days: Sequence[str],
    layers: Mapping[str, Mapping[str, int]],
    *,
    unit: str,
    order: Sequence[str],
) -> Chart:
    """Bars for each day, one layer on the other: `layers` is what each name came to on which day.

    Names keep their look from chart to chart of one order.
    """
    names = _few(layers, order)
    totals = {day: sum(layer.get(day, 0) for layer in layers.values()) for day in days}
    top = _round_up(max(totals.values(), default=0))
    step = (WIDTH - _LEFT) / max(1, len(days))
    bars = tuple(
        bar
        for column, day in enumerate(days)
        for bar in _column(day, names, left=_LEFT + (column + _GAP / 2) * step, step=step, top=top, unit=unit)
    )
    every = max(1, -(-len(days) // 8))
    along = tuple(
        Tick(_r(_LEFT + (column + 0.5) * step), HEIGHT - 8, day[5:])
        for column, day in enumerate(days)
        if column % every == 0
    )
    busiest = max(totals, key=lambda day: totals[day], default="")
    said = (
        f"{sum(totals.values()):,} {unit} in {len(days)} days; most on {busiest}: {totals.get(busiest, 0):,}."
    )
    return Chart(title, said, bars, _ticks(top), along, tuple(enumerate(names)))


def _column(
    day: str, names: Mapping[str, Mapping[str, int]], *, left: float, step: float, top: int, unit: str
) -> Iterator[Bar]:
    """The bars of one day, from the foot up."""
    foot, width = 0, step * (1 - _GAP)
    for look, (name, values) in enumerate(names.items()):
        count = values.get(day, 0)
        if count:
            height = _high(foot + count, top) - _high(foot, top)
            y = HEIGHT - _FOOT - _high(foot + count, top)
            yield Bar(_r(left), _r(y), _r(width), _r(height), look, f"{day}, {name}: {count:,} {unit}")
            foot += count


def largest_first(layers: Mapping[str, Mapping[str, int]]) -> Sequence[str]:
    """Names by what they came to."""
    return sorted(layers, key=lambda name: (-sum(layers[name].values()), name))


def _few(layers: Mapping[str, Mapping[str, int]], order: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """The first by themselves, the rest together."""
    kept = {name: layers[name] for name in order[: LOOKS - 1]}
    rest: dict[str, int] = {}
    for name in order[LOOKS - 1 :]:
        for day, count in layers[name].items():
            rest[day] = rest.get(day, 0) + count
    return {**kept, "others": rest} if rest else kept


def _ticks(top: int) -> tuple[Tick, ...]:
    values = sorted({0, top // 2, top})
    return tuple(Tick(_LEFT - 8, _r(HEIGHT - _FOOT - _high(value, top)), f"{value:,}") for value in values)


def _high(value: int, top: int) -> float:
    return (HEIGHT - _FOOT - _HEAD) * value / top


def _round_up(value: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 and so on."""
    top = 2
    while top < value:
        top = top * 5 // 2 if str(top).startswith("4") else top * 2
    return top


def _r(value: float) -> float:
    return round(value, 2)
