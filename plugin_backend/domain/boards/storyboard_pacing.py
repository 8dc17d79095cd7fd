"""How long a sentence of a script lasts on screen: as it says, else by its words and their pace."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

SHORTEST: Final = Fraction(2)
_WORDS_PER_SECOND: Final = Fraction(5, 2)
_STEP: Final = Fraction(1, 2)
_AROUND: Final = 24  # characters that are looked at about a number or the end of a sentence

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_BOUNDARY: Final = re.compile(r"(?<=[.!?\u2026])[\"'\u201d\u2019)\]]*\s+|(?<=[\u3002\uff01\uff1f])\s*")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|etc|approx|No|a\.m|p\.m|e\.g|i\.e)|\b[A-Z])\.$", re.IGNORECASE
)
_SAID: Final = re.compile(
    r"(?<![\w.,])(?P<count>\d{1,3}(?:\.\d{1,3})?)(?:\s*-\s*|\s*)(?:s|sec|secs|second|seconds)\b",
    re.IGNORECASE,
)
_ONLY: Final = re.compile(rf"[\[(]?\s*{_SAID.pattern}\s*[\])]?[.]?", re.IGNORECASE)
_MOMENT: Final = re.compile(
    r"\b(?:at|after|from|until|till|before|by|to|within)\s+(?:about\s+)?$", re.IGNORECASE
)

_SLOW: Final = frozenset(
    {"slow", "slowly", "linger", "lingers", "lingering", "gentle", "gently", "long", "holds"}
)
_FAST: Final = frozenset(
    {"fast", "quick", "quickly", "sudden", "suddenly", "whip", "flash", "snaps", "instantly"}
)


@dataclass(frozen=True, slots=True)
class PacedSentence:
    """A sentence and its seconds."""

    text: str
    seconds: Fraction


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences, with nothing between them lost but space; `Mr. Hall` does not end one."""
    found: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        sentence = text[start : boundary.end()].strip()
        if _ABBREVIATED.search(sentence[-_AROUND:]):
            continue
        found.append(sentence)
        start = boundary.end()
    found.append(text[start:].strip())
    return tuple(each for each in found if each)


def paced(sentences: tuple[str, ...]) -> tuple[PacedSentence, ...]:
    """Each with its seconds; a last one such as `(4s)` says them of all together."""
    if len(sentences) > 1 and _ONLY.fullmatch(sentences[-1]):
        return (PacedSentence(" ".join(sentences), seconds_of(sentences[-1])),)
    return tuple(PacedSentence(each, seconds_of(each)) for each in sentences)


def seconds_of(sentence: str) -> Fraction:
    """As long as it says (`for 4 seconds`, `(4s)`), else by its words, in half seconds."""
    said = [Fraction(each["count"]) for each in _SAID.finditer(sentence) if not _is_moment(sentence, each)]
    if any(said):
        return sum(said, Fraction(0))
    words = [word.lower() for word in _WORD.findall(sentence)]
    length = len(words) / _WORDS_PER_SECOND * _pace(words)
    return max(SHORTEST, math.ceil(length / _STEP) * _STEP)


def _is_moment(sentence: str, found: re.Match[str]) -> bool:
    """`at 3 seconds` is when, not how long."""
    before = sentence[max(0, found.start() - _AROUND) : found.start()]
    return _MOMENT.search(before) is not None


def _pace(words: list[str]) -> Fraction:
    slow, fast = (any(word in pace for word in words) for pace in (_SLOW, _FAST))
    return Fraction(3, 2) if slow and not fast else Fraction(2, 3) if fast and not slow else Fraction(1)
