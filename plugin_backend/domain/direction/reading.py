"""Reading a prompt: its words with their places, and what stands between them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from plugin_backend.domain.direction.lexicon import Found, Lexicon, Phrase

__all__ = ["LONGEST_READ", "Found", "Text", "find", "words_of"]

Term = TypeVar("Term")

LONGEST_READ: Final = 4_000
"""Characters; a plan needs no more, and reading stays within its milliseconds."""
_WORD: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+(?:'[a-z]+)?")
_SMALL: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ\N{RIGHT SINGLE QUOTATION MARK}", "abcdefghijklmnopqrstuvwxyz'"
)
_SENTENCE: Final = re.compile(r"[.;!?\n]")
_COMMA: Final = re.compile('[,:()\\[\\]\N{EM DASH}"]|\\s[-\N{EN DASH}]+\\s')


@dataclass(frozen=True, slots=True)
class Text:
    """Words in lower case, where each stands, and how far it is parted from the one before."""

    prompt: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    breaks: tuple[int, ...]
    """Before each word: 0 none, 1 a comma or the like, 2 the end of a sentence."""

    @classmethod
    def of(cls, prompt: str) -> Self:
        """The part of a prompt that is read."""
        text = prompt[:LONGEST_READ].translate(_SMALL)
        matches = tuple(_WORD.finditer(text))
        spans = tuple(match.span() for match in matches)
        gaps = (
            text[end:start]
            for end, start in zip((0, *(end for _, end in spans)), (s for s, _ in spans), strict=False)
        )
        return cls(text, tuple(match.group() for match in matches), spans, tuple(map(_break, gaps)))

    def word_at(self, character: int) -> int:
        """The index of the first word that ends after a character."""
        low, high = 0, len(self.spans)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.spans[middle][1] <= character else (low, middle)
        return low


def _break(gap: str) -> int:
    if gap in {"", " "}:
        return 0
    return 2 if _SENTENCE.search(gap) else 1 if _COMMA.search(gap) else 0


def words_of(prompt: str) -> tuple[str, ...]:
    """The words we can look up, in order, in lower case."""
    return Text.of(prompt).words


def find(words: tuple[str, ...], table: Mapping[Phrase, Term]) -> tuple[Found[Term], ...]:
    """Every phrase of a table in the text, longest first at each place, none overlapping."""
    return Lexicon(all=table).read(words)["all"]
