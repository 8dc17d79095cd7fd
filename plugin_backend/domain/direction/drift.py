"""How far takes and shots drift apart, in colour and in what moves: pure, from what was measured in them.

Distances are CIE 1976 colour differences (about 2 can just be seen, 10 at a glance). What was not measured is
None, with a sentence, and never counts as alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import dist
from statistics import median
from typing import Any, Final

from plugin_backend.domain.direction.resemblance import resemblance

Lab = tuple[float, float, float]

NEAR: Final = 20.0
"""A colour of the picture this near to one of the look counts as of the look."""

_WHITE: Final = (0.95047, 1.0, 1.08883)  # D65
_TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
ALIKE_LIGHT: Final = 8.0
"""Between palettes: beyond it the same thing looks too different for its looks to be compared."""

_NO_SUBJECT: Final = (
    "Whether it is the same person or thing: nothing moves by itself in two shots of like light."
)
_NO_PALETTE: Final = "The colours of this shot's take are not measured."
_NO_LOOK: Final = "No look names colours to compare with."
_ALONE: Final = "No other shot has a measured take to compare with."


@dataclass(frozen=True, slots=True)
class PaletteColour:
    """A colour that much of a picture has: `#rrggbb` as shown in SDR, and its share of the whole."""

    code: str
    share: float


Palette = tuple[PaletteColour, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What one take differs by, of the shots of a board or of the takes of a generation."""

    palette: Palette = ()
    distance_to_look: float | None = None
    """Mean over the picture, each colour to the look's nearest."""
    share_in_look: float | None = None
    """Of the picture, that lies near a colour of the look."""
    distance_to_others: float | None = None
    """The median of the distances to the other shots."""
    subject_resemblance: float | None = None
    """Of what moves by itself, 0..1: the median to the others of like light; colours and shapes, no faces."""
    likeness_of_both_ends: float | None = None
    """Correlation of the take's first and last frames, as the evaluation has it."""
    not_measured: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "palette": [{"colour": each.code, "share": each.share} for each in self.palette],
            "distance_to_look": self.distance_to_look,
            "share_in_look": self.share_in_look,
            "distance_to_others": self.distance_to_others,
            "subject_resemblance": self.subject_resemblance,
            "likeness_of_both_ends": self.likeness_of_both_ends,
            "not_measured": list(self.not_measured),
        }


def drifts(evaluations: Sequence[Mapping[str, Any] | None], look: Sequence[str]) -> tuple[Drift, ...]:
    """One for each take, in order, of what was seen in it; None: it was not looked at."""
    palettes = [palette_of(each) for each in evaluations]
    found = []
    for place, seen in enumerate(evaluations):
        drift, alike = _drift(place, palettes, look), _resembles(place, palettes, evaluations)
        missing = drift.not_measured if alike is not None else (*drift.not_measured, _NO_SUBJECT)
        drift = replace(drift, likeness_of_both_ends=_likeness(seen), subject_resemblance=alike)
        found.append(replace(drift, not_measured=missing))
    return tuple(found)


def palette_of(evaluation: Mapping[str, Any] | None) -> Palette:
    """The colours an evaluation found; none where it looked for none."""
    found = (evaluation or {}).get("palette") or ()
    return tuple(PaletteColour(str(code), float(share)) for code, share in found)


def distance(one: Palette, other: Palette) -> float:
    """Between two palettes: each colour to the other's nearest, by share, and the same the other way."""
    return (_towards(one, _labs(other)) + _towards(other, _labs(one))) / 2


def lab_of(code: str) -> Lab:
    """CIELAB (D65) of a `#rrggbb` colour."""
    light = [_linear(int(code[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    x, y, z = (
        _root(sum(weight * value for weight, value in zip(row, light, strict=True)) / white)
        for row, white in zip(_TO_XYZ, _WHITE, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _drift(place: int, palettes: Sequence[Palette], look: Sequence[str]) -> Drift:
    mine = palettes[place]
    if not mine:
        return Drift(not_measured=(_NO_PALETTE,))
    others = [each for at, each in enumerate(palettes) if at != place and each]
    asked = [lab_of(code) for code in look]
    missing = ((_NO_LOOK, asked), (_ALONE, others))
    return Drift(
        palette=mine,
        distance_to_look=round(_towards(mine, asked), 1) if asked else None,
        share_in_look=round(_share_near(mine, asked), 3) if asked else None,
        distance_to_others=round(median(distance(mine, each) for each in others), 1) if others else None,
        not_measured=tuple(says for says, found in missing if not found),
    )


def _resembles(
    place: int, palettes: Sequence[Palette], evaluations: Sequence[Mapping[str, Any] | None]
) -> float | None:
    """The median resemblance to what moves in the others of like light; None: there is none to compare."""
    signatures = [str((each or {}).get("subject") or "") for each in evaluations]
    mine = palettes[place]
    alike = [
        resemblance(signatures[place], signatures[at])
        for at, other in enumerate(palettes)
        if at != place and mine and other and distance(mine, other) <= ALIKE_LIGHT
    ]
    found = [each for each in alike if each is not None]
    return round(median(found), 3) if found else None


def _likeness(evaluation: Mapping[str, Any] | None) -> float | None:
    found = ((evaluation or {}).get("figures") or {}).get("likeness_of_both_ends")
    return None if found is None else float(found)


def _towards(palette: Palette, labs: Sequence[Lab]) -> float:
    whole = sum(each.share for each in palette)
    return sum(each.share * _nearest(each, labs) for each in palette) / whole


def _share_near(palette: Palette, labs: Sequence[Lab]) -> float:
    whole = sum(each.share for each in palette)
    return sum(each.share for each in palette if _nearest(each, labs) <= NEAR) / whole


def _nearest(colour: PaletteColour, labs: Sequence[Lab]) -> float:
    own = lab_of(colour.code)
    return min(dist(own, each) for each in labs)


def _labs(palette: Palette) -> list[Lab]:
    return [lab_of(each.code) for each in palette]


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116
