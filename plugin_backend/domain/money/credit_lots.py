"""Credits that expire: which of an account's movements drew on which grant, told from its ledger alone.

What is spent comes from the credits that expire soonest, then from those that do not. A hold draws on them
when it is taken, and what it returns goes back where it came from. A transfer takes what does not expire.
Until what is left of a grant was first taken back, it can be spent, late or not; after that only what is
returned to it is left, and that is taken back too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self, assert_never

from plugin_backend.domain.ledger import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A grant with an end; `number` is its entry's, `swept_number` the account's last when it was swept."""

    entry_id: str
    number: int
    amount: int
    expires_at: datetime
    swept_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A ledger entry; `expires` names the lot that it took the rest of."""

    id: str
    number: int
    kind: EntryKind
    available_delta: int
    held_delta: int
    generation_id: str | None
    is_transfer: bool = False
    expires: str | None = None


@dataclass(slots=True)
class Share:
    """Where the credits of a lot are; of a lot that has come, all four together are its amount."""

    free: int = 0
    held: int = 0
    spent: int = 0
    expired: int = 0


@dataclass(slots=True)
class Account:
    """Where the credits of each lot are after the entry of that number, and on what the open holds drew."""

    number: int
    rest: Share
    shares: dict[str, Share] = field(default_factory=dict)
    holds: dict[str, list[tuple[str | None, int]]] = field(default_factory=dict)

    def share(self, lot_id: str | None) -> Share:
        """A lot's; None, and what is no open lot, have no end."""
        return self.rest if lot_id is None else self.shares.get(lot_id, self.rest)

    def follow(self, entry: Posted, lots: Sequence[Lot]) -> None:
        """Make what an entry did to the account happen to its lots."""
        self.number = entry.number
        match entry.kind:
            case EntryKind.HOLD:
                drawn = self._draw(entry.held_delta, entry, lots)
                for lot_id, credits in drawn:
                    self.share(lot_id).held += credits
                self.holds[entry.generation_id or entry.id] = drawn
            case EntryKind.SETTLE:
                self._settle(entry)
            case EntryKind.GRANT | EntryKind.ADJUST:
                self._adjust(entry, lots)
            case _:
                assert_never(entry.kind)

    def _settle(self, entry: Posted) -> None:
        drawn = self.holds.pop(entry.generation_id or entry.id, None)
        if drawn is None:  # held before the first of these lots came
            self.rest.free += entry.available_delta
            return
        cost = -(entry.available_delta + entry.held_delta)
        for lot_id, credits in drawn:
            share, charged = self.share(lot_id), min(cost, credits)
            share.held -= credits
            share.spent += charged
            share.free += credits - charged
            cost -= charged

    def _adjust(self, entry: Posted, lots: Sequence[Lot]) -> None:
        if entry.available_delta > 0:
            self.share(entry.id).free += entry.available_delta
        elif entry.expires is not None:
            share = self.share(entry.expires)
            share.free += entry.available_delta
            share.expired -= entry.available_delta
        else:
            for lot_id, credits in self._draw(-entry.available_delta, entry, lots):
                self.share(lot_id).spent += credits

    def _draw(self, credits: int, entry: Posted, lots: Sequence[Lot]) -> list[tuple[str | None, int]]:
        """Takes so many, from where it is their turn; `free` moves, what becomes of them is the caller's."""
        drawn: list[tuple[str | None, int]] = []
        for lot_id in _in_turn(entry, lots):
            share = self.share(lot_id)
            taken = min(share.free, credits)
            if taken:
                share.free -= taken
                credits -= taken
                drawn.append((lot_id, taken))
        return drawn

    def to_json(self) -> dict[str, Any]:
        """As it is kept, so that the entries up to here need not be read again."""
        return {
            "rest": asdict(self.rest),
            "shares": {lot_id: asdict(share) for lot_id, share in self.shares.items()},
            "holds": {held: [list(each) for each in drawn] for held, drawn in self.holds.items()},
        }

    @classmethod
    def from_json(cls, number: int, kept: Mapping[str, Any]) -> Self:
        """The same, read again."""
        return cls(
            number=number,
            rest=Share(**kept["rest"]),
            shares={lot_id: Share(**share) for lot_id, share in kept["shares"].items()},
            holds={held: [(lot, credits) for lot, credits in drawn] for held, drawn in kept["holds"].items()},
        )


def replay(account: Account, lots: Sequence[Lot], entries: Iterable[Posted]) -> Account:
    """The account after more entries, given its lots that are not over; all that was kept changes with it."""
    for lot in lots:
        account.shares.setdefault(lot.entry_id, Share())
    for entry in entries:
        account.follow(entry, lots)
    return account


def _in_turn(entry: Posted, lots: Sequence[Lot]) -> list[str | None]:
    soonest = sorted(lots, key=lambda lot: (lot.expires_at, lot.number))
    live = [lot.entry_id for lot in soonest if not _is_swept(lot, entry)]
    swept = [lot.entry_id for lot in soonest if _is_swept(lot, entry)]
    return [None, *live, *swept] if entry.is_transfer else [*live, None, *swept]


def _is_swept(lot: Lot, entry: Posted) -> bool:
    return lot.swept_number is not None and entry.number > lot.swept_number
