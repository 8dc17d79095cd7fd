"""Camera moves as the brief names them: which, which way, how strongly, and about whom."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.direction import film_vocabulary as film
from plugin_backend.domain.direction import verbs, vocabulary
from plugin_backend.domain.direction.doing import Doer, camera_does
from plugin_backend.domain.direction.lexicon import Found
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.terms import Move, SubjectKind

_DEFAULT_STRENGTH: Final = 0.6
_ORBIT_STRENGTH: Final = 0.6
_FAR: Final = 8  # words after a move within which its direction is looked for
_TO_THE: Final = {("to", "the"), ("towards", "the"), ("toward", "the"), ("to", "camera")}
_ELSEWHERE: Final = {"as", "while", "and", "then", "with", "past", "when", "where", "from"}
_TURNS: Final = {"clockwise", "anticlockwise", "counterclockwise"}
_KITCHEN: Final = {"frying", "sauce", "baking", "cake", "roasting", "hot", "metal", "iron", "copper"}
_ABOUT: Final = {"around", "about", "past", "with", "on", "to", "towards", "toward", "over", "alongside"}


@dataclass(frozen=True, slots=True)
class Named:
    """One move as it is named."""

    move: Move
    at: int
    end: int
    is_either_way: bool = False
    strength: float = _DEFAULT_STRENGTH
    about: str = ""
    follows: bool = False


def named_moves(said: Said, doers: tuple[Doer, ...]) -> tuple[Named, ...]:
    """Every move that is asked for, in the order of the text, each once."""
    hits = sorted(_hits(said, doers), key=lambda hit: hit.at)
    ends = (*(hit.at for hit in hits[1:]), len(said.words))
    found = [_named(said, hit, until) for hit, until in zip(hits, ends, strict=False)]
    return tuple(_once(said, [*found, *_followings(said, doers, found)]))


def _hits(said: Said, doers: tuple[Doer, ...]) -> Iterator[Found[Move]]:
    framed = {
        index for name in ("size", "tone") for hit in said.hits[name] for index in range(hit.at, hit.end)
    }
    strong = [hit for hit in said.found("move") if not _is_another(said, hit)]
    yield from strong
    taken = {index for hit in strong for index in range(hit.at, hit.end)}
    moved = [hit.at for hit in strong]
    for hit in said.found("loose"):
        if (taken | framed).intersection(range(hit.at, hit.end)):
            continue
        if camera_does(said, doers, hit, moved=any(at < hit.at for at in moved)):
            moved.append(hit.at)
            yield hit


def _is_another(said: Said, hit: Found[Move]) -> bool:
    """A pan on the stove, a car that zooms past, a crane that lifts: film words that mean no film here."""
    before = said.words[hit.at - 1] if hit.at and not said.text.breaks[hit.at] else ""
    after = said.words[hit.end : hit.end + 1]
    phrase = said.words[hit.at : hit.end]
    if phrase in {("pan",), ("pans",)} and (after == ("of",) or before in _KITCHEN):
        return True
    if phrase in {("crane",), ("static",)} and before in {"a", "the", "construction", "tv"}:
        return True
    if phrase[0] in {"truck", "trucks"} and any(thing.at == hit.at for thing in said.things):
        return True
    may_be = before and hit.length == 1 and phrase[0].endswith("s") and before not in film.CAMERAS
    return bool(may_be) and any(thing.end == hit.at for thing in said.things)


def _named(said: Said, hit: Found[Move], until: int) -> Named:
    phrase = tuple(word for word in said.words[hit.at : hit.end] if word not in film.PACES)
    move, turned = hit.term, True
    if not film.WAYS.keys() & set(phrase):
        move, turned = _that_way(said, hit, until)
    either = phrase in film.EITHER_WAY and not turned and move.other_way is not None
    about = _about(said, hit, until)
    return Named(move, hit.at, hit.end, either, _strength(said, hit, move), about)


def _that_way(said: Said, hit: Found[Move], until: int) -> tuple[Move, bool]:
    """The move as the words after it turn it; whatever else they tell of ends the search."""
    move = hit.term
    following = said.words[hit.end : min(until, hit.end + _FAR)]
    for index, word in enumerate(following):
        at = hit.end + index
        if said.text.breaks[at] or at in said.taken or word in _ELSEWHERE or (word,) in verbs.ACTIONS:
            break
        ends = at + 1 >= len(said.words) or said.text.breaks[at + 1] > 0
        before = following[max(0, index - 2) : index]
        said_now = index == 0 or before in _TO_THE or ends or following[index - 1] in film.PACES
        if said_now or word in _TURNS:
            word_ = "counterclockwise" if word == "clockwise" and before[-1:] == ("counter",) else word
            found = next((each for each in (move, move.other_way) if each in film.WAYS.get(word_, ())), None)
            if found is not None:
                return found, True
    return move, False


def _strength(said: Said, hit: Found[Move], move: Move) -> float:
    """As strong as the nearest word of pace in its clause says; an orbit's is how far round it goes."""
    clause = said.clauses[said.clause_of(hit.at)]
    near = [each for each in said.between("strength", clause.at, clause.end) if said.is_free(each)]
    phrase = said.words[hit.at : hit.end]
    if {"whip", "swish", "crash", "snap"}.intersection(phrase):
        return 1.0
    if move in {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}:
        around = {"quarter", "half", "full", "360", "whole"}.intersection(said.words)
        return 1.0 if around else _ORBIT_STRENGTH
    if not near:
        return _DEFAULT_STRENGTH
    nearest: float = min(near, key=lambda each: abs(each.at - hit.at)).term
    return nearest


