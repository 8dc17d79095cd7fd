"""A reader of TCL's words, as a program for compositing reads its script: from the language's twelve rules.

What would run something (a `[` or a `$` that nothing quotes) is an error here.
"""

import re
from collections.abc import Iterator

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class RunsSomethingError(ValueError):
    """The script would be more than data."""


def commands(script: str) -> Iterator[list[str]]:
    """The words of each command; comments are left out."""
    at, words = 0, list[str]()
    while at < len(script):
        if script[at] in " \t":
            at += 1
        elif script[at] in "\n;":
            if words:
                yield words
            at, words = at + 1, []
        elif script[at] == "#" and not words:
            at = _end_of_comment(script, at)
        else:
            word, at = _word(script, at)
            words.append(word)
    if words:
        yield words


def nodes(script: str) -> list[tuple[str, dict[str, str]]]:
    """Each node's kind with its knobs."""
    found = []
    for kind, body in commands(script):
        knobs = list(commands(body))
        assert all(len(words) == 2 for words in knobs), knobs
        assert len({name for name, _ in knobs}) == len(knobs), kind
        found.append((kind, dict(knobs)))
    return found


def _end_of_comment(script: str, at: int) -> int:
    found = re.compile(r"(?:\\.|[^\\\n])*", re.DOTALL).match(script, at)
    assert found is not None
    return found.end()


def _word(script: str, at: int) -> tuple[str, int]:
    if script[at] == "{":
        return _braced(script, at)
    if script[at] == '"':
        text, end = _substituted(script, at + 1, stop='"')
        assert script[end + 1 : end + 2] in ("", " ", "\n", ";"), "characters after a closing quote"
        return text, end + 1
    return _substituted(script, at, stop=" \t\n;")


def _braced(script: str, at: int) -> tuple[str, int]:
    depth, start = 0, at
    while True:
        if script[at] == "\\":
            at += 1
        elif script[at] in "{}":
            depth += 1 if script[at] == "{" else -1
            if depth == 0:
                return script[start + 1 : at], at + 1
        at += 1


def _substituted(script: str, at: int, *, stop: str) -> tuple[str, int]:
    text = []
    while at < len(script) and script[at] not in stop:
        if script[at] == "\\":
            at += 1
            text.append(_ESCAPES.get(script[at], script[at]))
        elif script[at] in "[$":
            raise RunsSomethingError(script[at : at + 40])
        else:
            text.append(script[at])
        at += 1
    return "".join(text), at
