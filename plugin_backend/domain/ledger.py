"""The four entries that move credits. Integers; every amount is a pair (available, held)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    GRANT = "grant"
    HOLD = "hold"
    SETTLE = "settle"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class Movement:
    """What one ledger entry does to an account."""

    kind: EntryKind
    available_delta: int
    held_delta: int


def grant(credits: int) -> Movement:
    """New credits become available; ValueError unless positive."""
    if credits <= 0:
        raise ValueError("a grant is positive; take credits away with an adjustment")
    return Movement(EntryKind.GRANT, credits, 0)


def hold(credits: int) -> Movement:
    """Available credits are set aside for one generation; ValueError unless positive."""
    if credits <= 0:
        raise ValueError("a hold is positive; free work holds nothing")
    return Movement(EntryKind.HOLD, -credits, credits)


def settle(held: int, *, cost: int) -> Movement:
    """The hold ends: the cost is charged, the rest returns; ValueError when the cost exceeds the hold."""
    if not 0 <= cost <= held:
        raise ValueError(f"a cost of {cost} does not lie within a hold of {held}")
    return Movement(EntryKind.SETTLE, held - cost, -held)


def adjust(credits: int) -> Movement:
    """A correction by an administrator, either way; ValueError when zero."""
    if credits == 0:
        raise ValueError("an adjustment of 0 changes nothing")
    return Movement(EntryKind.ADJUST, credits, 0)


def cost_of(charged: Iterable[int], *, held: int) -> int:
    """What the charged takes cost, each at the price snapshotted for it, never more than was held."""
    return min(sum(charged), held)
