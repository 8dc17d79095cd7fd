"""How far light and colour are as a directive asks: brightness, contrast and colour of the whole picture."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.telling import sentence
from worker.director.colour_cast import Colours
from worker.director.picture import PictureWatch
from worker.director.standing import followed, not_measured

_FULL: Final = 0.06  # of the picture: a named colour that is plainly there


@dataclass(frozen=True, slots=True)
class Light:
    """A take's light in three figures of 0..255, and its colours."""

    brightness: float
    spread: float
    """From the darkest twentieth to the brightest."""
    colours: Colours


Measure = Callable[[Light], float]


def _ramp(value: float, bad: float, good: float) -> float:
    """0 at `bad` and beyond, 1 at `good` and beyond."""
    return float(min(1.0, max(0.0, (value - bad) / (good - bad))))


_MEASURES: Final[Mapping[str, Measure]] = {
    "night": lambda light: _ramp(light.brightness, 110, 75),
    "dark": lambda light: _ramp(light.brightness, 110, 75),
    "noon": lambda light: _ramp(light.brightness, 60, 95),
    "morning": lambda light: _ramp(light.brightness, 60, 95),
    "afternoon": lambda light: _ramp(light.brightness, 55, 85),
    "bright": lambda light: _ramp(light.brightness, 90, 125),
    "golden": lambda light: _ramp(light.colours.blue_yellow, 0, 8),
    "warm": lambda light: _ramp(light.colours.blue_yellow, 0, 6),
    "cold": lambda light: _ramp(light.colours.blue_yellow, 0, -6),
    "high-contrast": lambda light: _ramp(light.spread, 90, 140),
    "low-contrast": lambda light: _ramp(light.spread, 170, 120),
    "muted": lambda light: _ramp(light.colours.chroma, 24, 16),
    "vivid": lambda light: _ramp(light.colours.chroma, 12, 22),
    "pastel": lambda light: min(_ramp(light.colours.chroma, 34, 24), _ramp(light.colours.lightness, 45, 60)),
    "monochrome": lambda light: _ramp(light.colours.chroma, 10, 4),
    "sepia": lambda light: min(
        _ramp(light.colours.blue_yellow, 2, 8), _ramp(abs(light.colours.green_red), 14, 7)
    ),
}
"""What can be told of a term from the picture as a whole; a window or a moon cannot."""


def light_of(picture: PictureWatch, colours: Colours) -> Light:
    """A take's light."""
    light, dark = picture.series("light"), picture.series("dark")
    return Light(float(np.mean(picture.series("brightness"))), float(np.mean(light - dark)), colours)


def judge_light(directive: Directive, light: Light) -> Adherence:
    """One directive of light: the mean of those of its terms that can be measured."""
    scores = {term: _score(term, light) for term in directive.terms}
    known = {term: score for term, score in scores.items() if score is not None}
    if not known:
        named = ", ".join(directive.terms) or "light"
        return not_measured(directive, sentence("light.not-measured", terms=named))
    score = sum(known.values()) / len(known)
    rest = [term for term in scores if term not in known]
    says = sentence(
        "light.partly" if rest else "light.measured",
        brightness=f"{light.brightness:.0f}",
        contrast=f"{light.spread:.0f}",
        hue=_hue_in_words(light.colours),
        terms=", ".join(rest),
    )
    return followed(
        directive,
        score=score,
        confidence=sum(map(_sure, known)) / len(scores),
        says=says,
        measured={
            "brightness_codes": round(light.brightness, 1),
            "contrast_codes": round(light.spread, 1),
            "lightness_lab": round(light.colours.lightness, 1),
            "blue_yellow_lab": round(light.colours.blue_yellow, 1),
            "green_red_lab": round(light.colours.green_red, 1),
            "chroma_lab": round(light.colours.chroma, 1),
            **_shares(known, light.colours),
        },
    )


def _sure(term: str) -> float:
    """A named colour is seen or not; an hour is guessed by brightness, and a dark wall is dark at noon."""
    return 0.7 if term.startswith("#") else 0.5


def _score(term: str, light: Light) -> float | None:
    if term.startswith("#"):
        return min(1.0, light.colours.share_of(term) / _FULL)
    measure = _MEASURES.get(term)
    return None if measure is None else measure(light)


def _shares(terms: Iterable[str], colours: Colours) -> dict[str, float]:
    return {f"share_of_{term}": round(colours.share_of(term), 4) for term in terms if term.startswith("#")}


def _hue_in_words(colours: Colours) -> str:
    if colours.chroma < 5:
        return "nearly without colour"
    if abs(colours.blue_yellow) < 3:
        return "neither warm nor cold"
    return "warm" if colours.blue_yellow > 0 else "cold"
