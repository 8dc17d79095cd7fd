"""Terms that a workspace blocks, found as whole words however they are dressed up.

Case, width and compatibility forms (NFKC), invisible characters, punctuation and spaces between the letters
do not hide a word. What is written without spaces (Chinese, Japanese, Thai and others) has no whole words:
there a term is found anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from plugin_backend.domain.errors import FieldProblem

_IGNORABLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SPACELESS: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_ASCII_WORD: Final = re.compile("[a-z0-9]+")
_SPELT_OUT: Final = 3
"""Terms of so many letters and more are found in single letters too: `g u n`."""


@dataclass(frozen=True, slots=True)
class _Needles:
    """Terms by how they are looked for; most are one word."""

    single: Mapping[str, str]
    phrases: Mapping[str, str]
    spaceless: Mapping[str, str]
    long: Mapping[str, str]


def blocked_in(text: str, terms: tuple[str, ...]) -> str | None:
    """One of the terms that a text contains, as the workspace wrote it."""
    words = words_of(text) if terms else []
    if not words:
        return None
    needles, spelt = _needles(terms), " ".join(_spelt_out(words))
    return (
        next((needles.single[word] for word in words if word in needles.single), None)
        or _within(f" {' '.join(words)} ", needles.phrases)
        or _within("".join(words), needles.spaceless)
        or (_within(spelt, needles.long) if spelt else None)
    )


def blocked_problems(said: Iterable[tuple[str, str]], terms: tuple[str, ...]) -> Iterator[FieldProblem]:
    """Which texts, each with its JSON pointer, contain what a workspace blocks."""
    for pointer, text in said:
        term = blocked_in(text, terms)
        if term is not None:
            detail = f"Your workspace does not allow “{term}”; say it without, or ask an admin of it."
            yield FieldProblem(pointer, detail)


def words_of(text: str) -> list[str]:
    """A text's words, folded to one spelling."""
    if text.isascii():  # most are, and nothing in them is folded but the case
        return _ASCII_WORD.findall(text.lower())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = (each for each in folded if unicodedata.category(each) != "Cf")
    visible = _IGNORABLE.sub("", "".join(seen))
    return "".join(each if unicodedata.category(each)[0] in "LNM" else " " for each in visible).split()


@lru_cache(maxsize=256)
def _needles(terms: tuple[str, ...]) -> _Needles:
    folded = [(term, words_of(term)) for term in terms]
    letters = {"".join(words): term for term, words in folded if words}
    return _Needles(
        single={words[0]: term for term, words in folded if len(words) == 1},
        phrases={f" {' '.join(words)} ": term for term, words in folded if len(words) > 1},
        spaceless={packed: term for packed, term in letters.items() if _SPACELESS.search(packed)},
        long={packed: term for packed, term in letters.items() if len(packed) >= _SPELT_OUT},
    )


def _within(text: str, sought: Mapping[str, str]) -> str | None:
    return next((term for each, term in sought.items() if each in text), None)


def _spelt_out(words: list[str]) -> Iterator[str]:
    """What stands there in single letters, each run of them as one word."""
    for is_letter, run in groupby(words, key=lambda word: len(word) == 1):
        if is_letter:
            yield "".join(run)
