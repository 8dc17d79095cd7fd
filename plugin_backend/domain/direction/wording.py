"""What a model is told: the editor's own words, untouched, and after them what marks and misses ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.phrases import command_for, sentence_for

_SPOKEN: Final = (DirectiveSource.MARK, DirectiveSource.PLAN, DirectiveSource.LOOK)
_ENDS: Final = (".", "!", "?", ":", ";", ",", "…")
_FIRST: Final = {DirectiveSource.PLAN: 3, DirectiveSource.MARK: 2, DirectiveSource.WORDS: 1}
_COMMANDED: Final = ("hailuo",)


class Family(StrEnum):
    """How a maker's models read directions."""

    SENTENCES = "sentences"
    COMMANDS = "commands"
    """MiniMax Hailuo reads camera commands such as `[Pan left]`."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said, and what there was no room for."""

    text: str
    left_out: tuple[Directive, ...] = ()

    @property
    def note(self) -> str | None:
        """For the trace; None where everything is said."""
        if not self.left_out:
            return None
        said = "; ".join(each.says.rstrip(".") for each in self.left_out)
        return f"The model's limit of characters left no room for: {said}."


def family_of(model_id: str) -> Family:
    """How a model of the catalogue is spoken to."""
    return Family.COMMANDS if model_id.startswith(_COMMANDED) else Family.SENTENCES


def words_for(
    directives: Sequence[Directive],
    *,
    family: Family,
    stronger: Mapping[str, int] | None = None,
    duration: Fraction,
    room: int | None = None,
) -> Told:
    """Marks and looks always, and again what takes missed: `stronger` has its ids and how often.

    What the editor said in words is not repeated before it was missed; a choice of ours is never said. Where
    there is room for so many characters only, the weakest is left out first.
    """
    levels = stronger or {}
    spoken = [each for each in directives if _is_spoken(each, levels)]
    said = {each.id: _said(each, family, levels.get(each.id, 0), duration) for each in spoken}
    kept = spoken
    while kept and room is not None and len(_joined(kept, said)) > room:
        weakest = min(reversed(kept), key=lambda each: _weight(each, levels))
        kept = [each for each in kept if each is not weakest]
    left_out = tuple(each for each in spoken if each not in kept)
    return Told(_joined(kept, said), left_out)


def prompt_with(
    prompt: str,
    directives: Sequence[Directive],
    *,
    family: Family,
    stronger: Mapping[str, int] | None = None,
    duration: Fraction,
    room: int | None = None,
) -> Told:
    """The editor's words as they stand, then ours; whatever the room, theirs are never cut."""
    own = prompt if prompt.strip() else ""
    gap = "" if not own else " " if own.rstrip().endswith(_ENDS) else ". "
    left = None if room is None else max(0, room - len(own) - len(gap))
    told = words_for(directives, family=family, stronger=stronger, duration=duration, room=left)
    return Told(f"{own}{gap}{told.text}" if told.text else own, told.left_out)


def _is_spoken(directive: Directive, levels: Mapping[str, int]) -> bool:
    is_ours = directive.source is DirectiveSource.DEFAULT
    return not is_ours and (directive.source in _SPOKEN or levels.get(directive.id, 0) > 0)


def _said(directive: Directive, family: Family, level: int, duration: Fraction) -> str:
    speak = command_for if family is Family.COMMANDS else sentence_for
    return speak(directive, level=level, duration=duration)


def _weight(directive: Directive, levels: Mapping[str, int]) -> tuple[int, int, float]:
    """What was missed counts most, then marks, then words; a strong directive before a faint one."""
    return levels.get(directive.id, 0), _FIRST.get(directive.source, 0), directive.strength


def _joined(kept: Sequence[Directive], said: Mapping[str, str]) -> str:
    """In the order of their times; what is said alike is said once."""
    in_time = sorted(kept, key=lambda each: each.from_seconds)
    return " ".join(dict.fromkeys(said[each.id] for each in in_time))
