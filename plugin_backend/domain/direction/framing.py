"""How a shot is framed: size, angle, lens, composition, and where things stand; what must not be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.terms import LightSource
from plugin_backend.domain.seconds import seconds

Json = dict[str, Any]


def moment(value: float | str) -> Fraction:
    """A time as `to_json` writes it, which is exact, or as a JSON number."""
    return Fraction(value) if isinstance(value, str) else seconds(value)


class ShotSize(StrEnum):
    """How much of the scene is seen, from farthest to nearest."""

    EXTREME_WIDE = "extreme-wide"
    WIDE = "wide"
    FULL = "full"
    MEDIUM_WIDE = "medium-wide"
    MEDIUM = "medium"
    MEDIUM_CLOSE_UP = "medium-close-up"
    CLOSE_UP = "close-up"
    EXTREME_CLOSE_UP = "extreme-close-up"
    INSERT = "insert"


class Angle(StrEnum):
    """From where the camera looks."""

    EYE_LEVEL = "eye-level"
    LOW = "low"
    HIGH = "high"
    OVERHEAD = "overhead"
    WORMS_EYE = "worms-eye"
    AERIAL = "aerial"
    DUTCH = "dutch"
    OVER_THE_SHOULDER = "over-the-shoulder"
    POINT_OF_VIEW = "point-of-view"
    PROFILE = "profile"


class Lens(StrEnum):
    """The glass; its focal length stands in `focal_mm` where the brief names one."""

    FISHEYE = "fisheye"
    WIDE = "wide"
    NORMAL = "normal"
    PORTRAIT = "portrait"
    TELEPHOTO = "telephoto"
    MACRO = "macro"
    ANAMORPHIC = "anamorphic"
    TILT_SHIFT = "tilt-shift"


class Composition(StrEnum):
    """How the picture is arranged, and where its focus lies."""

    CENTRED = "centred"
    THIRDS = "thirds"
    SYMMETRICAL = "symmetrical"
    NEGATIVE_SPACE = "negative-space"
    LEADING_LINES = "leading-lines"
    FRAME_IN_FRAME = "frame-in-frame"
    SILHOUETTE = "silhouette"
    SHALLOW_FOCUS = "shallow-focus"
    DEEP_FOCUS = "deep-focus"
    RACK_FOCUS = "rack-focus"
    TWO_SHOT = "two-shot"


class Technique(StrEnum):
    """What is done with time, or with what is shown when."""

    REVEAL = "reveal"
    SLOW_MOTION = "slow-motion"
    TIME_LAPSE = "time-lapse"
    LONG_TAKE = "long-take"
    FREEZE = "freeze"
    CUT = "cut"
    FADE_IN = "fade-in"
    FADE_OUT = "fade-out"


class Tone(StrEnum):
    """How the picture's colours were asked for, beside single colours."""

    WARM = "warm"
    COLD = "cold"
    MUTED = "muted"
    VIVID = "vivid"
    PASTEL = "pastel"
    MONOCHROME = "monochrome"
    SEPIA = "sepia"
    DARK = "dark"
    BRIGHT = "bright"


class Side(StrEnum):
    """From where light comes, as the picture shows it."""

    LEFT = "left"
    RIGHT = "right"
    BEHIND = "behind"
    FRONT = "front"
    ABOVE = "above"
    BELOW = "below"


class Avoided(StrEnum):
    """What kind of thing must not be seen."""

    SUBJECT = "subject"
    MOVE = "move"
    WEATHER = "weather"
    LIGHT = "light"
    FRAMING = "framing"
    ACTION = "action"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one thing stands: by another, or in the frame when `beside` is empty."""

    about: str
    relation: Relation
    beside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the picture is framed between two times; None: as it comes."""

    size: ShotSize | None = None
    angle: Angle | None = None
    lens: Lens | None = None
    focal_mm: int | None = None
    composition: tuple[Composition, ...] = ()
    techniques: tuple[Technique, ...] = ()
    blocking: tuple[Placement, ...] = ()
    from_seconds: Fraction = Fraction(0)
    to_seconds: Fraction

    def to_json(self) -> Json:
        """Plain values only; times as exact fractions."""
        return {
            "size": None if self.size is None else self.size.value,
            "angle": None if self.angle is None else self.angle.value,
            "lens": None if self.lens is None else self.lens.value,
            "focal_mm": self.focal_mm,
            "composition": [each.value for each in self.composition],
            "techniques": [each.value for each in self.techniques],
            "blocking": [
                {"about": each.about, "relation": each.relation.value, "beside": each.beside}
                for each in self.blocking
            ],
            "from_seconds": str(self.from_seconds),
            "to_seconds": str(self.to_seconds),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Framing":
        """The framing `to_json` wrote."""
        size, angle, lens = data.get("size"), data.get("angle"), data.get("lens")
        return cls(
            size=None if size is None else ShotSize(size),
            angle=None if angle is None else Angle(angle),
            lens=None if lens is None else Lens(lens),
            focal_mm=data.get("focal_mm"),
            composition=tuple(Composition(each) for each in data.get("composition", ())),
            techniques=tuple(Technique(each) for each in data.get("techniques", ())),
            blocking=tuple(
                Placement(each["about"], Relation(each["relation"]), each.get("beside", ""))
                for each in data.get("blocking", ())
            ),
            from_seconds=moment(data["from_seconds"]),
            to_seconds=moment(data["to_seconds"]),
        )


@dataclass(frozen=True, slots=True)
class SidedLight:
    """Light from one side; without a source, light in general."""

    side: Side
    source: LightSource | None = None

    def to_json(self) -> Json:
        """Plain values only."""
        return {"side": self.side.value, "source": None if self.source is None else self.source.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SidedLight":
        """The light `to_json` wrote."""
        source = data.get("source")
        return cls(Side(data["side"]), None if source is None else LightSource(source))


@dataclass(frozen=True, slots=True)
class Avoidance:
    """What the brief says must not be: its kind, the brief's own words, and the vocabulary's terms."""

    kind: Avoided
    what: str
    terms: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """Plain values only."""
        return {"kind": self.kind.value, "what": self.what, "terms": list(self.terms)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Avoidance":
        """The avoidance `to_json` wrote."""
        return cls(Avoided(data["kind"]), data["what"], tuple(data.get("terms", ())))


@dataclass(frozen=True, slots=True)
class Render:
    """What the shot is made with, in the contract's words; empty where nothing was chosen."""

    model: str = ""
    tier: str = ""
    resolution: str = ""
    dynamic_range: str = ""

    def to_json(self) -> Json:
        """Plain values only."""
        return {
            "model": self.model,
            "tier": self.tier,
            "resolution": self.resolution,
            "dynamic_range": self.dynamic_range,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Render":
        """The render `to_json` wrote."""
        return cls(**{name: data.get(name, "") for name in ("model", "tier", "resolution", "dynamic_range")})
