"""Instructions in plain English: what a directive says of a part of the plan."""

from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.framing import Angle, Avoidance, Avoided, Framing, Lens, Placement, Side
from plugin_backend.domain.direction.shot import CameraMove, SubjectMotion
from plugin_backend.domain.direction.terms import Heading, Move

_HANDS: Final = {Move.STATIC: "the camera stays still", Move.HANDHELD: "the camera is held by hand"}
_STRONG: Final = 0.8
_EITHER: Final = {move: move.value.partition("-")[0] for move in Move if move.other_way is not None}
"""What to call a move whose direction the brief leaves open."""
_WEAK: Final = 0.5
_HEADED: Final = {
    Heading.LEFT: " to the left",
    Heading.RIGHT: " to the right",
    Heading.UP: " upwards",
    Heading.DOWN: " downwards",
    Heading.NONE: "",
}
_STANDS: Final = {
    Relation.LEFT: "to the left of",
    Relation.RIGHT: "to the right of",
    Relation.CENTRE: "in the middle of",
    Relation.ABOVE: "above",
    Relation.BELOW: "below",
    Relation.BEHIND: "behind",
    Relation.IN_FRONT: "in front of",
}
_IN_FRAME: Final = {
    Relation.LEFT: "on the left of the frame",
    Relation.RIGHT: "on the right of the frame",
    Relation.CENTRE: "in the middle of the frame",
    Relation.ABOVE: "in the upper part of the frame",
    Relation.BELOW: "in the lower part of the frame",
    Relation.BEHIND: "in the background",
    Relation.IN_FRONT: "in the foreground",
}
_SIDES: Final = {
    f"from-{side.value}": text
    for side, text in (
        (Side.LEFT, "from the left"),
        (Side.RIGHT, "from the right"),
        (Side.BEHIND, "from behind"),
        (Side.FRONT, "from the front"),
        (Side.ABOVE, "from above"),
        (Side.BELOW, "from below"),
    )
}


def timed(says: str, start: Fraction, end: Fraction, *, duration: Fraction) -> str:
    """With its time, unless it lasts for the whole shot."""
    if start <= 0 and end >= duration:
        return says
    return f"{says}, from {_seconds(start)} to {_seconds(end)} s"


def move_says(move: CameraMove) -> str:
    """Such as `the camera pans left slowly around the tower`."""
    if move.tracking and move.either_way:
        return f"the camera follows {f'the {move.about}' if move.about else 'what moves'}"
    named = _EITHER[move.move] if move.either_way and move.move in _EITHER else _plain(move.move.value)
    says = _HANDS.get(move.move) or f"the camera does {_article(named)}"
    pace = " slowly" if move.strength < _WEAK else " fast" if move.strength > _STRONG else ""
    if move.move in _HANDS:
        pace = ""
    about = f", {'with' if move.tracking else 'about'} the {move.about}" if move.about else ""
    return f"{says}{pace}{about}"


def motion_says(motion: SubjectMotion) -> str:
    """Such as `dog: runs to the left`."""
    verb = motion.verb or _plain(motion.action.value)
    return f"{motion.name}: {verb}{_HEADED[motion.heading]}"


def framing_says(framing: Framing) -> str:
    """Such as `close up, low angle, macro lens`."""
    parts = [] if framing.size is None else [_plain(framing.size.value)]
    if framing.angle is not None:
        parts.append(_angled(framing.angle))
    if framing.lens is not None or framing.focal_mm is not None:
        parts.append(_lens(framing.lens, framing.focal_mm))
    parts += [_plain(each.value) for each in (*framing.composition, *framing.techniques)]
    return ", ".join(parts)


def placement_says(placement: Placement) -> str:
    """Such as `man: to the left of the dog`."""
    if placement.beside:
        return f"{placement.about}: {_STANDS[placement.relation]} the {placement.beside}"
    return f"{placement.about}: {_IN_FRAME[placement.relation]}"


def light_says(terms: tuple[str, ...]) -> str:
    """Such as `light: window, from the left`."""
    return f"light: {', '.join(_SIDES.get(term, _plain(term)) for term in terms)}"


def avoidance_says(avoidance: Avoidance) -> str:
    """Such as `no people`."""
    if avoidance.kind is Avoided.MOVE:
        return f"the camera does not: {avoidance.what}"
    return f"no {avoidance.what}"


def _angled(angle: Angle) -> str:
    plain = _plain(angle.value)
    return f"{plain} angle" if angle in {Angle.LOW, Angle.HIGH, Angle.DUTCH} else plain


def _lens(lens: Lens | None, focal_mm: int | None) -> str:
    named = "" if lens is None else f"{_plain(lens.value)} "
    return f"{named}lens" if focal_mm is None else f"{named}{focal_mm} mm lens"


def _article(named: str) -> str:
    return f"{'an' if named[0] in 'aeiou' else 'a'} {named}"


def _plain(term: str) -> str:
    return term.replace("-", " ")


def _seconds(value: Fraction) -> str:
    return f"{round(float(value), 3):g}"
