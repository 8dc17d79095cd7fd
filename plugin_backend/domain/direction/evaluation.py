"""What was seen in a take: how far each directive was followed, and what is wrong with the picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

Json = dict[str, Any]

VERSION: Final = 1
"""Of the measures: evaluations of other versions are not compared."""


class Standing(StrEnum):
    """How far a directive was followed; what cannot be measured never counts as followed."""

    FOLLOWED = "followed"
    PARTLY = "partly"
    MISSED = "missed"
    NOT_MEASURED = "not-measured"


class DefectKind(StrEnum):
    """What a person would reject a take for, whatever was asked."""

    BLACK = "black"
    FROZEN = "frozen"
    DUPLICATE = "duplicate"
    CUT = "cut"
    FLICKER = "flicker"
    EXPOSURE_JUMP = "exposure-jump"
    CLIPPED = "clipped"
    CRUSHED = "crushed"
    CAST = "cast"
    SOFT = "soft"
    SHAKE = "shake"
    LOOP_SEAM = "loop-seam"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """One directive against the pixels: 0..1 and how sure; None where nothing could be measured."""

    directive_id: str
    standing: Standing
    score: float | None
    confidence: float
    says: str
    """What was seen, in a sentence."""
    measured: Mapping[str, Any] = field(default_factory=dict)
    """Figures with their units in their names, such as `pan_widths_per_second`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A fault, how bad (0..1; 1: nobody would use it), when, and the figure beside its limit."""

    kind: DefectKind
    severity: float
    at_seconds: tuple[float, ...]
    measured: float
    limit: float
    unit: str
    says: str


@dataclass(frozen=True, slots=True)
class CameraSample:
    """The camera's own motion about one moment; x, y in frame widths and heights a second, y down."""

    at_seconds: float
    x: float
    y: float
    zoom: float
    """Natural logarithm of the magnification a second."""
    roll: float
    """Degrees a second, clockwise."""
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that was measured of one take."""

    adherence: tuple[Adherence, ...]
    defects: tuple[Defect, ...]
    camera: tuple[CameraSample, ...]
    move: str
    """The whole shot's: one of the vocabulary's moves, `mixed`, or `unknown` when not measured."""
    figures: Mapping[str, float | None] = field(default_factory=dict)
    """By name with its unit; None: not measured."""
    palette: tuple[tuple[str, float], ...] = ()
    """`#rrggbb` and its share of the picture, the largest first; none: not measured."""
    subject: str = ""
    """What moves by itself looks like, a signature to compare takes by; empty: not measured."""
    not_measured: tuple[str, ...] = ()
    """What could not be measured, in sentences."""
    version: int = VERSION

    def to_json(self) -> Json:
        """Plain values only."""
        return {
            "version": self.version,
            "move": self.move,
            "adherence": [
                {
                    "directive_id": each.directive_id,
                    "standing": each.standing.value,
                    "score": each.score,
                    "confidence": each.confidence,
                    "says": each.says,
                    "measured": dict(each.measured),
                }
                for each in self.adherence
            ],
            "defects": [
                {
                    "kind": each.kind.value,
                    "severity": each.severity,
                    "at_seconds": list(each.at_seconds),
                    "measured": each.measured,
                    "limit": each.limit,
                    "unit": each.unit,
                    "says": each.says,
                }
                for each in self.defects
            ],
            "camera": [[s.at_seconds, s.x, s.y, s.zoom, s.roll, s.confidence] for s in self.camera],
            "figures": dict(self.figures),
            "palette": [list(each) for each in self.palette],
            "subject": self.subject,
            "not_measured": list(self.not_measured),
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """The evaluation `to_json` wrote."""
        return cls(
            adherence=tuple(
                Adherence(**{**each, "standing": Standing(each["standing"])}) for each in data["adherence"]
            ),
            defects=tuple(
                Defect(**{**each, "kind": DefectKind(each["kind"]), "at_seconds": tuple(each["at_seconds"])})
                for each in data["defects"]
            ),
            camera=tuple(CameraSample(*each) for each in data["camera"]),
            move=data["move"],
            figures=dict(data["figures"]),
            palette=tuple((code, share) for code, share in data.get("palette", ())),
            subject=data.get("subject", ""),
            not_measured=tuple(data["not_measured"]),
            version=data["version"],
        )
