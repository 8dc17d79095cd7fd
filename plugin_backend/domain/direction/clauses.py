"""Clauses: where a sentence says one thing, and how it is joined to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin_backend.domain.direction.lexicon import words
from plugin_backend.domain.direction.reading import Text
from plugin_backend.domain.direction.timing import Timed


class Join(StrEnum):
    """How a clause is joined to the one before it."""

    SENTENCE = "sentence"
    COMMA = "comma"
    THEN = "then"
    WHILE = "while"
    AND = "and"
    AFTER = "after"
    BEFORE = "before"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Clause:
    """Words from `at` to before `end`."""

    at: int
    end: int
    join: Join
    sentence: int


_JOINS: Final = {
    "then": Join.THEN,
    "afterwards": Join.THEN,
    "afterward": Join.THEN,
    "finally": Join.THEN,
    "subsequently": Join.THEN,
    "next": Join.THEN,
    "before": Join.BEFORE,
    "once": Join.AFTER,
    "when": Join.WHILE,
    "while": Join.WHILE,
    "whilst": Join.WHILE,
    "meanwhile": Join.WHILE,
    "as": Join.WHILE,
    "after": Join.AFTER,
    "first": Join.FIRST,
    "but": Join.COMMA,
}
_NONE: Final = frozenset[str]()
_ARTICLES: Final = words("the a an his her its very at in")
_ELSE: Final = {
    "as": (words("if such same well far long soon though a"), words("such same far long soon well")),
    "next": (words("to door"), _ARTICLES),
    "first": (words("light person snow time floor place rays"), _ARTICLES),
    "after": (words("rain all"), _NONE),
    "once": (_NONE, words("at all")),
    "before": (_NONE, words("never ever")),
    "but": (_NONE, words("nothing never")),
}
"""Where one of these words joins nothing: by the word after it, or the word before."""


def clauses_of(text: Text, times: Sequence[Timed]) -> tuple[Clause, ...]:
    """The clauses of a text; the words of a time join nothing."""
    timed = {index for each in times for index in range(each.at, each.end)}
    begins = {each.at for each in times}
    clauses: list[Clause] = []
    at, join, sentence = 0, Join.SENTENCE, 0
    for index in range(len(text.words)):
        found = _join_at(text, index, timed, begins)
        if found is None or index == 0:
            join = found if found is not None else join
            continue
        if index > at:
            clauses.append(Clause(at, index, join, sentence))
            at, join = index, found
        elif found is not Join.COMMA:
            join = found
        sentence += text.breaks[index] == 2
    if text.words:
        clauses.append(Clause(at, len(text.words), join, sentence))
    return _joined(clauses, text)


def _join_at(text: Text, index: int, timed: set[int], begins: set[int]) -> Join | None:
    """How a clause that begins at this word is joined; None where none begins."""
    word = text.words[index]
    nearby = text.words[index + 1] if index + 1 < len(text.words) else ""
    if index not in timed and word in _JOINS and not _is_other(word, nearby, text, index):
        return _JOINS[word]
    if text.breaks[index]:
        return Join.SENTENCE if text.breaks[index] == 2 else Join.COMMA
    return Join.AND if word == "and" and (index + 1 in begins or nearby in {"then", "finally"}) else None


def _is_other(word: str, nearby: str, text: Text, index: int) -> bool:
    """Whether one of these words joins nothing here, as in `as well`, `the first`, `next to`."""
    before = text.words[index - 1] if index and not text.breaks[index] else ""
    after_it, before_it = _ELSE.get(word, (_NONE, _NONE))
    return nearby in after_it or before in before_it


def _joined(clauses: list[Clause], text: Text) -> tuple[Clause, ...]:
    """`after that` is `then`; `and then` is `then`."""
    found: list[Clause] = []
    for clause in clauses:
        join, follows = clause.join, text.words[clause.at + 1 : clause.at + 2]
        if join is Join.AFTER and follows in {("that",), ("this",), ("which",)}:
            join = Join.THEN
        if found and found[-1].end - found[-1].at == 1 and text.words[found[-1].at] == "and":
            found[-1] = Clause(found[-1].at, clause.end, join, clause.sentence)
            continue
        found.append(Clause(clause.at, clause.end, join, clause.sentence))
    return tuple(found)
