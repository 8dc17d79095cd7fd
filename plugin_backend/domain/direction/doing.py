"""Who does what: whether a verb is the camera's or a subject's."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from plugin_backend.domain.direction import film_vocabulary as film
from plugin_backend.domain.direction import verbs, vocabulary
from plugin_backend.domain.direction.clauses import Clause, Join
from plugin_backend.domain.direction.lexicon import Found, words
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.terms import SubjectKind

_VIEWS: Final = frozenset({"shot", "view", "we", "frame"})
_MODIFIERS: Final = 3
_PHRASE: Final = 3
_ARTICLES: Final = words(
    "the a an his her its their this that these those two three some",
)
_PEOPLE: Final = frozenset(["he", "she", "him", "her", "who", "someone"])
_CARRIES_ON: Final = frozenset({Join.COMMA, Join.AND, Join.THEN, Join.BEFORE})


@dataclass(frozen=True, slots=True)
class Doer:
    """A noun that may do something; the camera has no kind."""

    at: int
    end: int
    thing: Found[SubjectKind] | None = None

    @property
    def is_camera(self) -> bool:
        """Whether it is the camera itself."""
        return self.thing is None


def doers_of(said: Said) -> tuple[Doer, ...]:
    """Everybody who may do something, in the order of the text: no objects of a preposition or of a verb."""
    verbs_end = {hit.end for name in ("action", "move") for hit in said.hits[name]}
    people: Found[SubjectKind] | None = None
    last: Doer | None = None
    found: list[Doer] = []
    things = {thing.at: thing for thing in said.things}
    for index, word in enumerate(said.words):
        thing = things.get(index)
        if thing is not None and word in _PEOPLE:
            thing = people or thing
        if word in film.CAMERAS and index not in said.taken and not _is_object(said, index, verbs_end):
            last = Doer(index, index + 1)
        elif thing is not None and not (index in said.taken or _is_object(said, index, verbs_end)):
            last = Doer(index, max(index + 1, thing.end if thing.at == index else 0), thing)
        elif word in {"it", "they"} and last is not None and not _is_object(said, index, verbs_end):
            last = Doer(index, index + 1, last.thing)
        else:
            people = _person(thing, people, word)
            continue
        people = _person(thing, people, word)
        found.append(last)
    return tuple(found)


def _person(
    thing: Found[SubjectKind] | None, people: Found[SubjectKind] | None, word: str
) -> Found[SubjectKind] | None:
    is_person = (
        thing is not None and thing.term in {SubjectKind.PERSON, SubjectKind.CHILD} and word not in _PEOPLE
    )
    return thing if is_person else people


def _is_object(said: Said, index: int, verbs_end: set[int]) -> bool:
    """Whether a noun is what something is done to, or where: `on the driver`, `chases a cat`."""
    clause = said.clauses[said.clause_of(index)]
    at = index
    while at > clause.at and index - at <= _MODIFIERS:
        at -= 1
        word = said.words[at]
        if at in said.taken:
            return False
        if _leads(word, at + 1, verbs_end):
            return True
        if word in _ARTICLES:
            before = at - 1
            return (
                before >= clause.at and before not in said.taken and _leads(said.words[before], at, verbs_end)
            )
    return False


def _leads(word: str, end: int, verbs_end: set[int]) -> bool:
    """Whether a word has an object: a preposition, a following, or the end of another verb."""
    return word in verbs.PREPOSITIONS or word in film.FOLLOWS or end in verbs_end


def camera_does(said: Said, doers: tuple[Doer, ...], hit: Found[Any], *, moved: bool) -> bool:
    """Whether a verb that anybody may do is the camera's here; `moved`: it did something before."""
    clause = said.clauses[said.clause_of(hit.at)]
    near = [doer for doer in doers if clause.at <= doer.at < hit.at]
    if near:
        return near[-1].is_camera
    before = _before(said, hit.at, clause.at)
    if before is None and not said.words[hit.at].endswith("s"):
        return _begins(said, doers, hit, clause)
    if before is not None and (said.words[before] in _VIEWS or not moved):
        return said.words[before] in _VIEWS
    earlier = [doer for doer in doers if doer.at < clause.at]
    carried = moved and clause.join in _CARRIES_ON and bool(earlier) and earlier[-1].is_camera
    return carried or not (doers or said.things)  # nobody else is there to do it


def _begins(said: Said, doers: tuple[Doer, ...], hit: Found[Any], clause: Clause) -> bool:
    """An order, as in `circle the tower`; or a description of the shot, unless it goes on about somebody."""
    if not said.words[hit.at].endswith("ing"):
        return True
    here = [doer for doer in doers if doer.at < hit.at and _is_near(said, doer, clause.sentence + 1)]
    return not here or here[-1].is_camera


