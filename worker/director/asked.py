"""What a brief asked for that makes something no fault: darkness at night, a hand's unrest, flashes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.terms import Action, Move

_STILL: Final = {Action.STAND.value, Action.LOOK.value}
_DARK: Final = {"night", "black", "dusk", "moon", "dark", "high-contrast", "silhouette", "stars", "#101114"}
_BRIGHT: Final = {"white", "snow", "bright", "#f4f1ea"}
_FLASHES: Final = {"fireworks", "arc", "storm", "burst", "spark", "neon", "time-lapse"}
_FADES: Final = {"fade-in", "fade-out"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a take was asked for that makes something no fault."""

    motion: bool = True
    """Whether anything was to move."""
    dark: bool = False
    bright: bool = False
    shaken: bool = False
    flashes: bool = False
    """Fireworks, lightning, a welder's arc: light that comes and goes."""
    soft: bool = False
    """Fog, haze or a shallow focus."""
    cuts: bool = False
    black: bool = False
    """A fade from or to black."""
    stops: bool = False
    """A frozen moment."""


def asked_of(directives: Iterable[Directive]) -> Asked:
    """Read from all directives of a take."""
    given = tuple(directives)
    terms = {term for each in given for term in (*each.terms, each.about)}
    return Asked(
        motion=any(_moves(each) for each in given),
        dark=bool(terms & _DARK),
        bright=bool(terms & _BRIGHT),
        shaken=any(each.move is Move.HANDHELD for each in given),
        flashes=bool(terms & _FLASHES),
        soft=bool(terms & {"fog", "haze", "snow", "shallow-focus", "rack-focus", "low-contrast"}),
        cuts="cut" in terms,
        black=bool(terms & _FADES),
        stops="freeze" in terms,
    )


def _moves(directive: Directive) -> bool:
    if directive.kind is DirectiveKind.CAMERA:
        return directive.move is not Move.STATIC
    return directive.kind is DirectiveKind.SUBJECT and not _STILL & set(directive.terms)
