"""A planned shot: what is seen, how it moves, how it is lit; the same after a trip through JSON."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

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


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what, in which colour (`#rrggbb`) when the brief names one."""

    kind: SubjectKind
    colour: str | None = None
    plural: bool = False


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


@dataclass(frozen=True, slots=True)
class SubjectMotion:
    """What one subject does, and which way."""

    kind: SubjectKind
    action: Action
    heading: Heading


@dataclass(frozen=True, slots=True)
class Motion:
    """How camera and subjects move."""

    camera: tuple[CameraMove, ...]
    subjects: tuple[SubjectMotion, ...]


@dataclass(frozen=True, slots=True)
class Lighting:
    """What lights the scene, how hard, and in which colours; accents are the brief's own colours."""

    sources: tuple[LightSource, ...]
    contrast: Contrast
    palette: Palette
    accents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """The whole plan of one shot."""

    concept: Concept
    motion: Motion
    lighting: Lighting
    duration_seconds: Fraction
    loop: bool

    def to_json(self) -> Json:
        """Plain values only; times as exact fractions."""
        concept, lighting = self.concept, self.lighting
        return {
            "concept": {
                "subjects": [
                    {"kind": s.kind.value, "colour": s.colour, "plural": s.plural} for s in concept.subjects
                ],
                "environment": concept.environment.value,
                "weather": concept.weather.value,
                "time_of_day": concept.time_of_day.value,
                "mood": concept.mood.value,
            },
            "motion": {
                "camera": [_move_to_json(move) for move in self.motion.camera],
                "subjects": [
                    {"kind": m.kind.value, "action": m.action.value, "heading": m.heading.value}
                    for m in self.motion.subjects
                ],
            },
            "lighting": {
                "sources": [source.value for source in lighting.sources],
                "contrast": lighting.contrast.value,
                "palette": lighting.palette.value,
                "accents": list(lighting.accents),
            },
            "duration_seconds": str(self.duration_seconds),
            "loop": self.loop,
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """The plan `to_json` wrote."""
        return cls(
            concept=_concept_from_json(data["concept"]),
            motion=_motion_from_json(data["motion"]),
            lighting=_lighting_from_json(data["lighting"]),
            duration_seconds=Fraction(data["duration_seconds"]),
            loop=bool(data["loop"]),
        )


def _move_to_json(move: CameraMove) -> Json:
    return {
        "move": move.move.value,
        "ease": move.ease.value,
        "strength": move.strength,
        "from_seconds": str(move.from_seconds),
        "to_seconds": str(move.to_seconds),
        "tracking": move.tracking,
    }


def _concept_from_json(data: Json) -> Concept:
    return Concept(
        subjects=tuple(Subject(SubjectKind(s["kind"]), s["colour"], s["plural"]) for s in data["subjects"]),
        environment=Environment(data["environment"]),
        weather=Weather(data["weather"]),
        time_of_day=TimeOfDay(data["time_of_day"]),
        mood=Mood(data["mood"]),
    )


def _motion_from_json(data: Json) -> Motion:
    return Motion(
        camera=tuple(
            CameraMove(
                move=Move(move["move"]),
                ease=Ease(move["ease"]),
                strength=float(move["strength"]),
                from_seconds=Fraction(move["from_seconds"]),
                to_seconds=Fraction(move["to_seconds"]),
                tracking=bool(move["tracking"]),
            )
            for move in data["camera"]
        ),
        subjects=tuple(
            SubjectMotion(SubjectKind(m["kind"]), Action(m["action"]), Heading(m["heading"]))
            for m in data["subjects"]
        ),
    )


def _lighting_from_json(data: Json) -> Lighting:
    return Lighting(
        sources=tuple(LightSource(source) for source in data["sources"]),
        contrast=Contrast(data["contrast"]),
        palette=Palette(data["palette"]),
        accents=tuple(data["accents"]),
    )
