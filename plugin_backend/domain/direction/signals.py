"""The words that a brief was understood by: spatial, temporal and tonal, each a signal of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from plugin_backend.domain.direction.doing import doers_of
from plugin_backend.domain.direction.moving import named_moves
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.understood import understood


class SignalKind(StrEnum):
    """What a word tells of."""

    SPATIAL = "spatial"
    TEMPORAL = "temporal"
    TONAL = "tonal"


@dataclass(frozen=True, slots=True)
class Signal:
    """A span of the prompt in characters (code points), `end` not in it, and the term it was read as."""

    kind: SignalKind
    start: int
    end: int
    term: str

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return {"kind": self.kind.value, "start": self.start, "end": self.end, "term": self.term}


_TABLES: Final = {
    SignalKind.SPATIAL: (
        "heading",
        "frame",
        "beside",
        "sided",
        "lit_side",
        "size",
        "angle",
        "lens",
        "composition",
    ),
    SignalKind.TEMPORAL: ("strength", "technique", "loop"),
    SignalKind.TONAL: ("hour", "weather", "mood", "lit", "asked_contrast", "tone", "colour"),
}
_STEPS: Final = frozenset({"then", "before", "after", "while"})


def signals_of(prompt: str) -> tuple[Signal, ...]:
    """All of them in the order of the text; of one kind none overlap, the longer is kept."""
    said = understood(prompt).said
    found = sorted(_signals(said), key=lambda each: (each.start - each.end, each.start))
    kept: list[Signal] = []
    for each in found:
        if not any(_overlap(each, other) for other in kept if other.kind is each.kind):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: (each.start, each.end, each.kind)))


def _overlap(one: Signal, other: Signal) -> bool:
    return one.start < other.end and other.start < one.end


def _signals(said: Said) -> Iterator[Signal]:
    for kind, names in _TABLES.items():
        for name in names:
            for hit in said.found(name):
                yield _signal(said, kind, hit.at, hit.end, str(hit.term))
    for move in named_moves(said, doers_of(said)):
        yield _signal(said, SignalKind.SPATIAL, move.at, move.end, move.move.value)
    for time in said.times:
        yield _signal(said, SignalKind.TEMPORAL, time.at, time.end, time.when.value)
    for clause in said.clauses:
        if clause.join.value in _STEPS:
            yield _signal(said, SignalKind.TEMPORAL, clause.at, clause.at + 1, clause.join.value)


def _signal(said: Said, kind: SignalKind, at: int, end: int, term: str) -> Signal:
    spans = said.text.spans
    return Signal(kind, spans[at][0], spans[end - 1][1], term)
