"""How a project names its files: `{project}_{shot}_{take:02}`, checked token by token, safe in every program.

What comes out is plain ASCII of at most 60 characters that no file system or editor reads as anything else:
letters, figures, `_` and `-`, never a name that Windows keeps for itself.
"""

import hashlib
import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.errors import FieldProblem, ValidationFailedError

MOST_CHARACTERS: Final = 120
LONGEST: Final = 60
"""Of a name: room is left for what is added to it, and for folders, on every system."""

WORDS: Final = ("project", "shot", "tier", "model", "date", "id")
NUMBERS: Final = ("take", "version")

_WIDTH: Final = re.compile(r"0?[1-6]")
_LITERAL: Final = re.compile(r"[A-Za-z0-9_-]*")
_ALLOWED: Final = ", ".join(f"{{{name}}}" for name in (*WORDS, *NUMBERS))
_SPELT_OUT: Final = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D"}
    | {"ł": "l", "Ł": "L", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D"}
)
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFacts:
    """What a name may be made of. Of a master, all but its tier are those of its draft."""

    project: str
    shot: str
    tier: str
    model: str
    date: str
    id: str
    take: int
    version: int


def naming_problems(template: str, *, pointer: str = "/naming") -> list[FieldProblem]:
    """What is wrong with a template, each with the token that it is wrong with."""
    if not 1 <= len(template) <= MOST_CHARACTERS:
        return [FieldProblem(pointer, f"Give 1 to {MOST_CHARACTERS} characters.")]
    try:
        tokens = list(string.Formatter().parse(template))
    except ValueError:
        return [FieldProblem(pointer, "A brace is open, or closed, alone: write fields as {shot}.")]
    details = [detail for token in tokens for detail in _problems_of(*token)]
    if not details and not any(name is not None for _, name, _, _ in tokens):
        details = [f"It names every file alike: use some of {_ALLOWED}."]
    return [FieldProblem(pointer, detail) for detail in details]


def check_naming(template: str) -> None:
    """ValidationFailedError unless it is a template."""
    problems = naming_problems(template)
    if problems:
        raise ValidationFailedError(problems)


def name_of(template: str, facts: NameFacts) -> str:
    """The name that a good template gives: the same for the same facts, everywhere and always."""
    spelt = "".join(_spelt(facts, *token) for token in string.Formatter().parse(template))
    return _kept(spelt)


def numbered(name: str, number: int) -> str:
    """The name for the `number`th that would be called the same, counted from 1."""
    if number == 1:
        return name
    suffix = f"_{number}"
    return name[: LONGEST - len(suffix)].rstrip("_-") + suffix


def safe_word(text: str, *, otherwise: str) -> str:
    """A text as part of a name: one of another script as a short mark of it, nothing as `otherwise`."""
    folded = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
    plain = folded.encode("ascii", "ignore").decode()
    word = re.sub(r"[^A-Za-z0-9-]+", "_", plain).strip("_-")
    if word:
        return word
    said = unicodedata.normalize("NFC", text).strip()
    return f"x{hashlib.sha256(said.encode()).hexdigest()[:6]}" if said else otherwise


def _problems_of(literal: str, name: str | None, spec: str | None, conversion: str | None) -> Iterator[str]:
    if _LITERAL.fullmatch(literal) is None:
        odd = next(each for each in literal if _LITERAL.fullmatch(each) is None)
        yield f"{odd!r} has no place in a file's name: use letters, figures, _ and -."
    if name is None:
        return
    token = f"{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
    if name not in (*WORDS, *NUMBERS):
        yield f"There is no {token}; use {_ALLOWED}."
    elif conversion or (spec and (name in WORDS or _WIDTH.fullmatch(spec) is None)):
        usual = f"{{{name}:02}}" if name in NUMBERS else f"{{{name}}}"
        yield f"{token} is not understood; write {usual}."


def _spelt(facts: NameFacts, literal: str, name: str | None, spec: str | None, conversion: str | None) -> str:
    assert not conversion, "checked when it was written down"
    if name is None:
        return literal
    value = getattr(facts, name)
    if name in NUMBERS:
        return f"{literal}{value:0{int(spec or 1)}d}"
    return literal + safe_word(value, otherwise=name)


def _kept(spelt: str) -> str:
    name = spelt.strip("_-")[:LONGEST].rstrip("_-") or "shot"
    return f"{name}_" if name.casefold() in _RESERVED else name


def bin_of(facts: NameFacts) -> str:
    """Where an editor's program files a clip: below its project, by its shot."""
    project = safe_word(facts.project, otherwise="project")
    return f"AI takes/{project}/{safe_word(facts.shot, otherwise='shot')}"