def _about(said: Said, hit: Found[Move], until: int) -> str:
    """The noun that a move goes round, or to."""
    words = said.words
    stop = min(until, hit.end + _FAR)
    first = bisect_left(said.things, hit.end, key=lambda thing: thing.at)
    for thing in said.things[first:]:
        if thing.at >= stop:
            break
        if hit.end < thing.end <= stop and words[thing.at] not in vocabulary.PRONOUNS:
            between = range(hit.end, thing.at)
            if _ABOUT.intersection(words[hit.end : thing.at]) and not any(
                said.text.breaks[i] for i in between
            ):
                return said.name(thing)
            return ""
    return ""


def _followings(said: Said, doers: tuple[Doer, ...], named: Sequence[Named]) -> Iterator[Named]:
    """`the camera follows a girl`, `camera tracks with them`: beside whom it follows, the way they go."""
    for index, word in enumerate(said.words):
        if word not in film.FOLLOWS or index in said.taken:
            continue
        inside = [move for move in named if move.at <= index < move.end]
        if not inside and camera_does(said, doers, Found(None, index, 1), moved=bool(named)):
            hit = Found(Move.TRUCK_RIGHT, index, 1)
            move, turned = _that_way(said, hit, len(said.words))
            yield Named(move, index, index + 1, not turned, about=_followed(said, index), follows=True)


def _followed(said: Said, at: int) -> str:
    clause = said.clauses[said.clause_of(at)]
    things = [thing for thing in said.things if said.is_free(thing)]
    after = [thing for thing in things if at < thing.at < clause.end]
    before = [thing for thing in things if thing.at < at and thing.term is not SubjectKind.UMBRELLA]
    real = [thing for thing in after if said.words[thing.at] not in vocabulary.PRONOUNS] or before[-1:]
    return said.name(real[0]) if real else ""


def _once(said: Said, named: Sequence[Named]) -> Iterator[Named]:
    """A move that is only mentioned again, as in `... pans left. Keep the pan slow`, is the same move."""
    kept: list[Named] = []
    for each in sorted(named, key=lambda one: (one.is_either_way, one.at)):
        family = (each.move, each.move.other_way)
        same = [one for one in kept if one.move in family]
        again = each.is_either_way and same
        repeated = [one for one in same if one.move is each.move and _same_time(said, one, each)]
        if not again and not repeated:
            kept.append(each)
    yield from sorted(kept, key=lambda one: one.at)


def _same_time(said: Said, one: Named, other: Named) -> bool:
    """Whether nothing parts two mentions in time: no join, no clock."""
    first, last = sorted((said.clause_of(one.at), said.clause_of(other.at)))
    joined = any(
        clause.join.value in {"then", "before", "after"} for clause in said.clauses[first + 1 : last + 1]
    )
    clocks = any(first <= said.clause_of(time.at) <= last for time in said.times)
    return not joined and not clocks
