"""Every limit the director judges by, in one table, each with its unit and how it was validated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit, in a unit, and on what it was tried."""

    limit: float
    unit: str
    validated: str


THRESHOLDS: Final[Mapping[str, Threshold]] = {
    "static": Threshold(0.008, "widths/s", "truth set: static shots stay below, the slowest moves above"),
    "handheld": Threshold(0.0006, "widths rms", "truth set: handheld shots against all others"),
    "shake": Threshold(0.0015, "widths rms", "truth set: none of the shots without a hand reaches it"),
    "parallax": Threshold(
        0.15, "share of the motion", "truth set: trucks against pans, dollies against zooms"
    ),
    "orbit": Threshold(0.5, "share of the motion", "truth set: orbits against trucks and pans"),
    "whip": Threshold(1.2, "widths/s", "a still panned at 0.2 to 2 widths a second"),
    "black": Threshold(0.02, "of white", "blackened clips against night scenes"),
    "frozen": Threshold(0.25, "s", "clips with a frame held for 0.1 to 2 s"),
    "duplicate": Threshold(0.08, "share of frames", "clips with every 2nd to 20th frame repeated"),
    "cut": Threshold(0.45, "loss of correlation", "clips of two scenes joined, and whip pans"),
    "flicker": Threshold(1.2, "codes", "clips with 1 to 8 % of flicker, and clean ones"),
    "exposure-jump": Threshold(0.1, "share of brightness", "clips with steps of 5 to 50 %, and clean ones"),
    "clipped": Threshold(0.25, "share of the picture", "over-exposed clips against the scenes as they are"),
    "crushed": Threshold(0.6, "share of the picture", "under-exposed clips against the scenes as they are"),
    "soft": Threshold(1.2, "octaves", "scenes blurred by 0 to 6 pixels at 540 rows"),
    "cast": Threshold(10.0, "CIELAB units", "a still tinted by 0 to 30 units against its asked colours"),
    "drift": Threshold(
        0.4, "correlation of both ends", "clips that turn into another picture, and clean ones"
    ),
    "loop-seam": Threshold(3.0, "times the usual step", "looped shots, whole and cut short"),
}


def limit(name: str) -> float:
    """The limit alone."""
    return THRESHOLDS[name].limit
