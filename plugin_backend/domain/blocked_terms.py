"""Terms that a workspace blocks, found as whole words however they are dressed up.

Case, width and compatibility forms (NFKC), invisible characters, punctuation and spaces between the letters
do not hide a word. What is written without spaces (Chinese, Japanese, Thai and others) has no whole words:
there a term is found anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
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
class _Needle:
    term: str
    words: str
    letters: str
    is_spaceless: bool


def blocked_in(text: str, terms: tuple[str, ...]) -> str | None:
    """The first of the terms that a text contains, as the workspace wrote it."""
    if not terms or not text:
        return None
    words = words_of(text)
    joined, packed, spelt = f" {' '.join(words)} ", "".join(words), " ".join(_spelt_out(words))
    for needle in _needles(terms):
        if needle.words in joined or (needle.is_spaceless and needle.letters in packed):
            return needle.term
        if spelt and len(needle.letters) >= _SPELT_OUT and needle.letters in spelt:
            return needle.term
    return None


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
def _needles(terms: tuple[str, ...]) -> tuple[_Needle, ...]:
    folded = ((term, words_of(term)) for term in terms)
    return tuple(
        _Needle(term, f" {' '.join(words)} ", letters, _SPACELESS.search(letters) is not None)
        for term, words in folded
        if (letters := "".join(words))
    )


def _spelt_out(words: list[str]) -> Iterator[str]:
    """What stands there in single letters, each run of them as one word."""
    for is_letter, run in groupby(words, key=lambda word: len(word) == 1):
        if is_letter:
            yield "".join(run)
