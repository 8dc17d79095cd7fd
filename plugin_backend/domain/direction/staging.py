"""Where things stand, and from where light comes: left, right, behind, in front, above, below."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from plugin_backend.domain.direction import film_vocabulary as film
from plugin_backend.domain.direction import light_vocabulary as light
from plugin_backend.domain.direction import verbs, vocabulary
from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.doing import is_held
from plugin_backend.domain.direction.framing import Placement, Side, SidedLight
from plugin_backend.domain.direction.lexicon import Found, words
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import MAX_MOVES
from plugin_backend.domain.direction.terms import LightSource, SubjectKind

_PRONOUNS: Final = frozenset(["it", "him", "her", "them"])
_NOWHERE: Final = vocabulary.PRONOUNS | words(
    "rain snow fog mist smoke dust water light lights steam waves sea"
)
_LAMPS: Final = {
    LightSource.SUN,
    LightSource.MOON,
    LightSource.STREET_LAMP,
    LightSource.NEON,
    LightSource.FIRE,
}
_SIDES: Final = {
    Relation.LEFT: Side.LEFT,
    Relation.RIGHT: Side.RIGHT,
    Relation.BEHIND: Side.BEHIND,
    Relation.IN_FRONT: Side.FRONT,
}
_NEAR: Final = 4
_LONGEST_NAME: Final = 80  # characters
_SKIPPED: Final = words(
    "the a an his her its their old young big small tall other same this that one",
)
_STOPS: Final = verbs.PREPOSITIONS | words(
    "and or while as then who which that is are camera comes goes",
)
_PLACES: Final = ("environment", "subject")


@dataclass(frozen=True, slots=True)
class Staged:
    """Who stands where, which light comes from where, and the words that said so."""

    placements: tuple[Placement, ...]
    sides: tuple[SidedLight, ...]
    words: frozenset[int]


def staged(said: Said) -> Staged:
    """All relations of a brief, to the frame and to each other."""
    placements: list[Placement] = []
    sides: list[SidedLight] = []
    gone: set[int] = set()
    for hit, side in _lit(said):
        gone.update(range(hit.at, hit.end))
        sides.append(side)
    for hit, is_beside in sorted(_relations(said), key=lambda each: each[0].at):
        if gone.intersection(range(hit.at, hit.end)):
            continue
        lamp = _lamp(said, hit, is_beside=is_beside)
        placed = None if lamp else _placed(said, hit, is_beside=is_beside)
        if lamp:
            sides.append(lamp)
        if placed:
            placements.append(placed)
        if lamp or placed:
            gone.update(range(hit.at, hit.end))
    return Staged(
        tuple(dict.fromkeys(placements))[:MAX_MOVES], tuple(_told_once(sides))[:MAX_MOVES], frozenset(gone)
    )


def _told_once(sides: list[SidedLight]) -> Iterator[SidedLight]:
    """A light that is named is not told again without its name."""
    named = {side.side for side in sides if side.source is not None}
    for each in dict.fromkeys(sides):
        if each.source is not None or each.side not in named:
            yield each


def _lit(said: Said) -> Iterator[tuple[Found[Any], SidedLight]]:
    """`window light from the left`, `lit from behind`, `backlit`."""
    for hit in said.found("lit_side"):
        yield hit, SidedLight(hit.term)
    for hit in said.found("sided"):
        clause = said.clauses[said.clause_of(hit.at)]
        words = said.words[clause.at : hit.at]
        sources = [
            each
            for name in ("light", "lit")
            for each in said.found(name)
            if clause.at <= each.at and 0 <= hit.at - each.end < _NEAR
        ]
        is_light = {
            "spotlight",
            "light",
            "lit",
            "lighting",
            "lights",
            "sunlight",
            "glow",
            "shining",
            "shines",
            "beam",
            "key",
        }
        if sources or is_light.intersection(words):
            yield hit, SidedLight(hit.term, _source(sources))


def _source(sources: list[Found[LightSource]]) -> LightSource | None:
    """The source that is named last; `hard light` and the hour's light are no source of their own."""
    for hit in sorted(sources, key=lambda each: -each.at):
        if hit.term not in {LightSource.SIDE, LightSource.SKY}:
            return hit.term
    return None


def _relations(said: Said) -> Iterator[tuple[Found[Relation], bool]]:
    """Relations to the frame and to something; where both could be read, the longer phrase."""
    both = [(hit, False) for hit in said.found("frame")] + [(hit, True) for hit in said.found("beside")]
    taken: set[int] = set()
    for hit, is_beside in sorted(both, key=lambda each: (-each[0].length, each[0].at)):
        span = set(range(hit.at, hit.end))
        if (
            said.is_free(hit)
            and not (taken & span or _is_way(said, hit))
            and not (is_beside and _ends(said, hit))
        ):
            taken |= span
            yield hit, is_beside


def _ends(said: Said, hit: Found[Relation]) -> bool:
    """Whether nothing follows in the clause: `the rocks below`."""
    return hit.end >= len(said.words) or said.text.breaks[hit.end] > 0


