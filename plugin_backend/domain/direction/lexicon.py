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

    def read(self, words: Sequence[str], breaks: Sequence[int] = ()) -> dict[str, tuple[Found[Any], ...]]:
        """By table, every phrase in the text, longest first at each place; none across a break."""
        found: dict[str, list[Found[Any]]] = {name: [] for name in self._names}
        free = dict.fromkeys(self._names, 0)
        index, text = self._index, tuple(words)
        runs = _runs(breaks) if breaks else range(len(text), 0, -1)
        for at, word in enumerate(text):
            if word not in index:
                continue
            for phrase, name, term in index[word]:
                length = len(phrase)
                is_here = length == 1 or (length <= runs[at] and text[at : at + length] == phrase)
                if is_here and at >= free[name]:
                    found[name].append(Found(term, at, length))
                    free[name] = at + length
        return {name: tuple(hits) for name, hits in found.items()}


def _runs(breaks: Sequence[int]) -> list[int]:
    """How many words there are from each one to the next break."""
    runs, run = [0] * len(breaks), 0
    for at in range(len(breaks) - 1, -1, -1):
        run += 1
        runs[at] = run
        run = 0 if breaks[at] else run
    return runs
