"""Camera moves and subject motions: what the brief asks, and when; our own choice where it asks nothing."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction.acting import Deed, deeds_of, is_idle
from plugin_backend.domain.direction.doing import doers_of
from plugin_backend.domain.direction.moving import Named, named_moves
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.scheduling import Event, Track, schedule
from plugin_backend.domain.direction.shot import MAX_MOVES, CameraMove, Concept, Motion, SubjectMotion
from plugin_backend.domain.direction.terms import Action, Ease, Environment, Heading, Mood, Move, SubjectKind

_DEFAULT_STRENGTH: Final = 0.6
_FOLLOWING: Final = {"tracks", "tracking", "follows", "following", "track", "follow"}

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
_IDLE: Final = {Action.STAND, Action.ROCK, Action.FLY}


def plan_motion(
    said: Said, concept: Concept, sizes: Sequence[Event], *, duration: Fraction, loop: bool
) -> Motion:
    """Who moves which way and when, and what the camera does meanwhile; the sizes get their times too."""
    doers = doers_of(said)
    named = named_moves(said, doers)[:MAX_MOVES]
    deeds = deeds_of(said, doers, named, concept.subjects)[: MAX_MOVES - len(concept.subjects)]
    events = [*map(_camera_event, named), *map(_subject_event, deeds)]
    schedule(said, [*events, *sizes], duration=duration)
    subjects = tuple(_motion(event, duration) for event in events if event.track is Track.SUBJECT)
    habits = _habits(concept, subjects)
    return Motion(
        camera=_camera(said, events, (*subjects, *habits), concept, duration=duration, loop=loop),
        subjects=(*subjects, *habits),
    )


def _camera_event(named: Named) -> Event:
    return Event(Track.CAMERA, named.at, named.end, named, is_idle=named.move is Move.STATIC)


def _subject_event(deed: Deed) -> Event:
    return Event(Track.SUBJECT, deed.at, deed.end, deed, is_idle=is_idle(deed), who=deed.name)


def _motion(event: Event, duration: Fraction) -> SubjectMotion:
    deed: Deed = event.what
    return SubjectMotion(
        kind=deed.kind,
        action=deed.action,
        heading=deed.heading,
        from_seconds=event.start or Fraction(0),
        to_seconds=duration if event.until is None else event.until,
        about=deed.name,
        verb=deed.verb,
        step=event.step,
    )


def _habits(concept: Concept, asked: Sequence[SubjectMotion]) -> tuple[SubjectMotion, ...]:
    moving = {motion.kind for motion in asked}
    return tuple(
        SubjectMotion(subject.kind, _HABITS[subject.kind], Heading.NONE, asked=False, about=subject.word)
        for subject in concept.subjects
        if subject.kind in _HABITS and subject.kind not in moving
    )


def _camera(
    said: Said,
    events: Sequence[Event],
    motions: Sequence[SubjectMotion],
    concept: Concept,
    *,
    duration: Fraction,
    loop: bool,
) -> tuple[CameraMove, ...]:
    asked = [event for event in events if event.track is Track.CAMERA]
    moves = [_move(event, motions, tracking=_tracks(said, event.what)) for event in asked]
    if moves:
        return tuple(moves)
    move = Move.DOLLY_IN if "macro" in said.words else _unasked(motions, concept, loop=loop)
    return (CameraMove(move, Ease.IN_OUT, _DEFAULT_STRENGTH, Fraction(0), duration, asked=False),)


def _tracks(said: Said, named: Named) -> bool:
    """Whether the camera keeps up with somebody: it follows, or it tracks a way that is named."""
    tracks = bool(_FOLLOWING.intersection(said.words[named.at : named.end])) and "camera" in said.words
    return named.follows or (tracks and not named.is_either_way)


def _move(event: Event, motions: Sequence[SubjectMotion], *, tracking: bool) -> CameraMove:
    named: Named = event.what
    linear = tracking or named.move is Move.HANDHELD
    move = CameraMove(
        move=named.move,
        ease=Ease.LINEAR if linear else Ease.IN_OUT,
        strength=named.strength,
        from_seconds=event.start or Fraction(0),
        to_seconds=event.until or Fraction(0),
        tracking=tracking,
        about=named.about,
        step=event.step,
        either_way=named.is_either_way,
    )
    return _alongside(move, motions) if named.follows else move


def _alongside(move: CameraMove, motions: Sequence[SubjectMotion]) -> CameraMove:
    """Beside whom it follows, the way they go; which way that is may stay open."""
    own = [motion for motion in motions if motion.name == move.about] or list(motions)
    ways = {Heading.LEFT: Move.TRUCK_LEFT, Heading.RIGHT: Move.TRUCK_RIGHT}
    found = next((ways[motion.heading] for motion in own if motion.heading in ways), None)
    return move if found is None or not move.either_way else replace(move, move=found, either_way=False)


def _unasked(motions: Sequence[SubjectMotion], concept: Concept, *, loop: bool) -> Move:
    """The move of a brief that names none: still when something happens in it, else a slow dolly."""
    actions = {motion.action for motion in motions if motion.kind is not SubjectKind.THING}
    if loop or concept.environment is Environment.CABIN:
        return Move.STATIC
    if Action.BURST in actions:
        return Move.TILT_UP
    if actions - _IDLE:
        return Move.STATIC
    return Move.CRANE_UP if concept.mood is Mood.EPIC else Move.DOLLY_IN
