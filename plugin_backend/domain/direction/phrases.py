"""How a model is told one directive: plainly, or stronger and more explicit the oftener it was missed."""

import re
from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.drawing import middle_of, place_in_words, way_in_words
from plugin_backend.domain.direction.terms import Move
from plugin_backend.domain.seconds import as_number

_TIMED: Final = re.compile(r", from [0-9.]+ to [0-9.]+ s$")  # told before it instead
_SLOW: Final = 0.06  # frame widths a second
_FAST: Final = 0.3
_WEAK: Final = 0.5
_STRONG: Final = 0.8

# What the camera does, and what is seen of it: models follow a described picture better than a name.
_MOVES: Final = {
    Move.STATIC: (
        "the camera stands perfectly still",
        "the frame is locked off on a tripod and its edges never move",
    ),
    Move.DOLLY_IN: ("the camera dollies in", "the camera itself travels forward and everything grows nearer"),
    Move.DOLLY_OUT: (
        "the camera dollies out",
        "the camera itself travels backward and more and more comes into view",
    ),
    Move.TRUCK_LEFT: (
        "the camera trucks left",
        "the camera itself slides to the left and all that is seen passes to the right",
    ),
    Move.TRUCK_RIGHT: (
        "the camera trucks right",
        "the camera itself slides to the right and all that is seen passes to the left",
    ),
    Move.PAN_LEFT: (
        "the camera pans left",
        "the camera turns to the left and the whole view slides to the right",
    ),
    Move.PAN_RIGHT: (
        "the camera pans right",
        "the camera turns to the right and the whole view slides to the left",
    ),
    Move.TILT_UP: ("the camera tilts up", "the camera looks higher and the whole view slides down"),
    Move.TILT_DOWN: ("the camera tilts down", "the camera looks lower and the whole view slides up"),
    Move.CRANE_UP: ("the camera cranes up", "the camera itself rises and looks from ever higher"),
    Move.CRANE_DOWN: ("the camera cranes down", "the camera itself sinks and looks from ever lower"),
    Move.ORBIT_LEFT: (
        "the camera orbits to the left",
        "the camera circles the subject leftwards and what lies behind it slides past",
    ),
    Move.ORBIT_RIGHT: (
        "the camera orbits to the right",
        "the camera circles the subject rightwards and what lies behind it slides past",
    ),
    Move.ZOOM_IN: ("the camera zooms in", "the picture is steadily magnified about its middle"),
    Move.ZOOM_OUT: ("the camera zooms out", "the picture steadily widens and shows more on all sides"),
    Move.ROLL_LEFT: (
        "the camera rolls to the left",
        "the camera turns anticlockwise about its own axis and the horizon tips clockwise",
    ),
    Move.ROLL_RIGHT: (
        "the camera rolls to the right",
        "the camera turns clockwise about its own axis and the horizon tips anticlockwise",
    ),
    Move.HANDHELD: ("the camera is handheld", "the frame sways a little all the time, as if carried"),
}


def sentence_for(directive: Directive, *, level: int, duration: Fraction) -> str:
    """One directive as a sentence; level 0 says it once, 1 to 3 say it again after a take missed it."""
    told = f"{_when(directive, duration)}{_what(directive, level=level)}"
    sentence = f"{told[:1].upper()}{told[1:].rstrip('.')}"
    if level < 2:
        return f"{sentence}."
    if directive.kind is DirectiveKind.AVOID:
        return f"{sentence}, anywhere in the picture, at any time.{' This matters most.' * (level > 2)}"
    if level == 2:
        return f"{sentence}. This must be clearly visible."
    return f"{sentence}. This matters most and must be unmistakable{_alone(directive)}."


def command_for(directive: Directive, *, level: int, duration: Fraction) -> str:
    """The same for a model that reads camera commands in square brackets; other directives stay sentences."""
    commands = _commands(directive)
    if not commands:
        return sentence_for(directive, level=level, duration=duration)
    named = f"[{','.join(commands)}]"
    if level == 0:
        return f"{_when(directive, duration)}{named}{_noted(directive)}"
    return f"{named} {sentence_for(directive, level=level, duration=duration)}"


def _commands(directive: Directive) -> tuple[str, ...]:
    """Of a slanting stroke both parts."""
    if directive.kind is not DirectiveKind.CAMERA or directive.move is None:
        return ()
    named = [directive.move, *_other_part(directive)]
    return tuple(_COMMANDS[move] for move in named if move in _COMMANDS)


def _other_part(directive: Directive) -> tuple[Move, ...]:
    pair = _ACROSS.get(directive.move) if directive.move else None
    if pair is None or directive.vector is None or directive.region:
        return ()
    across, down = directive.vector
    lesser = pair[0] if directive.move in _SIDEWAYS else pair[1]
    value, other = (down, across) if directive.move in _SIDEWAYS else (across, down)
    return (lesser[value > 0],) if abs(value) * 3 >= abs(other) > 0 else ()


