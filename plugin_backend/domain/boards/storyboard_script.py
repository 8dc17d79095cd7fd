"""A script, line by line, as shots: headings, action, numbered lists and plain sentences; nothing is lost.

Every sentence goes into exactly one shot or one note. Deterministic: the same script is the same shots.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from plugin_backend.domain.boards.storyboard_pacing import PacedSentence, paced, sentences_of

_ROOM: Final = Fraction(10)
_HEADING: Final = re.compile(
    r"(?:(?P<number>\d{1,4}[A-Z]?)[.)]?\s+)?(?P<scene>(?:INT|EXT|EST|I/E)(?:\./?|\s|/)(?:\s*(?:INT|EXT)\.?\s)?.*\S)"
)
_TRANSITION: Final = re.compile(
    r"(?:(?:SMASH |MATCH |JUMP |HARD )?CUT(?: BACK)? TO|DISSOLVE TO|WIPE TO|FADE (?:IN|OUT|TO(?: BLACK)?)"
    r"|THE END|CONTINUED)\b[^a-z]*[:.]?"
)
_ITEM: Final = re.compile(r"(?:(?:SHOT|Shot|shot)\s+)?(?P<number>\d{1,4}[A-Za-z]?)\s*[.):]\s+(?=\S)")
_NAMED: Final = re.compile(r"(?P<number>(?:SH|sh)_?\d{1,5}[A-Za-z]?)\s*[.):-]\s+(?=\S)")
_BULLET: Final = re.compile(r"(?P<number>[-*\u2022\u2013])\s+(?=\S)")
_CUE: Final = re.compile(r"[A-Z][A-Z0-9 .'\u2019#-]{0,38}(?:\s*\([^)]{1,24}\))*")
_INLINE: Final = re.compile(r"[A-Z][A-Z0-9 .'\u2019-]{1,30}(?:\s*\([^)]{1,24}\))?:\s+\S")
_SENTENCE_END: Final = re.compile(r"[.!?\u2026]\s*$")


class NoteKind(StrEnum):
    """Why a line of the script is in no shot, or what was decided about one that is."""

    DIALOGUE = "dialogue"
    TRANSITION = "transition"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class ScriptNote:
    """What is not drawn, in its own words; of a shot that was cut to the limit, in ours."""

    kind: NoteKind
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptShot:
    """One shot: the place it is in, what is to be seen, for how long; `mark` is how its list counted it."""

    scene: str
    text: str
    seconds: Fraction
    line: int
    mark: str = ""

    @property
    def prompt(self) -> str:
        """The words of its brief: the place first, since no model remembers the shot before."""
        return " ".join(part for part in (_spoken(self.scene), self.text) if part)


@dataclass(frozen=True, slots=True)
class Split:
    """The shots of a script, in order, and what is in none of them."""

    shots: tuple[ScriptShot, ...]
    notes: tuple[ScriptNote, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together: an item or a paragraph of action."""

    text: str
    line: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Scene:
    text: str
    line: int


def split_script(script: str, *, longest: Fraction) -> Split:
    """Shots of at most `longest` seconds; a sentence that reads as longer is cut to it, and noted.

    Sentences are put together up to ten seconds: what goes on for longer is rarely one shot.
    """
    shots: list[ScriptShot] = []
    notes: list[ScriptNote] = []
    scene, is_seen = _Scene("", 0), True
    for part in _parts(script):
        match part:
            case _Scene():
                shots += _place_alone(scene, is_seen=is_seen)
                scene, is_seen = part, False
            case _Block():
                shots += _shots_of(part, scene.text, longest=longest, notes=notes)
                is_seen = True
            case ScriptNote():
                notes.append(part)
    shots += _place_alone(scene, is_seen=is_seen)
    return Split(tuple(shots), tuple(notes))


def _place_alone(scene: _Scene, *, is_seen: bool) -> Iterator[ScriptShot]:
    """A heading under which nothing happens is a look at the place."""
    if not is_seen:
        yield ScriptShot(scene=scene.text, text="", seconds=Fraction(3), line=scene.line)


