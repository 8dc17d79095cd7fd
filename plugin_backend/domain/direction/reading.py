"""Reading a prompt: words to phrases of the vocabulary, each with its place in the text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from plugin_backend.domain.direction.vocabulary import Phrase

Term = TypeVar("Term")

_LONGEST_READ: Final = 4_000  # characters; a plan needs no more, and reading stays within its milliseconds
_LONGEST_PHRASE: Final = 4  # words
_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Found(Generic[Term]):
    """A phrase of the prompt and what it chose."""

    term: Term
    at: int
    length: int

    @property
    def end(self) -> int:
        """The index of the word after it."""
        return self.at + self.length


def words_of(prompt: str) -> tuple[str, ...]:
    """The words we can look up, in order, in lower case."""
    text = prompt[:_LONGEST_READ].casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return tuple(_WORD.findall(text))


def find(words: tuple[str, ...], table: Mapping[Phrase, Term]) -> tuple[Found[Term], ...]:
    """Every phrase of a table in the text, longest first at each place, none overlapping."""
    return tuple(_walk(words, table))


def _walk(words: tuple[str, ...], table: Mapping[Phrase, Term]) -> Iterator[Found[Term]]:
    starts = {phrase[0] for phrase in table}
    at = 0
    while at < len(words):
        found = _longest_at(words, at, table) if words[at] in starts else None
        if found:
            yield found
        at = found.end if found else at + 1


def _longest_at(words: tuple[str, ...], at: int, table: Mapping[Phrase, Term]) -> Found[Term] | None:
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        term = table.get(words[at : at + length])
        if term is not None:
            return Found(term, at, length)
    return None
