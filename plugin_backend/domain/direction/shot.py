"""A planned shot: what is seen, how it is framed, how it moves, how it is lit; the same after JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Self

from plugin_backend.domain.direction.framing import Avoidance, Framing, Render, SidedLight, Tone, moment
from plugin_backend.domain.direction.terms import (
    Action,
    Contrast,
    Ease,
    Environment,
    Heading,
    LightSource,
    Mood,
    Move,
    Palette,
    SubjectKind,
    TimeOfDay,
    Weather,
)

Json = dict[str, Any]

MAX_MOVES: Final = 32
"""Of the camera, of the subjects, of what is ruled out and of what stands somewhere: more no shot has."""


class Asked(StrEnum):
    """What the brief itself says of the scene; the rest of it was chosen for the editor."""

    ENVIRONMENT = "environment"
    WEATHER = "weather"
    TIME_OF_DAY = "time_of_day"
    MOOD = "mood"
    SOURCES = "sources"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what, in which colour (`#rrggbb`) when the brief names one, by the brief's own word."""

    kind: SubjectKind
    colour: str | None = None
    plural: bool = False
    word: str = ""

    @property
    def name(self) -> str:
        """What to call it."""
        return self.word or self.kind.value


@dataclass(frozen=True, slots=True)
class Concept:
    """What the picture shows."""

    subjects: tuple[Subject, ...]
    environment: Environment
    weather: Weather
    time_of_day: TimeOfDay
    mood: Mood


@dataclass(frozen=True, slots=True)
class CameraMove:
    """One move between two times; strength 1 is the whole of what the move can do."""

    move: Move
    ease: Ease
    strength: float
    from_seconds: Fraction
    to_seconds: Fraction
    tracking: bool = False
    asked: bool = True
    """False for a choice of ours, by which no take is judged."""
    about: str = ""
    """Whom it follows, circles or reveals, where the brief says so."""
    step: int = 0
    """The place in an asked order: what has a higher one comes after."""
    either_way: bool = False
    """The brief leaves its direction open: the other way is as right."""


@dataclass(frozen=True, slots=True)
class SubjectMotion:
    """What one subject does, and which way; without an end, to the end of the shot."""

    kind: SubjectKind
    action: Action
    heading: Heading
    from_seconds: Fraction = Fraction(0)
    to_seconds: Fraction | None = None
    asked: bool = True
    about: str = ""
    """The subject's word in the brief."""
    verb: str = ""
    """The action's word in the brief."""
    step: int = 0

    @property
    def name(self) -> str:
        """Whom to speak of."""
        return self.about or self.kind.value


@dataclass(frozen=True, slots=True)
class Motion:
    """How camera and subjects move."""

    camera: tuple[CameraMove, ...]
    subjects: tuple[SubjectMotion, ...]