def _before(said: Said, at: int, start: int) -> int | None:
    """The word before, past words of pace and joins; None at the beginning of the clause."""
    while at > start:
        at -= 1
        if said.words[at] not in _PASSED:
            return at
    return None


_PASSED: Final = film.PACES | {
    "and",
    "then",
    "slow",
    "fast",
    "a",
    "the",
    "finally",
    "first",
    "next",
    "please",
}


def subject_of(said: Said, doers: tuple[Doer, ...], action: Found[Any]) -> Found[SubjectKind] | None:
    """Who does it; None when it is the camera, a noun, or nobody that can be told."""
    clause = said.clauses[said.clause_of(action.at)]
    near = [doer for doer in doers if clause.at <= doer.at and doer.end <= action.at]
    word = said.words[action.at]
    if word in verbs.NOUNS_TOO and not _follows_doer(
        said, near, action.at, carried=clause.join in _CARRIES_ON
    ):
        return None
    described = _described(said, action) or _right_before(said, action)
    if described is not None:
        return (
            None
            if said.words[described.at] in vocabulary.ELEMENTS and described.at > action.at
            else described
        )
    if near:
        return _accompanied(said, near[-1], action) if near[-1].is_camera else near[-1].thing
    return _from_before(said, doers, action, clause)


def _from_before(
    said: Said, doers: tuple[Doer, ...], action: Found[Any], clause: Clause
) -> Found[SubjectKind] | None:
    """Whom the sentence spoke of before this clause, or whom the clause names after the verb."""
    word = said.words[action.at]
    if word in verbs.NOUNS_TOO and _before(said, action.at, clause.at) is not None:
        return None
    earlier = [doer for doer in doers if doer.end <= clause.at and _is_near(said, doer, clause.sentence)]
    if earlier and (clause.join in _CARRIES_ON or word.endswith("ing")):
        return earlier[-1].thing
    return next(_after(said, action), None)


def _right_before(said: Said, action: Found[Any]) -> Found[SubjectKind] | None:
    """`a shot of a woman waving`: she, though the noun is an object."""
    if not said.words[action.at].endswith("ing") or said.text.breaks[action.at]:
        return None
    return next((t for t in said.things if t.end == action.at and not is_held(said, t)), None)


def _accompanied(said: Said, camera: Doer, action: Found[Any]) -> Found[SubjectKind] | None:
    """`the camera follows a girl on a bicycle riding left`: she rides, and the camera does not."""
    if not said.words[action.at].endswith("ing"):
        return None
    between = [thing for thing in said.things if camera.end <= thing.at and thing.end <= action.at]
    return next((thing for thing in reversed(between) if not is_held(said, thing)), None)


def is_held(said: Said, thing: Found[SubjectKind]) -> bool:
    """Whether a noun is merely what somebody is with, on or in: `a rider on a horse`."""
    clause = said.clauses[said.clause_of(thing.at)]
    before = said.words[max(clause.at, thing.at - 2) : thing.at]
    return bool({"with", "on", "in"}.intersection(before))


def _is_near(said: Said, doer: Doer, sentence: int) -> bool:
    return said.clauses[said.clause_of(doer.at)].sentence >= sentence - 1


def _follows_doer(said: Said, near: list[Doer], at: int, *, carried: bool) -> bool:
    """Whether nothing but auxiliaries, or an `and` after another verb, stands before the verb."""
    if not near:
        before = _before(said, at, said.clauses[said.clause_of(at)].at)
        return carried and before is None
    between = [word for index, word in _words_between(said, near[-1].end, at) if index not in said.taken]
    if all(word in verbs.AUXILIARIES or word in film.PACES for word in between):
        return True
    if between and between[0] in verbs.PREPOSITIONS and len(between) <= _PHRASE:
        return True  # `the crowd behind her moves`
    joined = "and" in between[-2:]
    return joined or said.words[at - 1] in verbs.AUXILIARIES - {"and", "each", "still"}


def _words_between(said: Said, start: int, end: int) -> Iterator[tuple[int, str]]:
    return ((index, said.words[index]) for index in range(start, end))


def _described(said: Said, action: Found[Any]) -> Found[SubjectKind] | None:
    """`a sleeping dog`, `falling leaves`: the noun after a participle."""
    if not said.words[action.end - 1].endswith("ing") or action.length > 1:
        return None
    before = said.words[action.at - 1] if action.at else ""
    if before in {"is", "are", "was", "were"}:
        return None
    return next(
        (thing for thing in said.things if thing.at == action.end and not said.text.breaks[thing.at]), None
    )


def _after(said: Said, action: Found[Any]) -> Iterator[Found[SubjectKind]]:
    """Whoever the clause names after the verb, where it names nobody before it."""
    clause = said.clauses[said.clause_of(action.at)]
    for thing in said.things:
        if (
            action.end <= thing.at < clause.end
            and said.is_free(thing)
            and said.words[thing.at] not in vocabulary.ELEMENTS
        ):
            yield thing
