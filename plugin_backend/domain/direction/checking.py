"""Checks of JSON values against closed sets and bounds: problems with pointers, never an exception."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from plugin_backend.domain.errors import FieldProblem

Check = Callable[[Any, str], Iterator[FieldProblem]]

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_EXACT: Final = re.compile(r"[0-9]{1,9}(/[1-9][0-9]{0,8}|\.[0-9]{1,9})?")
_SHOWN: Final = 40


def members(
    value: Any, pointer: str, *, required: Mapping[str, Check], more: Mapping[str, Check]
) -> Iterator[FieldProblem]:
    """An object with these members and no others."""
    if not isinstance(value, Mapping):
        yield FieldProblem(pointer, f"Give an object with {', '.join((*required, *more))}.")
        return
    known = {**required, **more}
    for name in sorted(map(str, value.keys() - known.keys()))[:_SHOWN]:
        detail = f"There is no such member; there are {', '.join(known)}."
        yield FieldProblem(f"{pointer}/{_escaped(name)}", detail)
    for name, check in known.items():
        if name in value:
            yield from check(value[name], f"{pointer}/{name}")
        elif name in required:
            yield FieldProblem(f"{pointer}/{name}", "This is missing.")


def several(value: Any, pointer: str, *, each: Check, most: int) -> Iterator[FieldProblem]:
    """A list of at most so many."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        yield FieldProblem(pointer, "Give a list.")
    elif len(value) > most:
        yield FieldProblem(pointer, f"Give at most {most}; there are {len(value):,}.")
    else:
        for index, one in enumerate(value):
            yield from each(one, f"{pointer}/{index}")


def choice(value: Any, pointer: str, *, choices: Sequence[str]) -> Iterator[FieldProblem]:
    """One of a closed set."""
    if not isinstance(value, str) or value not in choices:
        yield FieldProblem(pointer, f"Choose one of {', '.join(map(str, choices))}.")


def text(value: Any, pointer: str, *, most: int, least: int = 0) -> Iterator[FieldProblem]:
    """Words of a bounded length, without control characters."""
    if not isinstance(value, str) or not least <= len(value.strip()) <= len(value) <= most:
        yield FieldProblem(pointer, f"Give a text of {least} to {most} characters.")
    elif not value.isprintable():
        yield FieldProblem(pointer, "Leave out line breaks and control characters.")


def colour(value: Any, pointer: str) -> Iterator[FieldProblem]:
    """Red, green and blue in hexadecimal."""
    if not isinstance(value, str) or _COLOUR.fullmatch(value) is None:
        yield FieldProblem(pointer, 'Write a colour as "#rrggbb", in small letters.')


def flag(value: Any, pointer: str) -> Iterator[FieldProblem]:
    """True or false."""
    if not isinstance(value, bool):
        yield FieldProblem(pointer, "Give true or false.")


def whole(value: Any, pointer: str, *, least: int, most: int) -> Iterator[FieldProblem]:
    """A whole number between two others."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        yield FieldProblem(pointer, f"Give a whole number from {least} to {most:,}.")


def number(
    value: Any, pointer: str, *, least: float, most: float, fraction: bool = False
) -> Iterator[FieldProblem]:
    """A number between two others; a time may be an exact fraction in a text, such as "5/2"."""
    if fraction and isinstance(value, str):
        if _EXACT.fullmatch(value) is None:
            yield FieldProblem(pointer, 'Give seconds as a number, or exactly, such as "5/2".')
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:  # a number that is none compares with nothing
        yield FieldProblem(pointer, f"Give a number from {least:g} to {most:,g}.")


def optional(value: Any, pointer: str, *, check: Check) -> Iterator[FieldProblem]:
    """Null, or what else is right."""
    if value is not None:
        yield from check(value, pointer)


def or_empty(value: Any, pointer: str, *, check: Check) -> Iterator[FieldProblem]:
    """An empty text where nothing was chosen, or what else is right."""
    if value != "":
        yield from check(value, pointer)


def _escaped(name: str) -> str:
    return name[:_SHOWN].replace("~", "~0").replace("/", "~1")
