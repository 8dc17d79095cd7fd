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
    "static": Threshold(0.008, "widths/s", "truth set: 108 static shots stay below it"),
    "handheld": Threshold(0.0006, "widths rms", "truth set: 12 handheld shots against 276 others"),
    "parallax": Threshold(
        0.15, "share of the motion", "truth set: trucks against pans, dollies against zooms"
    ),
    "orbit": Threshold(0.5, "share of the motion", "truth set: 24 orbits against 144 other moves"),
    "shake": Threshold(0.0015, "widths rms", "a camera jolted by 1 % of the width, and steady ones"),
    "black": Threshold(0.02, "of white", "three black frames in a clip, and clean clips"),
    "frozen": Threshold(0.25, "s", "a frame held for 0.17 and for 0.42 s in a pan"),
    "duplicate": Threshold(0.08, "share of frames", "every 2nd, 3rd and 5th frame of a pan repeated"),
    "cut": Threshold(0.45, "loss of correlation", "two scenes joined; pans of 0.8 to 5 widths a second"),
    "flicker": Threshold(1.2, "codes of 255", "brightness that alternates by 3 and 8 %, and clean pans"),
    "exposure-jump": Threshold(0.1, "share of brightness", "a step of 25 %, and a slow rise of 50 %"),
    "clipped": Threshold(0.25, "share of the picture", "a clip over-exposed 2.5 times, and as it is"),
    "crushed": Threshold(0.6, "share of the picture", "a clip of which nearly nothing is left, and as it is"),
    "soft": Threshold(1.9, "octaves", "a clip of 540 rows blurred by 4 pixels, by 1, and as it is"),
    "cast": Threshold(10.0, "CIELAB units", "a clip tinted with and against its asked colours"),
    "drift": Threshold(0.4, "correlation", "a clip that turns into another picture, and a pan"),
    "loop-seam": Threshold(3.0, "usual steps", "a pan that does not return, and one that does"),
}


def limit(name: str) -> float:
    """The limit alone."""
    return THRESHOLDS[name].limit
