"""Tables of phrases: which words choose what. Longer phrases win over the words inside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

Phrase = tuple[str, ...]
Term = TypeVar("Term")


def table(rows: Mapping[Term, str]) -> dict[Phrase, Term]:
    """From `term: "word, two words"` to `("two", "words"): term`."""
    return {tuple(phrase.split()): term for term, phrases in rows.items() for phrase in phrases.split(",")}


def words(*lines: str) -> frozenset[str]:
    """Single words, as many to a line as fit."""
    return frozenset(word for line in lines for word in line.split())


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


class Lexicon:
    """Several tables behind one index by first word, so that a text is walked once for all of them."""

    def __init__(self, **tables: Mapping[Phrase, Any]) -> None:
        index: dict[str, list[tuple[Phrase, str, Any]]] = {}
        for name, rows in tables.items():
            for phrase, term in rows.items():
                index.setdefault(phrase[0], []).append((phrase, name, term))
        self._names: Final = tuple(tables)
        self._index: Final = {
            first: tuple(sorted(entries, key=lambda entry: -len(entry[0])))
            for first, entries in index.items()
        }

    def read(self, words: Sequence[str]) -> dict[str, tuple[Found[Any], ...]]:
        """By table, every phrase in the text, longest first at each place, none overlapping."""
        found: dict[str, list[Found[Any]]] = {name: [] for name in self._names}
        free = dict.fromkeys(self._names, 0)
        index, text = self._index, tuple(words)
        for at, word in enumerate(text):
            if word not in index:
                continue
            for phrase, name, term in index[word]:
                length = len(phrase)
                if at >= free[name] and (length == 1 or text[at : at + length] == phrase):
                    found[name].append(Found(term, at, length))
                    free[name] = at + length
        return {name: tuple(hits) for name, hits in found.items()}