def _parts(script: str) -> Iterator[_Scene | _Block | ScriptNote]:
    lines = script.splitlines()
    number = 0
    while number < len(lines):
        line, at = lines[number].strip(), number + 1
        number += 1
        if not line:
            continue
        if _HEADING.fullmatch(line):
            yield _Scene(line, at)
        elif _TRANSITION.fullmatch(line):
            yield ScriptNote(NoteKind.TRANSITION, at, line)
        elif (item := _item(line)) is not None:
            text, number = _joined(line[item.end() :], lines, number)
            yield _Block(text, at, line[: item.end()].strip())
        elif _is_cue(line, lines, number):
            text, number = _spoken_lines(line, lines, number)
            yield ScriptNote(NoteKind.DIALOGUE, at, text)
        elif _INLINE.match(line):
            yield ScriptNote(NoteKind.DIALOGUE, at, line)
        else:
            text, number = _joined(line, lines, number)
            yield _Block(text, at)


def _item(line: str) -> re.Match[str] | None:
    return _NAMED.match(line) or _ITEM.match(line) or _BULLET.match(line)


def _joined(first: str, lines: list[str], number: int) -> tuple[str, int]:
    """A paragraph goes on until a blank line, or one that begins something else."""
    found = [first]
    while number < len(lines) and (line := lines[number].strip()) and not _begins(line):
        found.append(line)
        number += 1
    return " ".join(found), number


def _begins(line: str) -> bool:
    patterns = (_HEADING, _TRANSITION)
    is_own = any(pattern.fullmatch(line) for pattern in patterns)
    return is_own or _item(line) is not None or _INLINE.match(line) is not None


def _is_cue(line: str, lines: list[str], number: int) -> bool:
    """A name in capitals over what is said."""
    if _CUE.fullmatch(line) is None or _SENTENCE_END.search(line):
        return False
    below = lines[number].strip() if number < len(lines) else ""
    return bool(below) and not _begins(below) and _CUE.fullmatch(below) is None


def _spoken_lines(first: str, lines: list[str], number: int) -> tuple[str, int]:
    found = [first]
    while number < len(lines) and (line := lines[number].strip()) and not _ends_speech(line):
        found.append(line)
        number += 1
    return "\n".join(found), number


def _ends_speech(line: str) -> bool:
    """Nobody says a heading, even where the empty line before it was forgotten."""
    return bool(_HEADING.fullmatch(line) or _TRANSITION.fullmatch(line))


def _shots_of(
    block: _Block, scene: str, *, longest: Fraction, notes: list[ScriptNote]
) -> Iterator[ScriptShot]:
    """Sentences together as long as they fit, in order."""
    mark, told = block.mark, paced(sentences_of(block.text))
    for together in _fitting(told, room=min(longest, _ROOM)):
        asked = sum((each.seconds for each in together), Fraction(0))
        text = " ".join(each.text for each in together)
        if asked > longest:
            detail = f"This reads as {float(asked):g} s; the shot is {float(longest):g} s: {text}"
            notes.append(ScriptNote(NoteKind.TOO_LONG, block.line, detail))
        yield ScriptShot(scene=scene, text=text, seconds=min(asked, longest), line=block.line, mark=mark)
        mark = ""


def _fitting(told: tuple[PacedSentence, ...], *, room: Fraction) -> Iterator[list[PacedSentence]]:
    together: list[PacedSentence] = []
    length = Fraction(0)
    for each in told:
        if together and length + each.seconds > room:
            yield together
            together, length = [], Fraction(0)
        together.append(each)
        length += each.seconds
    if together:
        yield together


def _spoken(scene: str) -> str:
    """A heading as a model reads it: `INT. KITCHEN - NIGHT` is interior, kitchen, night."""
    heading = _HEADING.fullmatch(scene)
    if heading is None:
        return scene
    where = re.match(r"(?:(?:INT|EXT|EST|I/E)[./\s]*)+", heading["scene"])
    assert where is not None, "a heading begins with where it is"
    kinds = re.findall(r"INT|EXT|EST|I/E", where[0])
    names = {"INT": "interior", "EXT": "exterior", "EST": "wide view", "I/E": "interior and exterior"}
    begins = " and ".join(dict.fromkeys(names[kind] for kind in kinds)).capitalize()
    rest = re.split(r"\s+[-\u2013\u2014]+\s+", heading["scene"][where.end() :].strip())
    return ", ".join([begins, *(part.lower() for part in rest if part)]).rstrip(".,; ") + "."
