"""A model's own controls for what words ask for: its names for camera moves, where it has some."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.terms import Move

_MOST_OF_IT: Final = Fraction(3, 5)  # of the shot: a control holds for all of it
_LEANING: Final = 3  # a part of a slanting move that is under a third of the other is no move of its own

# Names of ours for Luma's concepts; which of them exist there, only its list says.
_CONCEPTS: Final = {
    Move.STATIC: ("static",),
    Move.DOLLY_IN: ("dolly_in", "push_in"),
    Move.DOLLY_OUT: ("dolly_out", "pull_out"),
    Move.TRUCK_LEFT: ("truck_left",),
    Move.TRUCK_RIGHT: ("truck_right",),
    Move.PAN_LEFT: ("pan_left",),
    Move.PAN_RIGHT: ("pan_right",),
    Move.TILT_UP: ("tilt_up",),
    Move.TILT_DOWN: ("tilt_down",),
    Move.CRANE_UP: ("crane_up", "pedestal_up"),
    Move.CRANE_DOWN: ("crane_down", "pedestal_down"),
    Move.ORBIT_LEFT: ("orbit_left",),
    Move.ORBIT_RIGHT: ("orbit_right",),
    Move.ZOOM_IN: ("zoom_in",),
    Move.ZOOM_OUT: ("zoom_out",),
    Move.ROLL_LEFT: ("roll_left",),
    Move.ROLL_RIGHT: ("roll_right",),
    Move.HANDHELD: ("handheld",),
}

# Adobe Firefly's `cameraMotion`.
_MOTIONS: Final = {
    Move.STATIC: "camera locked down",
    Move.PAN_LEFT: "camera pan left",
    Move.PAN_RIGHT: "camera pan right",
    Move.ZOOM_IN: "camera zoom in",
    Move.ZOOM_OUT: "camera zoom out",
    Move.TILT_UP: "camera tilt up",
    Move.TILT_DOWN: "camera tilt down",
    Move.HANDHELD: "camera handheld",
}


@dataclass(frozen=True, slots=True)
class Controls:
    """What a model is set to, beside its words."""

    concepts: tuple[str, ...] = ()
    """Names that a provider's list may have, the best first: one is used."""
    camera: str | None = None
    """The value of its field for the camera."""


def controls_for(directives: Sequence[Directive], model: Model, *, duration: Fraction) -> Controls:
    """One asked move that holds for most of the shot can be set; several in turn stay with the words."""
    move = the_move(directives, duration=duration)
    if move is None:
        return Controls()
    match model.provider:
        case "luma-dream-machine":
            return Controls(concepts=_CONCEPTS.get(move, ()))
        case "adobe-firefly":
            return Controls(camera=_MOTIONS.get(move))
        case _:
            return Controls()


def the_move(directives: Sequence[Directive], *, duration: Fraction) -> Move | None:
    """The only camera move that is asked for; drawn ones lead, and a choice of ours is none."""
    asked = [each for each in directives if _is_asked(each)]
    drawn = [each for each in asked if each.source is DirectiveSource.MARK]
    moves = {each.move for each in drawn or asked}
    span = sum((each.to_seconds - each.from_seconds for each in drawn or asked), Fraction(0))
    if len(moves) != 1 or span < _MOST_OF_IT * duration or any(map(_is_slanting, drawn)):
        return None
    return next(iter(moves))


def _is_asked(directive: Directive) -> bool:
    is_camera = directive.kind is DirectiveKind.CAMERA and directive.move is not None
    return is_camera and directive.source is not DirectiveSource.DEFAULT


def _is_slanting(directive: Directive) -> bool:
    """Whether a stroke goes two ways at once; a framing is a zoom first."""
    if directive.vector is None or directive.region or directive.move in (Move.DOLLY_IN, Move.ZOOM_IN):
        return False
    lesser, larger = sorted(map(abs, directive.vector))
    return lesser * _LEANING > larger
