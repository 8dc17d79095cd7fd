"""What a render needs to know, as JSON too: any machine can render any frame of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self

from plugin_backend.domain.direction.shot import ShotPlan

Quality = Literal["draft", "master"]
Target = Literal["camera", "subject", "keep"]
Manner = Literal["travel", "turn", "dolly", "zoom", "orbit", "roll", "frame", "hold", "shake"]
Layer = Literal["front", "behind"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A stroke drawn on the frame: points of 0..1 from the top left, and when it applies."""

    target: Target
    points: tuple[Point, ...]
    from_seconds: float
    to_seconds: float
    manner: Manner = "travel"
    """How the camera does it."""
    is_back: bool = False
    """Out, or to the left, of moves that a stroke gives no way."""
    strength: float = 1.0
    region: tuple[Point, ...] = ()
    """The outline of the subject that moves."""
    layer: Layer = "front"
    """Of what is kept: everything there, or only what is far."""


@dataclass(frozen=True, slots=True)
class ShotSpec:
    """One shot at one size; the draft and its master differ in size and quality only."""

    plan: ShotPlan
    seed: int
    width: int
    height: int
    frame_rate: Fraction
    frame_count: int
    quality: Quality = "draft"
    loop: bool = False
    first_frame: Path | None = None
    last_frame: Path | None = None
    annotations: tuple[Annotation, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the shot lasts."""
        return float(self.frame_count / self.frame_rate)

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {
            "plan": self.plan.to_json(),
            "seed": self.seed,
            "width": self.width,
            "height": self.height,
            "frame_rate": str(self.frame_rate),
            "frame_count": self.frame_count,
            "quality": self.quality,
            "loop": self.loop,
            "first_frame": str(self.first_frame) if self.first_frame else None,
            "last_frame": str(self.last_frame) if self.last_frame else None,
            "annotations": [
                {
                    **asdict(a),
                    "points": [list(point) for point in a.points],
                    "region": [list(point) for point in a.region],
                }
                for a in self.annotations
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The spec `to_json` wrote."""
        return cls(
            plan=ShotPlan.from_json(data["plan"]),
            seed=int(data["seed"]),
            width=int(data["width"]),
            height=int(data["height"]),
            frame_rate=Fraction(data["frame_rate"]),
            frame_count=int(data["frame_count"]),
            quality=data["quality"],
            loop=bool(data["loop"]),
            first_frame=Path(data["first_frame"]) if data["first_frame"] else None,
            last_frame=Path(data["last_frame"]) if data["last_frame"] else None,
            annotations=tuple(_annotation(a) for a in data["annotations"]),
        )


def _annotation(data: dict[str, Any]) -> Annotation:
    """Those of an earlier version have a note in place of a manner."""
    return Annotation(
        target=data["target"],
        points=_points(data["points"]),
        from_seconds=float(data["from_seconds"]),
        to_seconds=float(data["to_seconds"]),
        manner=data["manner"] if "manner" in data else _noted(data["note"]),
        is_back=data.get("is_back", False),
        strength=data.get("strength", 1.0),
        region=_points(data.get("region", ())),
        layer=data.get("layer", "front"),
    )


def _points(data: Sequence[Sequence[float]]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in data)


def _noted(note: str) -> Manner:
    if "pan" in note or "tilt" in note:
        return "turn"
    return "dolly" if "dolly" in note or "push" in note else "travel"
