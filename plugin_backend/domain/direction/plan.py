"""From an editor's words to a shot plan: deterministic, in milliseconds, never without a picture."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, TypeVar

from plugin_backend.domain.direction import vocabulary
from plugin_backend.domain.direction.motion import plan_motion
from plugin_backend.domain.direction.reading import Found, find, words_of
from plugin_backend.domain.direction.shot import (
    CameraMove,
    Concept,
    Lighting,
    Motion,
    ShotPlan,
    Subject,
    SubjectMotion,
)
from plugin_backend.domain.direction.terms import (
    Contrast,
    Environment,
    LightSource,
    Mood,
    Palette,
    SubjectKind,
    TimeOfDay,
    Weather,
)

__all__ = ["CameraMove", "Concept", "Lighting", "Motion", "ShotPlan", "Subject", "SubjectMotion", "plan_shot"]

Term = TypeVar("Term")

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
_PALETTES: Final = {
    Environment.STREET: Palette.NEON,
    Environment.WALL: Palette.BRICK,
    Environment.GALLERY: Palette.WHITE,
    Environment.COUNTER: Palette.COFFEE,
    Environment.DESERT: Palette.SAND,
    Environment.WORKSHOP: Palette.STEEL,
    Environment.TABLETOP: Palette.BLACK,
    Environment.PLATFORM: Palette.AMBER,
}
_HOURS: Final = {
    TimeOfDay.DAWN: (Palette.PASTEL, LightSource.SKY),
    TimeOfDay.MORNING: (Palette.GREEN, LightSource.SUN),
    TimeOfDay.NOON: (Palette.BLUE, LightSource.SUN),
    TimeOfDay.AFTERNOON: (Palette.AMBER, LightSource.SUN),
    TimeOfDay.GOLDEN: (Palette.GOLDEN, LightSource.SUN),
    TimeOfDay.DUSK: (Palette.BLUE, LightSource.SKY),
    TimeOfDay.NIGHT: (Palette.NIGHT, LightSource.MOON),
    TimeOfDay.INDOORS: (Palette.GREY, LightSource.SOFTBOX),
}


def plan_shot(prompt: str, *, duration_seconds: Fraction, loop: bool = False) -> ShotPlan:
    """What to show, how to move and how to light it, from the words of the brief."""
    words = words_of(prompt)
    found = find(words, vocabulary.SUBJECTS)
    subjects = _subjects(words, found)
    concept = _concept(words, subjects)
    looping = loop or bool(find(words, dict.fromkeys(vocabulary.LOOPS, True)))
    return ShotPlan(
        concept=concept,
        motion=plan_motion(words, found, concept, duration=duration_seconds, loop=looping),
        lighting=_lighting(words, concept),
        duration_seconds=duration_seconds,
        loop=looping,
    )


def _subjects(words: tuple[str, ...], found: Sequence[Found[SubjectKind]]) -> tuple[Subject, ...]:
    subjects: dict[SubjectKind, Subject] = {}
    for hit in found:
        name = words[hit.end - 1]
        colour = _colour_before(words, hit.at)
        known = subjects.get(hit.term)
        if known is None or (known.colour is None and colour):
            subjects[hit.term] = Subject(hit.term, colour, plural=name.endswith("s") and name != "glass")
    return tuple(subjects.values())[:_MOST_SUBJECTS]


def _colour_before(words: tuple[str, ...], at: int) -> str | None:
    near = words[max(0, at - 2) : at]
    return next((found.term for found in reversed(find(near, vocabulary.COLOURS))), None)


def _concept(words: tuple[str, ...], subjects: tuple[Subject, ...]) -> Concept:
    environment = _environment(words, subjects)
    indoors = environment in _INDOORS
    fallback = TimeOfDay.INDOORS if indoors else _TIMES.get(environment, TimeOfDay.GOLDEN)
    time_of_day = _first(words, vocabulary.TIMES, fallback)
    return Concept(
        subjects=subjects,
        environment=environment,
        weather=_weather(words),
        time_of_day=time_of_day,
        mood=_first(words, vocabulary.MOODS, Mood.CALM),
    )


def _environment(words: tuple[str, ...], subjects: tuple[Subject, ...]) -> Environment:
    votes: Counter[Environment] = Counter()
    for hit in find(words, vocabulary.ENVIRONMENTS):
        votes[hit.term] += 1 + hit.length
    for subject in subjects:
        if subject.kind in _HOMES:
            votes[_HOMES[subject.kind]] += 2
    return votes.most_common(1)[0][0] if votes else Environment.MEADOW


def _weather(words: tuple[str, ...]) -> Weather:
    found = {hit.term for hit in find(words, vocabulary.WEATHERS)}
    if Weather.WET in found and Weather.RAIN in found:
        return Weather.RAIN
    return _first(words, vocabulary.WEATHERS, Weather.CLEAR)


def _lighting(words: tuple[str, ...], concept: Concept) -> Lighting:
    palette, source = _HOURS[concept.time_of_day]
    sources = dict.fromkeys(hit.term for hit in find(words, vocabulary.LIGHTS))
    accents = dict.fromkeys(hit.term for hit in find(words, vocabulary.COLOURS))
    dark = concept.time_of_day is TimeOfDay.NIGHT
    return Lighting(
        sources=tuple(sources) or (source,),
        contrast=_first(words, vocabulary.CONTRASTS, Contrast.HIGH if dark else Contrast.MEDIUM),
        palette=_PALETTES.get(concept.environment, palette),
        accents=tuple(accents)[:4],
    )


def _first(words: tuple[str, ...], table: dict[vocabulary.Phrase, Term], fallback: Term) -> Term:
    """What the longest phrase chose; the earliest among equals."""
    found = find(words, table)
    return max(found, key=lambda hit: (hit.length, -hit.at)).term if found else fallback
