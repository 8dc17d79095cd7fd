"""Directives: single instructions to a model, each with its source, its time, and what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

from plugin_backend.domain.direction.terms import Move

Json = dict[str, Any]
Point = tuple[float, float]


class DirectiveKind(StrEnum):
    """What an instruction is about."""

    CAMERA = "camera"
    SUBJECT = "subject"
    SHOT = "shot"  # size, angle, lens
    PLACE = "place"  # where something stands, in the frame or beside something else
    KEEP = "keep"  # a region that stays as it is
    LIGHT = "light"  # light, time of day, contrast, palette
    ORDER = "order"  # this before that
    AVOID = "avoid"  # what must not be seen


class DirectiveSource(StrEnum):
    """Who asked for it; a default is a choice of ours that no take is judged by."""

    WORDS = "words"
    MARK = "mark"
    PLAN = "plan"
    LOOK = "look"
    DEFAULT = "default"


class Relation(StrEnum):
    """Where one thing stands, in the frame or by another."""

    LEFT = "left"
    RIGHT = "right"
    CENTRE = "centre"
    ABOVE = "above"
    BELOW = "below"
    BEHIND = "behind"
    IN_FRONT = "in-front"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One instruction; points and outlines are (x, y) in 0..1 from the frame's top left."""

    id: str
    kind: DirectiveKind
    source: DirectiveSource
    says: str
    """The instruction in plain words."""
    from_seconds: Fraction = Fraction(0)
    to_seconds: Fraction
    move: Move | None = None
    vector: Point | None = None
    """Frame widths and heights a second, y down; of the camera itself, or of the subject in the frame."""
    path: tuple[Point, ...] = ()
    region: tuple[Point, ...] = ()
    about: str = ""
    """The subject's word; with a relation to something else, that word is `beside`."""
    relation: Relation | None = None
    beside: str = ""
    terms: tuple[str, ...] = ()
    """Of light: terms and `#rrggbb` colours; of an order: the events; of a shot: size, angle, lens and so on;
    of a subject: its action and its heading; of what to avoid: terms of the vocabulary."""
    strength: float = 0.6
    """1 is the whole of what a move can do."""
    either_way: bool = False
    """The brief leaves the move's direction open: the other way is as right."""
    mark: int | None = None
    """The index of the annotation it was drawn with."""
    note: str = ""
    """What the editor wrote beside the drawing."""

    def to_json(self) -> Json:
        """Plain values only; times as exact fractions."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "source": self.source.value,
            "says": self.says,
            "from_seconds": str(self.from_seconds),
            "to_seconds": str(self.to_seconds),
            "move": None if self.move is None else self.move.value,
            "vector": None if self.vector is None else list(self.vector),
            "path": [list(point) for point in self.path],
            "region": [list(point) for point in self.region],
            "about": self.about,
            "relation": None if self.relation is None else self.relation.value,
            "beside": self.beside,
            "terms": list(self.terms),
            "strength": self.strength,
            "either_way": self.either_way,
            "mark": self.mark,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """The directive `to_json` wrote."""
        return cls(
            id=data["id"],
            kind=DirectiveKind(data["kind"]),
            source=DirectiveSource(data["source"]),
            says=data["says"],
            from_seconds=Fraction(data["from_seconds"]),
            to_seconds=Fraction(data["to_seconds"]),
            move=None if data["move"] is None else Move(data["move"]),
            vector=None if data["vector"] is None else (data["vector"][0], data["vector"][1]),
            path=tuple((x, y) for x, y in data["path"]),
            region=tuple((x, y) for x, y in data["region"]),
            about=data["about"],
            relation=None if data["relation"] is None else Relation(data["relation"]),
            beside=data["beside"],
            terms=tuple(data["terms"]),
            strength=float(data["strength"]),
            either_way=bool(data.get("either_way", False)),
            mark=data["mark"],
            note=data.get("note", ""),
        )


def within(directives: Iterable[Directive], begins: Fraction, ends: Fraction) -> tuple[Directive, ...]:
    """What of a shot lies between two times, in the time of that part."""
    return tuple(
        replace(
            each,
            from_seconds=max(each.from_seconds, begins) - begins,
            to_seconds=min(each.to_seconds, ends) - begins,
        )
        for each in directives
        if each.from_seconds < ends and each.to_seconds > begins
    )
