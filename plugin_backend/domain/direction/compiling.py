"""From a plan to its directives: one instruction each, with its time, so that each can be measured."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.framing import Avoidance, Framing, Placement, SidedLight
from plugin_backend.domain.direction.saying import (
    avoidance_says,
    framing_says,
    light_says,
    motion_says,
    move_says,
    placement_says,
    timed,
)
from plugin_backend.domain.direction.shot import Asked, CameraMove, ShotPlan, SubjectMotion
from plugin_backend.domain.direction.terms import LightSource

_OF_THE_HOUR: Final = {
    LightSource.SUN,
    LightSource.MOON,
    LightSource.SKY,
}  # they come with an hour that is said
_ASKED: Final = {True: DirectiveSource.WORDS, False: DirectiveSource.DEFAULT}


class _Names:
    """Ids such as `camera-2`, in the order they are asked for."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(DirectiveKind, 0)

    def next(self, kind: DirectiveKind) -> str:
        """The next of its kind."""
        self._counts[kind] += 1
        return f"{kind}-{self._counts[kind]}"


def directives_of_plan(plan: ShotPlan) -> tuple[Directive, ...]:
    """Every instruction of a plan, in an order and with ids that the same plan always has."""
    names = _Names()
    return (
        *(_camera(plan, move, names) for move in plan.motion.camera),
        *(_subject(plan, motion, names) for motion in plan.motion.subjects),
        *(each for framing in plan.shots for each in _framed(framing, names)),
        *_lit(plan, names),
        *_ordered(plan, names),
        *(_avoided(plan, each, names) for each in plan.avoid),
    )


def _camera(plan: ShotPlan, move: CameraMove, names: _Names) -> Directive:
    return Directive(
        id=names.next(DirectiveKind.CAMERA),
        kind=DirectiveKind.CAMERA,
        source=_ASKED[move.asked],
        says=timed(move_says(move), move.from_seconds, move.to_seconds, duration=plan.duration_seconds),
        from_seconds=move.from_seconds,
        to_seconds=move.to_seconds,
        move=None if move.tracking and move.either_way else move.move,
        about=move.about,
        either_way=move.either_way,
        strength=move.strength,
    )


def _subject(plan: ShotPlan, motion: SubjectMotion, names: _Names) -> Directive:
    until = plan.duration_seconds if motion.to_seconds is None else motion.to_seconds
    return Directive(
        id=names.next(DirectiveKind.SUBJECT),
        kind=DirectiveKind.SUBJECT,
        source=_ASKED[motion.asked],
        says=timed(motion_says(motion), motion.from_seconds, until, duration=plan.duration_seconds),
        from_seconds=motion.from_seconds,
        to_seconds=until,
        about=motion.name,
        terms=(motion.action.value, motion.heading.value),
    )


def _framed(framing: Framing, names: _Names) -> Iterator[Directive]:
    says = framing_says(framing)
    terms = (framing.size, framing.angle, framing.lens, *framing.composition, *framing.techniques)
    named = tuple(term.value for term in terms if term is not None)
    if framing.focal_mm is not None:
        named = (*named, f"{framing.focal_mm}mm")
    if named:
        yield Directive(
            id=names.next(DirectiveKind.SHOT),
            kind=DirectiveKind.SHOT,
            source=DirectiveSource.WORDS,
            says=says,
            from_seconds=framing.from_seconds,
            to_seconds=framing.to_seconds,
            terms=named,
        )
    for placement in framing.blocking:
        yield _placed(framing, placement, names)


def _placed(framing: Framing, placement: Placement, names: _Names) -> Directive:
    return Directive(
        id=names.next(DirectiveKind.PLACE),
        kind=DirectiveKind.PLACE,
        source=DirectiveSource.WORDS,
        says=placement_says(placement),
        from_seconds=framing.from_seconds,
        to_seconds=framing.to_seconds,
        about=placement.about,
        relation=placement.relation,
        beside=placement.beside,
    )


def _lit(plan: ShotPlan, names: _Names) -> Iterator[Directive]:
    """What was asked of the light: each source or side on its own, then the hour, the weather and so on."""
    concept, lighting = plan.concept, plan.lighting
    sided = {side.source for side in lighting.sides}
    groups: list[tuple[str, ...]] = [_sided(side) for side in lighting.sides]
    if Asked.SOURCES in plan.asked:
        named = [source for source in lighting.sources if source not in sided]
        groups += [
            (source.value,) for source in named if source not in _OF_THE_HOUR or lighting.sources == (source,)
        ]
    asked = {
        Asked.TIME_OF_DAY: concept.time_of_day.value,
        Asked.WEATHER: concept.weather.value,
        Asked.CONTRAST: f"{lighting.contrast.value}-contrast",
    }
    groups += [(term,) for which, term in asked.items() if which in plan.asked]
    groups += [(tone.value,) for tone in lighting.tones]
    groups += [lighting.colours] if lighting.colours else []
    for terms in groups:
        yield Directive(
            id=names.next(DirectiveKind.LIGHT),
            kind=DirectiveKind.LIGHT,
            source=DirectiveSource.WORDS,
            says=light_says(terms),
            to_seconds=plan.duration_seconds,
            terms=terms,
        )


def _sided(side: SidedLight) -> tuple[str, ...]:
    source = () if side.source is None else (side.source.value,)
    return (*source, f"from-{side.side.value}")


def _ordered(plan: ShotPlan, names: _Names) -> Iterator[Directive]:
    """One order of what the brief puts one after the other; what lasts for the whole shot is in no order."""
    end = plan.duration_seconds
    events = [
        *((e.step, motion_says(e), e.to_seconds or end) for e in plan.motion.subjects if e.asked),
        *((e.step, move_says(e), e.to_seconds) for e in plan.motion.camera if e.asked),
    ]
    placed = sorted((step, says) for step, says, until in events if step or until < end)
    steps = [
        " and ".join(dict.fromkeys(says for _, says in together))
        for _, together in groupby(placed, key=lambda event: event[0])
    ]
    if len(steps) > 1:
        yield Directive(
            id=names.next(DirectiveKind.ORDER),
            kind=DirectiveKind.ORDER,
            source=DirectiveSource.WORDS,
            says=", then ".join(steps),
            to_seconds=plan.duration_seconds,
            terms=tuple(steps),
        )


def _avoided(plan: ShotPlan, avoidance: Avoidance, names: _Names) -> Directive:
    return Directive(
        id=names.next(DirectiveKind.AVOID),
        kind=DirectiveKind.AVOID,
        source=DirectiveSource.WORDS,
        says=avoidance_says(avoidance),
        to_seconds=plan.duration_seconds,
        about=avoidance.what,
        terms=avoidance.terms,
    )
