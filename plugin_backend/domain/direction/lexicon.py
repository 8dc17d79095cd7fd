"""Tables of phrases: which words choose what. Longer phrases win over the words inside them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

Phrase = tuple[str, ...]
Term = TypeVar("Term")


def table(rows: Mapping[Term, str]) -> dict[Phrase, Term]:
    """From `term: "word, two words"` to `("two", "words"): term`."""
    return {tuple(phrase.split()): term for term, phrases in rows.items() for phrase in phrases.split(",")}


def words(*lines: str) -> frozenset[str]:
    """Single words, as many to a line as fit."""
    return frozenset(word for line in lines for word in line.split())


class Found(NamedTuple, Generic[Term]):
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
        self._names: Final = tuple(tables)
        rows = [(phrase, name, term) for name, each in tables.items() for phrase, term in each.items()]
        rows.sort(key=lambda row: -len(row[0]))
        self._single: Final[dict[str, list[_Row]]] = {}
        self._longer: Final[dict[str, dict[str, list[_Row]]]] = {}
        for row in rows:
            first, *more = row[0]
            kept = (
                self._longer.setdefault(first, {}).setdefault(more[0], [])
                if more
                else self._single.setdefault(first, [])
            )
            kept.append(row)

    def read(self, words: Sequence[str], breaks: Sequence[int] = ()) -> dict[str, tuple[Found[Any], ...]]:
        """By table, every phrase in the text, longest first at each place; none across a break."""
        found: dict[str, list[Found[Any]]] = {name: [] for name in self._names}
        free = dict.fromkeys(self._names, 0)
        text = tuple(words)
        runs = _runs(breaks) if breaks else range(len(text), 0, -1)
        for at in range(len(text)):
            for phrase, name, term in self._starting(text, at, runs[at]):
                length = len(phrase)
                if at >= free[name] and (length < 3 or text[at : at + length] == phrase):
                    found[name].append(Found(term, at, length))
                    free[name] = at + length
        return {name: tuple(hits) for name, hits in found.items()}

    def _starting(self, text: Phrase, at: int, run: int) -> Sequence["_Row"]:
        """The phrases that begin with the words here, longest first, as far as their second word."""
        single = self._single.get(text[at], ())
        longer = self._longer.get(text[at]) if run > 1 else None
        begun = longer.get(text[at + 1]) if longer else None
        if begun is None:
            return single
        return [row for row in (*begun, *single) if len(row[0]) <= run]


_Row = tuple[Phrase, str, Any]


def _runs(breaks: Sequence[int]) -> list[int]:
    """How many words there are from each one to the next break."""
    runs, run = [0] * len(breaks), 0
    for at in range(len(breaks) - 1, -1, -1):
        run += 1
        runs[at] = run
        run = 0 if breaks[at] else run
    return runs
