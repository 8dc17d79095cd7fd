"""What subjects do, as the brief says it: who, what, and which way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.direction.doing import Doer, subject_of
from plugin_backend.domain.direction.lexicon import Found
from plugin_backend.domain.direction.moving import Named
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import Subject
from plugin_backend.domain.direction.terms import Action, Heading, SubjectKind

# Who does it whoever else is named.
_OWN: Final = {Action.POUR: SubjectKind.GLASS, Action.SPARK: SubjectKind.ARC}
_UPRIGHT: Final = {
    Action.RISE,
    Action.FALL,
    Action.JUMP,
    Action.FLY,
}  # `floats up` goes up, `sits down` does not
_OF: Final = {("of",)}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that one subject does."""

    kind: SubjectKind
    name: str
    action: Action
    verb: str
    heading: Heading
    at: int
    end: int


def deeds_of(
    said: Said, doers: tuple[Doer, ...], moves: Sequence[Named], subjects: Sequence[Subject]
) -> tuple[Deed, ...]:
    """Everything that subjects are asked to do, in the order of the text."""
    moved = {index for move in moves for index in range(move.at, move.end)}
    followed = {index for move in moves if move.follows for index in range(move.at, move.end)}
    actions = [
        hit for hit in said.found("action") if not (moved | followed).intersection(range(hit.at, hit.end))
    ]
    found = []
    for index, action in enumerate(actions):
        subject = subject_of(said, doers, action)
        if subject is None:
            continue
        later = [hit.at for hit in actions[index + 1 :]] + [move.at for move in moves if move.at > action.at]
        heading = _heading(said, action, min(later, default=len(said.words)))
        found.append(_deed(said, action, subject, heading, subjects))
    return tuple(_once(found))


def _deed(
    said: Said,
    action: Found[Action],
    subject: Found[SubjectKind],
    heading: Heading,
    subjects: Sequence[Subject],
) -> Deed:
    kind, name = subject.term, said.name(subject)
    own = _OWN.get(action.term)
    if own is not None and any(each.kind is own for each in subjects):
        kind = own
        name = next((each.word for each in subjects if each.kind is own), name)
    return Deed(kind, name, action.term, said.phrase(action), heading, action.at, action.end)


def _heading(said: Said, action: Found[Action], until: int) -> Heading:
    """The first way that is named after the verb, in its clause; `to the left of` is a place, not a way."""
    inside = [hit for hit in said.between("heading", action.at, action.end) if hit.end <= action.end]
    clause = said.clauses[said.clause_of(action.at)]
    stop = min(until, clause.end)
    after = (hit for hit in said.between("heading", action.end, stop) if said.is_free(hit))
    ways = inside[:1] if action.term in _UPRIGHT else []
    for hit in (*ways, *after):
        if said.words[hit.end : hit.end + 1] not in _OF and not _is_implied(said, hit, action):
            return Heading(hit.term)
    return Heading.NONE


def _is_implied(said: Said, hit: Found[Heading], action: Found[Action]) -> bool:
    """`rising` and `falling` are verbs before they are ways."""
    return hit.at == action.at and said.words[hit.at] in {"rising", "falling"}


def _once(found: Sequence[Deed]) -> Iterator[Deed]:
    seen: set[tuple[str, Action, Heading]] = set()
    for each in found:
        key = (each.name, each.action, each.heading)
        if key not in seen:
            seen.add(key)
            yield each


def is_idle(deed: Deed) -> bool:
    """Whether it lasts until the same subject does something else."""
    return deed.action is Action.STAND