@dataclass(frozen=True, slots=True)
class Lighting:
    """What lights the scene, how hard, and in which colours; accents are all colours the brief names."""

    sources: tuple[LightSource, ...]
    contrast: Contrast
    palette: Palette
    accents: tuple[str, ...]
    sides: tuple[SidedLight, ...] = ()
    tones: tuple[Tone, ...] = ()
    colours: tuple[str, ...] = ()
    """`#rrggbb` asked of the light or the whole picture, not of a subject."""


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """The whole plan of one shot."""

    concept: Concept
    motion: Motion
    lighting: Lighting
    duration_seconds: Fraction
    loop: bool
    shots: tuple[Framing, ...] = ()
    avoid: tuple[Avoidance, ...] = ()
    asked: tuple[Asked, ...] = ()
    render: Render | None = None

    def to_json(self) -> Json:
        """Plain values only; times as exact fractions."""
        return {
            "concept": _concept_to_json(self.concept),
            "shots": [framing.to_json() for framing in self.shots],
            "motion": {
                "camera": [_move_to_json(move) for move in self.motion.camera],
                "subjects": [_motion_to_json(each) for each in self.motion.subjects],
            },
            "lighting": _lighting_to_json(self.lighting),
            "avoid": [each.to_json() for each in self.avoid],
            "asked": [each.value for each in self.asked],
            "render": None if self.render is None else self.render.to_json(),
            "duration_seconds": str(self.duration_seconds),
            "loop": self.loop,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The plan `to_json` wrote, now or before plans had shots; or one that `plan_problems` passed."""
        render = data.get("render")
        return cls(
            concept=_concept_from_json(data["concept"]),
            motion=_motion_from_json(data["motion"]),
            lighting=_lighting_from_json(data["lighting"]),
            duration_seconds=moment(data["duration_seconds"]),
            loop=bool(data["loop"]),
            shots=tuple(Framing.from_json(each) for each in data.get("shots", ())),
            avoid=tuple(Avoidance.from_json(each) for each in data.get("avoid", ())),
            asked=tuple(Asked(each) for each in data.get("asked", ())),
            render=None if render is None else Render.from_json(render),
        )


def _concept_to_json(concept: Concept) -> Json:
    return {
        "subjects": [
            {"kind": s.kind.value, "colour": s.colour, "plural": s.plural, "word": s.word}
            for s in concept.subjects
        ],
        "environment": concept.environment.value,
        "weather": concept.weather.value,
        "time_of_day": concept.time_of_day.value,
        "mood": concept.mood.value,
    }


def _move_to_json(move: CameraMove) -> Json:
    return {
        "move": move.move.value,
        "ease": move.ease.value,
        "strength": move.strength,
        "from_seconds": str(move.from_seconds),
        "to_seconds": str(move.to_seconds),
        "tracking": move.tracking,
        "asked": move.asked,
        "about": move.about,
        "step": move.step,
        "either_way": move.either_way,
    }


def _motion_to_json(motion: SubjectMotion) -> Json:
    return {
        "kind": motion.kind.value,
        "action": motion.action.value,
        "heading": motion.heading.value,
        "from_seconds": str(motion.from_seconds),
        "to_seconds": None if motion.to_seconds is None else str(motion.to_seconds),
        "asked": motion.asked,
        "about": motion.about,
        "verb": motion.verb,
        "step": motion.step,
    }


def _lighting_to_json(lighting: Lighting) -> Json:
    return {
        "sources": [source.value for source in lighting.sources],
        "contrast": lighting.contrast.value,
        "palette": lighting.palette.value,
        "accents": list(lighting.accents),
        "sides": [side.to_json() for side in lighting.sides],
        "tones": [tone.value for tone in lighting.tones],
        "colours": list(lighting.colours),
    }


def _concept_from_json(data: Mapping[str, Any]) -> Concept:
    return Concept(
        subjects=tuple(
            Subject(SubjectKind(s["kind"]), s.get("colour"), s.get("plural", False), s.get("word", ""))
            for s in data["subjects"]
        ),
        environment=Environment(data["environment"]),
        weather=Weather(data["weather"]),
        time_of_day=TimeOfDay(data["time_of_day"]),
        mood=Mood(data["mood"]),
    )


def _motion_from_json(data: Mapping[str, Any]) -> Motion:
    return Motion(
        camera=tuple(_move_from_json(each) for each in data["camera"]),
        subjects=tuple(_subject_motion_from_json(each) for each in data["subjects"]),
    )


def _move_from_json(data: Mapping[str, Any]) -> CameraMove:
    return CameraMove(
        move=Move(data["move"]),
        ease=Ease(data.get("ease", Ease.IN_OUT)),
        strength=float(data["strength"]),
        from_seconds=moment(data["from_seconds"]),
        to_seconds=moment(data["to_seconds"]),
        tracking=bool(data.get("tracking", False)),
        asked=bool(data.get("asked", True)),
        about=data.get("about", ""),
        step=data.get("step", 0),
        either_way=bool(data.get("either_way", False)),
    )


def _subject_motion_from_json(data: Mapping[str, Any]) -> SubjectMotion:
    until = data.get("to_seconds")
    return SubjectMotion(
        kind=SubjectKind(data["kind"]),
        action=Action(data["action"]),
        heading=Heading(data["heading"]),
        from_seconds=moment(data.get("from_seconds", 0)),
        to_seconds=None if until is None else moment(until),
        asked=bool(data.get("asked", True)),
        about=data.get("about", ""),
        verb=data.get("verb", ""),
        step=data.get("step", 0),
    )


def _lighting_from_json(data: Mapping[str, Any]) -> Lighting:
    return Lighting(
        sources=tuple(LightSource(source) for source in data["sources"]),
        contrast=Contrast(data["contrast"]),
        palette=Palette(data["palette"]),
        accents=tuple(data.get("accents", ())),
        sides=tuple(SidedLight.from_json(each) for each in data.get("sides", ())),
        tones=tuple(Tone(each) for each in data.get("tones", ())),
        colours=tuple(data.get("colours", ())),
    )
