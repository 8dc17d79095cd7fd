"""What a brief rules out: `no people`, `never pans`, `don't zoom`, `without text`, `instead of a zoom`."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from plugin_backend.domain.direction import film_vocabulary as film
from plugin_backend.domain.direction.framing import Avoidance, Avoided
from plugin_backend.domain.direction.lexicon import Found, words
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import MAX_MOVES
from plugin_backend.domain.direction.terms import Move

_ONE: Final = words(
    "no not never without avoid avoiding don't doesn't didn't won't can't cannot mustn't shouldn't",
    "isn't aren't nobody exclude excluding except minus lacking",
)
_TWO: Final = frozenset(
    {
        ("instead", "of"),
        ("rather", "than"),
        ("free", "of"),
        ("devoid", "of"),
        ("do", "not"),
        ("must", "not"),
        ("should", "not"),
        ("does", "not"),
        ("empty", "of"),
    }
)
_NOT_SO: Final = words(
    "too very so only just longer matter doubt sooner more less later necessarily even problem",
)
_ENDS: Final = words(
    "but just only use instead rather although though yet so because since until",
)
_JOINS: Final = frozenset({"or", "nor", "and", "any", "either"})
_SMALL: Final = words(
    "a an the any some of to be being do make use have has show showing see seeing there is are in on",
    "visible please let it that this other else additional extra at all or nor and either ever camera",
)
_LONGEST: Final = 12
_NAMED: Final = 3
_LONGEST_NAME: Final = 80
_KINDS: Final = (
    ("subject", Avoided.SUBJECT),
    ("weather", Avoided.WEATHER),
    ("hour", Avoided.LIGHT),
    ("lit", Avoided.LIGHT),
    ("tone", Avoided.LIGHT),
    ("size", Avoided.FRAMING),
    ("angle", Avoided.FRAMING),
    ("lens", Avoided.FRAMING),
    ("composition", Avoided.FRAMING),
    ("technique", Avoided.FRAMING),
    ("action", Avoided.ACTION),
)


def ruled_out(said: Said) -> tuple[tuple[Avoidance, ...], Said]:
    """What must not be, and the brief without the words that say so."""
    found: list[Avoidance] = []
    gone: set[int] = set()
    still = {
        index
        for hit in said.hits["move"]
        if hit.term is Move.STATIC and said.words[hit.end : hit.end + 1] != ("otherwise",)
        for index in range(hit.at, hit.end)
    }
    for at, length in _negators(said):
        if at in gone or at in still:
            continue
        scope = _scope(said, at, length)
        gone.update(range(at, scope.stop))
        if "otherwise" in said.words[at : scope.stop]:
            continue  # it only says again that nothing more is asked
        found += _avoided(said, at, scope)
    return tuple(dict.fromkeys(found))[:MAX_MOVES], said.without(gone)


def _negators(said: Said) -> Iterator[tuple[int, int]]:
    words, breaks = said.words, said.text.breaks
    for at, word in enumerate(words):
        pair = words[at : at + 2]
        length = 2 if pair in _TWO else 1 if word in _ONE else 0
        follows = at + length
        if length and follows < len(words) and not breaks[follows] and words[follows] not in _NOT_SO:
            yield at, length
        elif word == "nobody":
            yield at, 0


def _scope(said: Said, at: int, length: int) -> range:
    """From the negator to the end of its clause: `no cars or people` is both, `no cars, a dog` is one."""
    start = at + length
    clause = said.clauses[said.clause_of(at)]
    end = start
    while end < min(clause.end, start + _LONGEST) or _goes_on(said, end):
        if said.words[end] in _ENDS and end > start:
            break
        if said.words[end] == "and" and end > start and not _lists(said, end):
            break
        end += 1
    return range(start, end)


def _goes_on(said: Said, end: int) -> bool:
    """Whether a comma only parts a list that ends with `or`: `no cars, people or text`."""
    words = said.words
    return end < len(words) and words[end] in {"or", "nor"} and said.text.breaks[end] < 2


def _lists(said: Said, at: int) -> bool:
    """Whether `and` adds one more of what is ruled out, rather than something else that happens."""
    follows = said.words[at + 1 : at + 3]
    ends = at + 2 >= len(said.words) or said.text.breaks[at + 2] > 0
    return bool(follows) and (ends or "no" in follows) and not any(h.at == at + 1 for h in said.hits["move"])


def _avoided(said: Said, at: int, scope: range) -> Iterator[Avoidance]:
    if said.words[at] == "nobody" or said.words[scope.start : scope.start + 1] == ("one",):
        others = "other " if "else" in said.words[at : scope.stop + 1] else ""
        yield Avoidance(Avoided.SUBJECT, f"{others}people", ("person", "crowd"))
        return
    known: set[int] = set()
    for hit in _inside(said.hits["move"], scope):
        known.update(range(hit.at, hit.end))
        if hit.term is not Move.STATIC:
            yield Avoidance(Avoided.MOVE, said.phrase(hit), _moves(said, hit))
    for name, kind in _KINDS:
        for hit in _inside(said.hits[name], scope):
            if not known.intersection(range(hit.at, hit.end)):
                known.update(range(hit.at, hit.end))
                others = "other " if said.words[hit.at - 1] in {"other", "additional", "extra"} else ""
                yield Avoidance(kind, f"{others}{said.phrase(hit)}", (str(hit.term),))
    if not known:
        yield from _other(said, scope)


def _other(said: Said, scope: Sequence[int]) -> Iterator[Avoidance]:
    """What the vocabulary does not know is ruled out by its own words."""
    parts: list[list[str]] = [[]]
    for index in scope:
        word = said.words[index]
        if word in _JOINS:
            parts.append([])
        elif word not in _SMALL:
            parts[-1].append(word)
    for part in filter(None, parts):
        yield Avoidance(Avoided.OTHER, " ".join(part[:_NAMED])[:_LONGEST_NAME])


def _inside(hits: Sequence[Found[Any]], scope: range) -> Iterator[Found[Any]]:
    return (hit for hit in hits if scope.start <= hit.at and hit.end <= scope.stop)


def _moves(said: Said, hit: Found[Move]) -> tuple[str, ...]:
    """A move that is ruled out without a direction is ruled out both ways."""
    named = set(said.words[hit.at : hit.end + 1]) & film.WAYS.keys()
    other = hit.term.other_way
    return (hit.term.value,) if named or other is None else (hit.term.value, other.value)
