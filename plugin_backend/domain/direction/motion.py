"""Camera moves and subject motions, read from the words around them."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction import vocabulary
from plugin_backend.domain.direction.reading import Found, find
from plugin_backend.domain.direction.shot import CameraMove, Concept, Motion, SubjectMotion
from plugin_backend.domain.direction.terms import (
    Action,
    Ease,
    Environment,
    Heading,
    Mood,
    Move,
    SubjectKind,
)

_DEFAULT_STRENGTH: Final = 0.6
_FAR: Final = 8  # words after a move within which its direction is looked for
_TO_THE: Final = {("to", "the"), ("towards", "the"), ("toward", "the")}
_ELSEWHERE: Final = {"as", "while", "and", "then", "with", "past", "when", "where", "from"}
_TRACKING: Final = {"tracks", "tracking", "follows", "following", "track", "follow"}

# What a subject does when the brief gives it no verb.
_HABITS: Final = {
    SubjectKind.FIREWORKS: Action.BURST,
    SubjectKind.PENDULUM: Action.SWING,
    SubjectKind.BOAT: Action.ROCK,
    SubjectKind.BIRD: Action.FLY,
    SubjectKind.BALLOON: Action.FLY,
    SubjectKind.ARC: Action.SPARK,
    SubjectKind.TRAIN: Action.CROSS,
    SubjectKind.CAR: Action.CROSS,
    SubjectKind.BALL: Action.ROLL,
    SubjectKind.HORSE: Action.WALK,
    SubjectKind.CAMEL: Action.WALK,
    SubjectKind.DOG: Action.RUN,
}
_SUBJECT_FIRST: Final = {Action.POUR: SubjectKind.GLASS, Action.SPARK: SubjectKind.ARC}
_IDLE: Final = {Action.STAND, Action.ROCK, Action.FLY}


def plan_motion(
    words: tuple[str, ...],
    subjects: Sequence[Found[SubjectKind]],
    concept: Concept,
    *,
    duration: Fraction,
    loop: bool,
) -> Motion:
    """Who moves which way, and what the camera does meanwhile."""
    motions = _subject_motions(words, subjects, concept)
    return Motion(camera=_camera(words, motions, concept, duration=duration, loop=loop), subjects=motions)


def moves_named(words: tuple[str, ...]) -> tuple[Move, ...]:
    """The moves a brief names, each the way it says: `orbits slowly to the left` is no orbit to the right."""
    said = tuple(word for word in words if word not in vocabulary.PACES)
    hits = find(said, vocabulary.MOVES)
    ends = (*(hit.at for hit in hits[1:]), len(said))
    return tuple(dict.fromkeys(_turned(hit, said, until) for hit, until in zip(hits, ends, strict=False)))


def _turned(hit: Found[Move], said: tuple[str, ...], until: int) -> Move:
    is_plain = not vocabulary.WAYS.keys() & set(said[hit.at : hit.end])
    return _that_way(hit.term, said[hit.end : until]) if is_plain else hit.term


def _subject_motions(
    words: tuple[str, ...], subjects: Sequence[Found[SubjectKind]], concept: Concept
) -> tuple[SubjectMotion, ...]:
    actions = find(words, vocabulary.ACTIONS)
    headings = find(words, vocabulary.HEADINGS)
    motions: dict[SubjectKind, SubjectMotion] = {}
    for index, action in enumerate(actions):
        kind = _doer(action, subjects)
        if kind is None or kind in motions:
            continue
        until = actions[index + 1].at if index + 1 < len(actions) else len(words)
        heading = next((h.term for h in headings if action.end <= h.at < until), Heading.NONE)
        motions[kind] = SubjectMotion(kind, action.term, heading)
    for subject in concept.subjects:
        if subject.kind not in motions and subject.kind in _HABITS:
            motions[subject.kind] = SubjectMotion(
                subject.kind, _HABITS[subject.kind], Heading.NONE, asked=False
            )
    return tuple(motions.values())


def _doer(action: Found[Action], subjects: Sequence[Found[SubjectKind]]) -> SubjectKind | None:
    """The last subject named before the verb, else the next one after it."""
    if action.term in _SUBJECT_FIRST:
        return _SUBJECT_FIRST[action.term]
    before = [hit for hit in subjects if hit.at < action.at and hit.term is not SubjectKind.UMBRELLA]
    after = [hit for hit in subjects if hit.at >= action.at]
    if before:
        return before[-1].term
    return after[0].term if after else None


def _camera(
    words: tuple[str, ...],
    motions: tuple[SubjectMotion, ...],
    concept: Concept,
    *,
    duration: Fraction,
    loop: bool,
) -> tuple[CameraMove, ...]:
    moves = list(moves_named(words))
    tracking = bool(_TRACKING.intersection(words)) and "camera" in words
    if tracking and not moves:
        moves = [_alongside(motions)]
    is_asked = bool(moves)
    if not moves:
        moves = [_unasked(motions, concept, loop=loop)]
    if len(moves) > 1:
        moves = [move for move in moves if move is not Move.STATIC]
    return tuple(
        CameraMove(
            move=move,
            ease=Ease.LINEAR if tracking or move is Move.HANDHELD else Ease.IN_OUT,
            strength=_strength(words, move),
            from_seconds=Fraction(0),
            to_seconds=duration,
            tracking=tracking,
            asked=is_asked,
        )
        for move in moves
    )


def _that_way(move: Move, following: tuple[str, ...]) -> Move:
    """The move as the words after it turn it; whatever else they tell of ends the search."""
    for index, word in enumerate(following[:_FAR]):
        if (word,) in vocabulary.ACTIONS or word in _ELSEWHERE:
            return move
        before = following[max(0, index - 2) : index]
        if index == 0 or before in _TO_THE:
            ways = vocabulary.WAYS.get(word, frozenset())
            found = next((each for each in (move, move.other_way) if each in ways), None)
            if found is not None:
                return found
    return move


def _alongside(motions: tuple[SubjectMotion, ...]) -> Move:
    heading = next((m.heading for m in motions if m.heading is not Heading.NONE), Heading.RIGHT)
    return Move.TRUCK_LEFT if heading is Heading.LEFT else Move.TRUCK_RIGHT


def _unasked(motions: tuple[SubjectMotion, ...], concept: Concept, *, loop: bool) -> Move:
    """The move of a brief that names none: still when something happens in it, else a slow dolly."""
    actions = {motion.action for motion in motions}
    if loop or concept.environment is Environment.CABIN:
        return Move.STATIC
    if Action.BURST in actions:
        return Move.TILT_UP
    if actions - _IDLE:
        return Move.STATIC
    return Move.CRANE_UP if concept.mood is Mood.EPIC else Move.DOLLY_IN


def _strength(words: tuple[str, ...], move: Move) -> float:
    if move in {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}:
        return 1.0 if "quarter" in words else 0.6
    named = find(words, vocabulary.STRENGTHS)
    return named[0].term if named else _DEFAULT_STRENGTH
