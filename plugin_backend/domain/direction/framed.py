"""How the brief frames the shot: size, angle, lens, composition; several sizes one after the other."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.direction.framing import Framing, Placement
from plugin_backend.domain.direction.lexicon import Found
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.scheduling import Event, Track

_FOCAL: Final = re.compile(r"\b([0-9]{1,4}) ?mm\b")
_LEAST_MM: Final = 4
_MOST_MM: Final = 2_000
_KEEPS: Final = frozenset(
    {"to", "stay", "keep", "a", "then", "is", "start", "starts", "open", "opens", "begin", "begins"}
)
_MOST_SIZES: Final = 6


def framings_of(
    said: Said, placements: tuple[Placement, ...], sizes: Sequence[Event], *, duration: Fraction
) -> tuple[Framing, ...]:
    """At least one framing; of several that follow each other, the first has all that is no size."""
    whole = Framing(
        angle=_first(said, "angle"),
        lens=_first(said, "lens"),
        focal_mm=_focal(said),
        composition=tuple(dict.fromkeys(hit.term for hit in said.found("composition"))),
        techniques=tuple(dict.fromkeys(hit.term for hit in said.found("technique"))),
        blocking=placements,
        to_seconds=duration,
    )
    sized = [
        replace(
            whole if number == 0 else Framing(to_seconds=duration),
            size=event.what,
            from_seconds=event.start or Fraction(0),
            to_seconds=event.until or duration,
        )
        for number, event in enumerate(sizes)
    ]
    return tuple(sized) or (whole,)


def sizes_of(said: Said) -> list[Event]:
    """The sizes to be scheduled; several follow one another, whether the brief says `then` or not."""
    hits = _sizes(said)
    return [
        Event(Track.SHOT, hit.at, hit.end, hit.term, is_idle=True, step=step, is_ordered=len(hits) > 1)
        for step, hit in enumerate(hits)
    ]


def _sizes(said: Said) -> list[Found[Any]]:
    """Each size once in a row; a `wide angle` is a lens."""
    lenses = {index for hit in said.found("lens") for index in range(hit.at, hit.end)}
    found: list[Found[Any]] = []
    for hit in said.found("size"):
        is_lens = bool(lenses.intersection(range(hit.at, hit.end)))
        again = bool(found) and found[-1].term is hit.term
        if not (is_lens or again or _is_plain(said, hit)):
            found.append(hit)
    return found[:_MOST_SIZES]


def _is_plain(said: Said, hit: Found[Any]) -> bool:
    """`wide` and `medium` alone describe anything: a wide street, a medium pace."""
    if said.words[hit.at : hit.end] not in {("wide",), ("medium",), ("insert",)}:
        return False
    after = said.words[hit.end : hit.end + 1]
    ends = hit.end >= len(said.words) or said.text.breaks[hit.end] > 0
    starts = hit.at == 0 or said.text.breaks[hit.at] > 0
    before = said.words[hit.at - 1] if hit.at else ""
    framed = after in {
        ("static",),
        ("tracking",),
        ("aerial",),
        ("framing",),
        ("establishing",),
        ("composition",),
        ("on",),
        ("of",),
    }
    return not (framed or (ends and (starts or before in _KEEPS)))


def _focal(said: Said) -> int | None:
    for match in _FOCAL.finditer(said.text.prompt):
        if said.text.word_at(match.start()) not in said.taken and _LEAST_MM <= int(match[1]) <= _MOST_MM:
            return int(match[1])
    return None


def _first(said: Said, name: str) -> Any:
    """What the longest phrase chose; the earliest among equals."""
    found = said.found(name)
    return max(found, key=lambda hit: (hit.length, -hit.at)).term if found else None
