"""Timecode as SMPTE ST 12-1 defines it, by counting: a day's labels in order, and which are left out."""

from collections.abc import Iterator
from dataclasses import dataclass

from plugin_backend.domain.sequence import FrameRate, Timecode


@dataclass(frozen=True, slots=True)
class Counting:
    """A rate as the contract spells it, how many frames a second has labels for, and how many are dropped."""

    rate: str
    labels: int
    dropped: int = 0

    def __str__(self) -> str:
        return f"{self.rate}{' drop-frame' if self.dropped else ''}"


COUNTINGS = (
    Counting("24000/1001", 24),
    Counting("24", 24),
    Counting("25", 25),
    Counting("30000/1001", 30),
    Counting("30000/1001", 30, dropped=2),
    Counting("30", 30),
    Counting("48", 48),
    Counting("50", 50),
    Counting("60000/1001", 60),
    Counting("60000/1001", 60, dropped=4),
    Counting("60", 60),
)


def day(counting: Counting) -> Iterator[str]:
    """Every frame's label from midnight to midnight: drop-frame leaves out the first of most minutes."""
    mark = ";" if counting.dropped else ":"
    whole = [f"{second:02}{mark}{frame:02}" for second in range(60) for frame in range(counting.labels)]
    short = whole[counting.dropped :]
    for hour in range(24):
        for minute in range(60):
            keeps_all = minute in (0, 10, 20, 30, 40, 50)
            start = f"{hour:02}:{minute:02}:"
            for ending in whole if keeps_all else short:
                yield start + ending


def is_wrong(counting: Counting, rate: FrameRate, number: int, label: str) -> bool:
    """Whether our own counting says otherwise, either way."""
    ours = Timecode(number, rate, bool(counting.dropped))
    return str(ours) != label or Timecode.parse(label, rate=rate) != ours