def _is_way(said: Said, hit: Found[Relation]) -> bool:
    """`from behind` is no place, nor is `blurred background`, nor what the camera goes over."""
    before = said.words[hit.at - 1] if hit.at else ""
    return before in {"from", "blurred", "soft", "white", "black", "plain", "to"} or before in film.FOLLOWS


def _lamp(said: Said, hit: Found[Relation], *, is_beside: bool) -> SidedLight | None:
    """`the sun behind her`, `sun low on the right`: light with a side, no thing with a place."""
    side = _SIDES.get(hit.term)
    if side is None or (is_beside and hit.term in {Relation.LEFT, Relation.RIGHT}):
        return None
    clause = said.clauses[said.clause_of(hit.at)]
    lights = [each for each in said.found("light") if clause.at <= each.at and 0 <= hit.at - each.end <= 2]
    source = lights[-1].term if lights else None
    shines = source is LightSource.WINDOW and "light" in said.words[clause.at : hit.at]
    return SidedLight(side, source) if source in _LAMPS or shines else None


def _placed(said: Said, hit: Found[Relation], *, is_beside: bool) -> Placement | None:
    if not is_beside:
        about = _noun_before(said, hit)
        return None if about is None else Placement(about, hit.term)
    if said.words[hit.end : hit.end + 1] and said.words[hit.end] in _PRONOUNS:
        return _by_pronoun(said, hit)
    about, beside = _noun_before(said, hit), _noun_after(said, hit.end)
    if about is None or not beside or about == beside:
        return None
    return Placement(about, hit.term, beside)


def _by_pronoun(said: Said, hit: Found[Relation]) -> Placement | None:
    """`behind it a caravan`, or `the woman behind it`."""
    before, inverse = _things_before(said, hit.at), _noun_after(said, hit.end + 1)
    clause = said.clauses[said.clause_of(hit.at)]
    here = [thing for thing in before if thing.at >= clause.at]
    person = said.words[hit.end] in {"him", "her"}
    others = [t for t in before if not person or t.term in {SubjectKind.PERSON, SubjectKind.CHILD}]
    if here:
        beside = [thing for thing in others if thing is not here[-1]]
        return Placement(said.name(here[-1]), hit.term, said.name(beside[-1])) if beside else None
    if inverse and others:
        return Placement(inverse, hit.term, said.name(others[-1]))
    return None


def _things_before(said: Said, at: int) -> list[Found[SubjectKind]]:
    """The nouns of this sentence and the one before it, as far as the word."""
    sentence = said.clauses[said.clause_of(at)].sentence if at < len(said.words) else 0
    found: list[Found[SubjectKind]] = []
    for thing in reversed(said.things):
        if thing.end > at:
            continue
        if said.clauses[said.clause_of(thing.at)].sentence < sentence - 1:
            break
        if said.is_free(thing) and said.words[thing.at] not in _NOWHERE:
            found.append(thing)
    return found[::-1]


def _noun_before(said: Said, hit: Found[Relation]) -> str | None:
    """Who stands there: the nearest noun of the sentence that is not merely `with` somebody."""
    clause = said.clauses[said.clause_of(hit.at)]
    pronoun = said.words[hit.at - 1] if hit.at else ""
    things = [
        thing
        for thing in _things_before(said, hit.at)
        if said.clauses[said.clause_of(thing.at)].sentence == clause.sentence or pronoun in _PRONOUNS
    ]
    if pronoun in {"her", "him"}:
        people = [
            t for t in _things_before(said, hit.at) if t.term in {SubjectKind.PERSON, SubjectKind.CHILD}
        ]
        return said.name(people[-1]) if people else None
    held = [thing for thing in things if not is_held(said, thing)]
    near = [thing for thing in held if thing.at >= clause.at]
    alone = hit.at - clause.at <= 2  # such as `..., on the left`
    found = near or [thing for thing in held[-1:] or things[-1:] if alone or thing.at >= clause.at]
    return said.name(found[-1]) if found else None


def _noun_after(said: Said, at: int) -> str:
    """The noun that a relation leads to: one we know, else the last word of the phrase."""
    words, breaks = said.words, said.text.breaks
    if at < len(breaks) and breaks[at]:
        return ""
    stop = at
    while stop < min(len(words), at + _NEAR + 1) and words[stop] not in _STOPS:
        if breaks[stop] and stop > at:
            break
        stop += 1
    for thing in said.things:
        if at <= thing.at and thing.end <= stop and words[thing.at] not in vocabulary.PRONOUNS:
            return said.name(thing)
    known = [hit for name in _PLACES for hit in said.hits[name] if at <= hit.at and hit.end <= stop]
    if known:
        return words[known[-1].end - 1]
    rest = [word for word in words[at:stop] if word not in _SKIPPED and (word,) not in light.COLOURS]
    return rest[-1][:_LONGEST_NAME] if rest else ""
