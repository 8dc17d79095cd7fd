"""What a render needs to know, as JSON too: any machine can render any frame of it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self

from plugin_backend.domain.direction.shot import ShotPlan

Quality = Literal["draft", "master"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A stroke drawn on the frame: points of 0..1 from the top left, and when it applies."""

    target: Literal["camera", "subject"]
    points: tuple[Point, ...]
    from_seconds: float
    to_seconds: float
    note: str = ""


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
                    "target": a.target,
                    "points": [list(point) for point in a.points],
                    "from_seconds": a.from_seconds,
                    "to_seconds": a.to_seconds,
                    "note": a.note,
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
            annotations=tuple(
                Annotation(
                    target=a["target"],
                    points=tuple((float(x), float(y)) for x, y in a["points"]),
                    from_seconds=float(a["from_seconds"]),
                    to_seconds=float(a["to_seconds"]),
                    note=a["note"],
                )
                for a in data["annotations"]
            ),
        )
