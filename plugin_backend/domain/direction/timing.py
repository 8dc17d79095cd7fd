"""Times in a brief: `at three seconds`, `for the first two seconds`, `between 2 and 4 s`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction.reading import Text


class When(StrEnum):
    """What a time says of an event."""

    FROM = "from"
    UNTIL = "until"
    BETWEEN = "between"
    FIRST = "first"
    LAST = "last"
    FOR = "for"


@dataclass(frozen=True, slots=True)
class Timed:
    """A time in the text: seconds, or shares of the shot; `at` and `end` are word indexes."""

    when: When
    first: Fraction
    second: Fraction
    at: int
    end: int
    is_share: bool = False

    def seconds(self, value: Fraction, duration: Fraction) -> Fraction:
        """Seconds within a shot so long; what lies beyond is kept in mind, not cut."""
        return value * duration if self.is_share else value


_NUMBERS: Final = {
    word: Fraction(number)
    for number, words in enumerate(
        (
            "zero", "one a an", "two couple", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve",
        )
    )
    for word in words.split()
} | {"half": Fraction(1, 2)}  # fmt: skip
_N: Final = rf"((?:\d{{1,4}}(?:\.\d{{1,3}})?|(?:{'|'.join(_NUMBERS)})(?=[ -]))(?: and a half)?)(?: of| a)?"
_UNIT: Final = r"[ -]?(?:s|secs?|seconds?)\b"
_DASH: Final = "(?:-|\N{EN DASH}|to|and|until|till|through)"
_PERIOD: Final = r"(?:(?:for|during|in|over|within|across|throughout|only in) )?(?:the |its )"
_NAMED: Final = (
    ("shot", rf"\b{_N}{_UNIT} (?:long )?(?:shot|clip|video|take|film|sequence|loop)\b"),
    ("between", rf"\b(?:from |between |seconds? ){_N}(?:{_UNIT})? ?{_DASH} ?{_N}{_UNIT}"),
    ("between", rf"\b{_N}(?:{_UNIT})? ?(?:-|\N{{EN DASH}}|to) ?{_N}{_UNIT}"),
    ("between", "\\b0?0:(\\d\\d) ?(?:-|\N{EN DASH}|to) ?0?0:(\\d\\d)\\b"),
    ("first", rf"\b{_PERIOD}(?:first|opening) (?:{_N}[ -])?(?:s|secs?|seconds?)\b"),
    ("last", rf"\b{_PERIOD}(?:last|final|closing) (?:{_N}[ -])?(?:s|secs?|seconds?)\b"),
    ("until", rf"\b(?:until|till|up to|before|by) (?:the )?{_N}{_UNIT}(?: mark)?"),
    (
        "from",
        (rf"\b(?:at|from|after|past|starting at|starting from|beginning at|around|@) (?:the |about |around )?"
        rf"{_N}{_UNIT}(?: mark| onwards?)?"),
    ),
    ("from", r"\b(?:at|from|after) 0?0:(\d\d)\b"),
    ("from", rf"\b{_N}{_UNIT} (?:in(?=[,.]|$| the camera)|into the shot|into it|later)\b"),
    ("for", rf"\b(?:for|over|lasting|takes|in|within|during|across)(?: about| around| exactly)? {_N}{_UNIT}"),
    ("for", rf"\b{_N}-second\b"),
    ("for", rf"(?:(?<=\bhold )|(?<=\bholds )|(?<=\bwait )|(?<=\bpause )){_N}{_UNIT}"),
    ("half", r"\b(?:half ?way|midway)(?: through| in)?(?: the (?:shot|clip))?\b"),
    ("half", r"\bin the middle of the (?:shot|clip)\b"),
    ("end", r"\b(?:at|near|towards|toward|by) the (?:very )?(?:end|close)(?: of the (?:shot|clip))?\b"),
    ("start", r"\b(?:at|from) the (?:very )?(?:start|beginning)(?: of the (?:shot|clip))?\b|\binitially\b"),
    (
        "whole",
        r"\b(?:until|to|till) the (?:very )?end\b|\b(?:throughout|the whole time|all the time)\b",
    ),
)  # fmt: skip
_ANY: Final = re.compile(
    r"\d|second|\bsecs?\b|half ?way|midway|the (?:very )?(?:end|close|start|beg)|initially|throughout|whole|"
    r"middle|all the"
)
_HINTS: Final = {
    "first": ("first", "opening"),
    "last": ("last", "final", "closing"),
    "until": ("until", "till", "up to", "before", "by"),
    "half": ("half", "midway", "middle"),
    "end": ("end", "close"),
    "start": ("start", "beginning", "initially"),
    "whole": ("end", "throughout", "whole", "all"),
    "shot": ("shot", "clip", "video", "take", "film", "sequence", "loop"),
}
"""What a part of the text must hold for a pattern to be worth trying."""
_AROUND: Final = 24  # characters that a time's other words may be away
_PATTERNS: Final = tuple((name, re.compile(pattern)) for name, pattern in _NAMED)


def times_in(text: Text) -> tuple[Timed, ...]:
    """Every time that a text names, in order; none overlapping, the more exact wording first."""
    taken: list[tuple[int, int]] = []
    found: list[Timed] = []
    for start, stop in _windows(text.prompt):
        part = text.prompt[start:stop]
        for name, pattern in _PATTERNS:
            if not any(hint in part for hint in _HINTS.get(name, ("",))):
                continue
            for match in pattern.finditer(text.prompt, start, stop):
                if all(match.end() <= first or last <= match.start() for first, last in taken):
                    taken.append(match.span())
                    found += _timed(name, match, text)
    return tuple(sorted(found, key=lambda each: each.at))


def _windows(prompt: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that can name a time at all, from one space to another."""
    start = stop = -1
    for match in _ANY.finditer(prompt):
        begin = prompt.rfind(" ", 0, max(0, match.start() - _AROUND)) + 1
        end = prompt.find(" ", match.end() + _AROUND)
        end = len(prompt) if end < 0 else end
        if begin > stop >= 0:
            yield start, stop
            start = begin
        start = begin if stop < 0 else start
        stop = max(stop, end)
    if stop >= 0:
        yield start, stop


def _timed(name: str, match: re.Match[str], text: Text) -> Iterator[Timed]:
    at, end = text.word_at(match.start()), text.word_at(match.end() - 1) + 1
    numbers = [_number(group) for group in match.groups() if group]
    one = numbers[0] if numbers else Fraction(1)
    if name == "between":
        yield Timed(When.BETWEEN, min(numbers), max(numbers), at, end)
    elif name in _PLAIN:
        yield Timed(_PLAIN[name], one, one, at, end)
    elif name in _SHARES:
        when, first = _SHARES[name]
        yield Timed(when, first, first, at, end, is_share=True)


_PLAIN: Final = {
    "first": When.FIRST,
    "last": When.LAST,
    "until": When.UNTIL,
    "from": When.FROM,
    "for": When.FOR,
}
_SHARES: Final = {
    "half": (When.FROM, Fraction(1, 2)),
    "end": (When.FROM, Fraction(3, 4)),
    "start": (When.FROM, Fraction(0)),
}


def _number(word: str) -> Fraction:
    whole, half, _ = word.partition(" and a half")
    number = _NUMBERS[whole] if whole in _NUMBERS else Fraction(whole)
    return number + Fraction(1, 2) if half else number
