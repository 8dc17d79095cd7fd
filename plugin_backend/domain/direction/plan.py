"""From an editor's words to a shot plan: deterministic, in milliseconds, never without a picture."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.direction import vocabulary
from plugin_backend.domain.direction.framed import framings_of, sizes_of
from plugin_backend.domain.direction.framing import Render
from plugin_backend.domain.direction.lexicon import Found
from plugin_backend.domain.direction.lighting import asked_light, lighting_of
from plugin_backend.domain.direction.motion import plan_motion
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import (
    Asked,
    CameraMove,
    Concept,
    Lighting,
    Motion,
    ShotPlan,
    Subject,
    SubjectMotion,
)
from plugin_backend.domain.direction.staging import staged
from plugin_backend.domain.direction.terms import Environment, Mood, SubjectKind, TimeOfDay, Weather
from plugin_backend.domain.direction.understood import understood

__all__ = ["CameraMove", "Concept", "Lighting", "Motion", "ShotPlan", "Subject", "SubjectMotion", "plan_shot"]

_MOST_SUBJECTS: Final = 6

# Where a subject is at home when the brief names no place.
_HOMES: Final = {
    SubjectKind.FIREWORKS: Environment.LAKE,
    SubjectKind.PENDULUM: Environment.WALL,
    SubjectKind.BALL: Environment.GALLERY,
    SubjectKind.COLUMN: Environment.GALLERY,
    SubjectKind.GLASS: Environment.COUNTER,
    SubjectKind.BOTTLE: Environment.TABLETOP,
    SubjectKind.ARC: Environment.WORKSHOP,
    SubjectKind.TRAIN: Environment.PLATFORM,
    SubjectKind.CAMEL: Environment.DESERT,
    SubjectKind.BOAT: Environment.COAST,
    SubjectKind.UMBRELLA: Environment.STREET,
    SubjectKind.STARS: Environment.MOUNTAINS,
    SubjectKind.CAR: Environment.CITY,
    SubjectKind.HORSE: Environment.MEADOW,
}
_INDOORS: Final = {
    Environment.WALL,
    Environment.GALLERY,
    Environment.COUNTER,
    Environment.WORKSHOP,
    Environment.TABLETOP,
}
_TIMES: Final = {
    Environment.FOREST: TimeOfDay.GOLDEN,
    Environment.STREET: TimeOfDay.NIGHT,
    Environment.HARBOUR: TimeOfDay.DAWN,
    Environment.LAKE: TimeOfDay.DUSK,
    Environment.CABIN: TimeOfDay.NIGHT,
    Environment.DESERT: TimeOfDay.NOON,
    Environment.SPACE: TimeOfDay.NIGHT,
    Environment.CITY: TimeOfDay.DUSK,
    Environment.PLATFORM: TimeOfDay.AFTERNOON,
}


def plan_shot(
    prompt: str, *, duration_seconds: Fraction, loop: bool = False, render: Render | None = None
) -> ShotPlan:
    """What to show, how to move and how to light it, from the words of the brief."""
    read = understood(prompt)
    said = read.said
    where = staged(said)
    concept = _concept(said)
    still, sizes = said.without(where.words), sizes_of(said)
    looping = loop or bool(said.found("loop"))
    motion = plan_motion(still, concept, sizes, duration=duration_seconds, loop=looping)
    return ShotPlan(
        concept=concept,
        motion=motion,
        lighting=lighting_of(said, concept, where.sides),
        duration_seconds=duration_seconds,
        loop=looping,
        shots=framings_of(said, where.placements, sizes, duration=duration_seconds),
        avoid=read.avoid,
        asked=(*_asked(said), *asked_light(said)),
        render=render,
    )


def _subjects(said: Said) -> tuple[Subject, ...]:
    """Each kind once, but people by their own words: a man and a woman are two."""
    subjects: dict[tuple[SubjectKind, str], Subject] = {}
    for hit in said.things:
        word = said.words[hit.end - 1]
        if not said.is_free(hit) or (hit.term is SubjectKind.THING and word in vocabulary.ELEMENTS):
            continue
        key = _key(hit.term, word, subjects)
        colour, known = _colour_before(said, hit.at), subjects.get(key)
        if known is None:
            subjects[key] = Subject(hit.term, colour, word.endswith("s") and word != "glass", word)
        elif known.colour is None and colour:
            subjects[key] = Subject(known.kind, colour, known.plural, known.word)
    named = [each for each in subjects.values() if each.kind is not SubjectKind.THING]
    things = [each for each in subjects.values() if each.kind is SubjectKind.THING]
    return tuple([*named, *things][:_MOST_SUBJECTS])


def _key(
    kind: SubjectKind, word: str, known: dict[tuple[SubjectKind, str], Subject]
) -> tuple[SubjectKind, str]:
    if word in vocabulary.PRONOUNS:
        return next(((kind, other) for each, other in known if each is kind), (kind, word))
    by_word = kind in {SubjectKind.PERSON, SubjectKind.THING}
    return (kind, word if by_word else "")


def _colour_before(said: Said, at: int) -> str | None:
    near = [hit for hit in said.found("colour") if at - 2 <= hit.at and hit.end <= at]
    return near[-1].term if near else None


def _concept(said: Said) -> Concept:
    subjects = _subjects(said)
    environment = _environment(said, subjects)
    indoors = environment in _INDOORS
    fallback = TimeOfDay.INDOORS if indoors else _TIMES.get(environment, TimeOfDay.GOLDEN)
    return Concept(
        subjects=subjects,
        environment=environment,
        weather=_weather(said),
        time_of_day=_first(_hours(said) or said.found("hour"), fallback),
        mood=_first(said.found("mood"), Mood.CALM),
    )


def _environment(said: Said, subjects: Sequence[Subject]) -> Environment:
    votes: Counter[Environment] = Counter()
    for hit in said.found("environment"):
        votes[hit.term] += 1 + hit.length
    for subject in subjects:
        if subject.kind in _HOMES:
            votes[_HOMES[subject.kind]] += 2
    return votes.most_common(1)[0][0] if votes else Environment.MEADOW


def _weather(said: Said) -> Weather:
    hits = said.found("weather")
    found = {hit.term for hit in hits}
    if Weather.WET in found and Weather.RAIN in found:
        return Weather.RAIN
    return Weather(_first(hits, Weather.CLEAR))


def _asked(said: Said) -> tuple[Asked, ...]:
    """What of the scene the brief says outright; a neon sign makes night likely and asks for none."""
    weathers = [hit for hit in said.found("weather") if _phrase(said, hit) not in vocabulary.IMPLIED_WEATHERS]
    found = {
        Asked.ENVIRONMENT: said.found("environment"),
        Asked.WEATHER: weathers,
        Asked.TIME_OF_DAY: _hours(said),
        Asked.MOOD: said.found("mood"),
    }
    return tuple(which for which, hits in found.items() if hits)


def _hours(said: Said) -> list[Found[TimeOfDay]]:
    """The hours that are named; a neon sign only makes night likely."""
    return [hit for hit in said.found("hour") if _phrase(said, hit) not in vocabulary.IMPLIED_HOURS]


def _phrase(said: Said, hit: Found[Any]) -> tuple[str, ...]:
    return said.words[hit.at : hit.end]


def _first(found: Sequence[Found[Any]], fallback: Any) -> Any:
    """What the longest phrase chose; the earliest among equals."""
    return max(found, key=lambda hit: (hit.length, -hit.at)).term if found else fallback