_COMMANDS: Final = {
    Move.STATIC: "Static shot",
    Move.DOLLY_IN: "Push in",
    Move.DOLLY_OUT: "Pull out",
    Move.TRUCK_LEFT: "Truck left",
    Move.TRUCK_RIGHT: "Truck right",
    Move.PAN_LEFT: "Pan left",
    Move.PAN_RIGHT: "Pan right",
    Move.TILT_UP: "Tilt up",
    Move.TILT_DOWN: "Tilt down",
    Move.CRANE_UP: "Pedestal up",
    Move.CRANE_DOWN: "Pedestal down",
    Move.ZOOM_IN: "Zoom in",
    Move.ZOOM_OUT: "Zoom out",
    Move.HANDHELD: "Shake",
}
_SIDEWAYS: Final = frozenset({Move.TRUCK_LEFT, Move.TRUCK_RIGHT, Move.PAN_LEFT, Move.PAN_RIGHT})
_TRAVELS: Final = ((Move.CRANE_UP, Move.CRANE_DOWN), (Move.TRUCK_LEFT, Move.TRUCK_RIGHT))
_TURNS: Final = ((Move.TILT_UP, Move.TILT_DOWN), (Move.PAN_LEFT, Move.PAN_RIGHT))
_ACROSS: Final = {
    **dict.fromkeys((*_TRAVELS[0], *_TRAVELS[1]), _TRAVELS),
    **dict.fromkeys((*_TURNS[0], *_TURNS[1]), _TURNS),
}


def _what(directive: Directive, *, level: int) -> str:
    match directive.kind:
        case DirectiveKind.CAMERA if directive.move is not None:
            return f"{_camera(directive, level=level)}{_noted(directive)}"
        case DirectiveKind.SUBJECT if len(directive.path) > 1:
            return f"{_subject(directive)}{_noted(directive)}"
        case DirectiveKind.KEEP if directive.region:
            place = place_in_words(middle_of(directive.region))
            return f"what stands at the {place} of the frame stays exactly as it is{_noted(directive)}"
        case _:
            said = _told(directive)
            return said if directive.note in said else f"{said}{_noted(directive)}"


def _told(directive: Directive) -> str:
    """What the plan says in the manner of a table (`ball: rolls`), as a sentence."""
    said = _TIMED.sub("", directive.says.strip().rstrip("."))
    name, colon, rest = said.partition(": ")
    match directive.kind:
        case DirectiveKind.SUBJECT if colon and name == directive.about:
            return f"the {name} {rest}"
        case DirectiveKind.PLACE if colon and name == directive.about:
            return f"the {name} is {rest}"
        case DirectiveKind.LIGHT if colon and name.casefold() == "light":
            return f"light and weather: {rest}"
        case _:
            return said


def _camera(directive: Directive, *, level: int) -> str:
    assert directive.move is not None
    plain, seen = _MOVES[directive.move]
    if directive.either_way and directive.move.other_way is not None:
        plain, seen = " ".join(plain.split(" ")[:3]), "one way all through, whichever it is"
    said = f"{plain}{_pace(directive)}{_aim(directive)}"
    other = _other_part(directive)
    said += f", and {_MOVES[other[0]][0].removeprefix('the camera ')}" if other else ""
    if directive.region:
        said += f" until the part at the {place_in_words(middle_of(directive.region))} fills the frame"
        said = said.replace("until", "from where", 1) if directive.move is Move.ZOOM_OUT else said
    return f"{said}: {seen}" if level > 0 else said


def _aim(directive: Directive) -> str:
    """What a move is about, where the brief says so."""
    if not directive.about:
        return ""
    is_around = directive.move in (Move.ORBIT_LEFT, Move.ORBIT_RIGHT)
    return f" around the {directive.about}" if is_around else f" on the {directive.about}"


def _subject(directive: Directive) -> str:
    start, end = (place_in_words(directive.path[n]) for n in (0, -1))
    vector = directive.vector or (0.0, 0.0)
    stretch = f", from the {start} to the {end} of the frame" if start != end else ""
    return f"the {directive.about or 'subject'} moves {way_in_words(vector, aspect=1.0)}{stretch}"


def _pace(directive: Directive) -> str:
    if directive.move in (Move.STATIC, Move.HANDHELD):
        return ""
    if directive.vector is not None:
        speed = max(map(abs, directive.vector))
        return " slowly" if speed < _SLOW else " fast" if speed > _FAST else ""
    return " slowly" if directive.strength < _WEAK else " fast" if directive.strength > _STRONG else ""


def _noted(directive: Directive) -> str:
    """What the editor wrote beside a mark, as written."""
    return f" ({directive.note})" if directive.note else ""


def _when(directive: Directive, duration: Fraction) -> str:
    since, until = directive.from_seconds, directive.to_seconds
    if since <= 0 and until >= duration:
        return ""
    if since <= 0:
        return f"for the first {_spelt(until)} s, "
    if until >= duration:
        return f"from {_spelt(since)} s on, "
    return f"from {_spelt(since)} to {_spelt(until)} s, "


def _spelt(seconds: Fraction) -> str:
    return f"{as_number(Fraction(round(seconds * 10), 10))}"


def _alone(directive: Directive) -> str:
    """Other moves are ruled out together: a model that reads the name of one may make it."""
    is_camera = directive.kind is DirectiveKind.CAMERA and directive.move is not None
    return ", with no other movement of the camera meanwhile" if is_camera else ""
