"""Terms that a workspace blocks, found as whole words however they are dressed up.

Case, width, accents and compatibility forms, invisible characters, and punctuation or line breaks between the
letters do not hide a word. What is written without spaces (Chinese, Japanese, Thai and others) has no whole
words: there a term is found anywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final, Self

from plugin_backend.domain.errors import FieldProblem

_IGNORABLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SPACELESS: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_CLIPPED: Final = re.compile(
    '(?<![^\\s("“«])(?:'
    "(i|you|s?he|it|we|they|that|there|who|what)['\u2019](?=(?:ll|d|ve|re|m|s)\\b)"
    "|([cdjlmnst]|qu)['\u2019](?=[aeiouyh]))"
)
"""Apostrophes that spell two words, `he'll` and `l'arme`: what stands on both sides is not one word."""

_FIRST_MARKED: Final = "\u0900"
"""From here on are the scripts whose marks are letters; those before it are read without."""

_GLUE: Final = "-"
_ASCII: Final = {
    code: each.lower() if each.isalnum() else " " if each == " " else _GLUE
    for code, each in enumerate(map(chr, range(128)))
}
_SPELT_OUT: Final = 3
"""Terms of so many letters and more are found in single letters too: `g u n`."""


@dataclass(frozen=True, slots=True)
class _Letters:
    """A text's letters without anything between them, and where in them its words begin.

    `edges` are where a piece begins or the last one ends; only at `gaps` did whitespace stand before it.
    """

    packed: str
    edges: frozenset[int]
    gaps: frozenset[int]

    @classmethod
    def of(cls, plain: str) -> Self:
        """Those of a plain text."""
        words = [[piece for piece in word.split(_GLUE) if piece] for word in plain.split()]
        pieces = [piece for word in words for piece in word]
        gaps = accumulate((sum(map(len, word)) for word in words), initial=0)
        edges = accumulate(map(len, pieces), initial=0)
        return cls("".join(pieces), frozenset(edges), frozenset(gaps))

    def has(self, term: "_Letters") -> bool:
        """Whether the term stands here as whole words; anywhere, where words have no spaces."""
        if _SPACELESS.search(term.packed):
            return term.packed in self.packed
        return any(self._has_at(start, term) for start in _places(term.packed, self.packed))

    def _has_at(self, start: int, term: "_Letters") -> bool:
        length = len(term.packed)
        inside = range(start + 1, start + length)
        if not {start, start + length} <= self.edges:
            return False
        if length >= _SPELT_OUT and self.edges.issuperset(inside):
            return True
        apart = {start + each for each in term.edges}
        return apart <= self.edges and self.gaps.intersection(inside) <= apart


def blocked_in(text: str, terms: tuple[str, ...]) -> str | None:
    """One of the terms that a text contains, as the workspace wrote it."""
    if not terms:
        return None
    plain = _plain(text)
    packed = plain.replace(" ", "").replace(_GLUE, "")
    near = [(term, letters) for term, letters in _needles(terms) if letters.packed in packed]
    if not near:  # as good as always: where its words begin is worked out for what may be there only
        return None
    said = _Letters.of(plain)
    return next((term for term, letters in near if said.has(letters)), None)


def blocked_problems(said: Iterable[tuple[str, str]], terms: tuple[str, ...]) -> Iterator[FieldProblem]:
    """Which texts, each with its JSON pointer, contain what a workspace blocks."""
    for pointer, text in said:
        term = blocked_in(text, terms)
        if term is not None:
            detail = f"Your workspace does not allow “{term}”; say it without, or ask an admin of it."
            yield FieldProblem(pointer, detail)


def words_of(text: str) -> list[str]:
    """A text's words, folded to one spelling."""
    return _plain(text).replace(_GLUE, " ").split()


def _plain(text: str) -> str:
    """Letters and digits in one spelling, spaces, and the glue sign for all else that can be seen."""
    text = _CLIPPED.sub(_apart, text.lower())
    if text.isascii():  # most are, and nothing in them is folded but the case
        return text.translate(_ASCII)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(_undressed(_IGNORABLE.sub("", unicodedata.normalize("NFKD", folded))))
    return "".join(map(_kind, unicodedata.normalize("NFC", bare)))


def _apart(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]} "


def _undressed(text: str) -> Iterator[str]:
    """Without invisible characters, and without marks but where they are of the script they stand in."""
    base = ""
    for each in text:
        match unicodedata.category(each):
            case "Cf":
                continue
            case "Mn" | "Me":
                if base < _FIRST_MARKED or ord(base) >> 8 != ord(each) >> 8:
                    continue
            case _:
                base = each
        yield each


def _kind(each: str) -> str:
    match unicodedata.category(each)[0]:
        case "L" | "N" | "M":
            return each
        case "Z":
            return " "
        case _:
            return _GLUE


@lru_cache(maxsize=256)
def _needles(terms: tuple[str, ...]) -> tuple[tuple[str, _Letters], ...]:
    read = [(term, _Letters.of(_plain(term))) for term in terms]
    return tuple((term, letters) for term, letters in read if letters.packed)


def _places(sought: str, text: str) -> Iterator[int]:
    at = text.find(sought)
    while at >= 0:
        yield at
        at = text.find(sought, at + 1)
