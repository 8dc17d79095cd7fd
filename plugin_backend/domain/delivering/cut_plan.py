"""The plan of a delivery as its row keeps it: of one take, or of a cut, which has a part for each take."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]

CUT_VERSION: Final = 2
"""The first version of this service whose workers know cuts."""


def cut_plan(parts: Sequence[Json], *, prefix: str, name: str, sequence: Json) -> dict[str, Any]:
    """The plan of a cut: its takes' own plans in order, and the sequence that they are cut into."""
    return {
        "version": CUT_VERSION,
        "prefix": prefix,
        "name": name,
        "sequence": dict(sequence),
        "parts": [dict(part) for part in parts],
    }


def parts_of(plan: Json) -> tuple[Json, ...]:
    """The arguments of the conform operations for each take."""
    return tuple(plan.get("parts") or (plan,))


def moved(plan: Json, *, prefix: str) -> dict[str, Any]:
    """The same cut, its files below another prefix."""
    parts = [{**part, "prefix": part_prefix(prefix, number)} for number, part in enumerate(plan["parts"])]
    return {**plan, "prefix": prefix, "parts": parts}


def part_prefix(prefix: str, number: int) -> str:
    """Where the files of one take of a cut lie: takes are counted from 0, folders from 1."""
    return f"{prefix}/{number + 1:02d}"


def part_of_chunk(plan: Json, number: int) -> tuple[Json, int]:
    """Which part a range of the delivery belongs to, and its number there: ranges are counted on."""
    for part in parts_of(plan):
        count = len(part["plan"]["chunks"])
        if number < count:
            return part, number
        number -= count
    raise ValueError(f"The plan has no such range: {number} beyond its end.")
