"""Credits with an end: what is left of a grant then is taken back, once, and never what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plugin_backend.db import credit_lots, money
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.pools import find_pool
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import SYSTEM, Caller
from plugin_backend.domain.money.credit_lots import Account, Lot, Share, replay
from plugin_backend.services.house import House
from plugin_backend.services.reach import member, require_workspace

_ACCOUNTS_AT_ONCE: Final = 100
_REASON: Final = "Expired."


@dataclass(frozen=True, slots=True)
class Expiring:
    """A grant with an end, and where its credits are."""

    lot: Lot
    share: Share


@dataclass(frozen=True, slots=True)
class Ahead:
    """An account as told from what was kept at that number (None: nothing was), with the lots it had open."""

    since: int | None
    lots: frozenset[str]
    account: Account

    def still_holds(self, lots: Sequence[Lot], kept: Account | None) -> bool:
        """Whether nobody has swept the account meanwhile."""
        since = None if kept is None else kept.number
        return self.since == since and self.lots <= {lot.entry_id for lot in lots}


def mine(house: House, caller: Caller) -> tuple[Expiring, ...]:
    """The caller's grants that are not over, the soonest to end first."""
    with house.begin() as work:
        return _on(work, money.account_of(work.connection, caller.user_id))


def of_user(house: House, actor: Caller, user_id: str) -> tuple[Expiring, ...]:
    """The same of somebody within reach."""
    with house.begin() as work:
        return _on(work, member(work, actor, user_id).account_id)


def of_pool(house: House, actor: Caller, workspace_id: str) -> tuple[Expiring, ...]:
    """The same of a workspace's pool."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        pool = find_pool(work.connection, workspace_id)
        return () if pool is None else _on(work, pool)


def read_ahead(work: UnitOfWork, account_id: str) -> Ahead | None:
    """An account's story so far, before its row is locked: while a long one is told, nobody waits."""
    lots = credit_lots.open_lots(work.connection, account_id)
    if not lots:
        return None
    kept = credit_lots.kept_state(work.connection, account_id)
    since, known = None if kept is None else kept.number, frozenset(lot.entry_id for lot in lots)
    return Ahead(since, known, _told(work, account_id, lots, kept or _first(work, account_id, lots)))


def lasting(work: UnitOfWork, account_id: str, *, available: int, ahead: Ahead | None = None) -> int:
    """How many of an account's available credits have no end; its row is locked."""
    lots, account = _read(work, account_id, ahead)
    return available - sum(account.shares[lot.entry_id].free for lot in lots)


def expire(house: House) -> int:
    """Take back what is left of every grant past its end; returns how many credits."""
    taken, place = 0, ""
    while True:
        with house.begin() as work:
            due = credit_lots.accounts_due(
                work.connection, now=work.now, after=place, limit=_ACCOUNTS_AT_ONCE
            )
        for account_id in due:
            with house.begin() as work:
                taken += _expire_on(work, account_id)
        if len(due) < _ACCOUNTS_AT_ONCE:
            return taken
        place = due[-1]


def _expire_on(work: UnitOfWork, account_id: str) -> int:
    """One account, in a transaction of its own: killed anywhere, it is done whole the next time or not."""
    ahead = read_ahead(work, account_id)
    money.lock_accounts(work.connection, account_id)
    lots, account = _read(work, account_id, ahead)
    due = [lot for lot in lots if lot.expires_at <= work.now]
    taken = sum(_take_back(work, account_id, lot, account.shares[lot.entry_id].free) for lot in due)
    account = _told(work, account_id, lots, account)
    over = {lot.entry_id for lot in due if not account.shares[lot.entry_id].held}
    for lot in due:
        closed_at = work.now if lot.entry_id in over else None
        credit_lots.swept(work.connection, lot, number=account.number, closed_at=closed_at)
    for lot_id in over:
        del account.shares[lot_id]
    if account.shares:
        credit_lots.keep_state(work.connection, account_id, account)
    else:
        credit_lots.forget_state(work.connection, account_id)
    return taken


def _take_back(work: UnitOfWork, account_id: str, lot: Lot, left: int) -> int:
    if not left:
        return 0
    entry_id = money.post(
        work.connection,
        ledger.adjust(-left),
        account_id=account_id,
        now=work.now,
        actor_id=SYSTEM,
        reason=_REASON,
    )
    assert entry_id is not None, "what is free of a lot is available"
    credit_lots.note_expiry(work.connection, entry_id, lot)
    _tell(work, account_id, lot, entry_id=entry_id, credits=left)
    return left


def _on(work: UnitOfWork, account_id: str) -> tuple[Expiring, ...]:
    lots, account = _read(work, account_id, None)
    return tuple(Expiring(lot, account.shares[lot.entry_id]) for lot in lots)


def _read(work: UnitOfWork, account_id: str, ahead: Ahead | None) -> tuple[tuple[Lot, ...], Account]:
    """The open lots, and the account as its ledger tells it, from where it was last swept or read."""
    lots = credit_lots.open_lots(work.connection, account_id)
    if not lots:
        return (), Account(number=0, rest=Share())
    kept = credit_lots.kept_state(work.connection, account_id)
    if ahead is not None and ahead.still_holds(lots, kept):
        return lots, _told(work, account_id, lots, ahead.account)
    return lots, _told(work, account_id, lots, kept or _first(work, account_id, lots))


def _first(work: UnitOfWork, account_id: str, lots: tuple[Lot, ...]) -> Account:
    first = min(lot.number for lot in lots)
    return credit_lots.state_before(work.connection, account_id, number=first)


def _told(work: UnitOfWork, account_id: str, lots: tuple[Lot, ...], account: Account) -> Account:
    entries = credit_lots.entries_after(work.connection, account_id, number=account.number)
    return replay(account, lots, entries)


def _tell(work: UnitOfWork, account_id: str, lot: Lot, *, entry_id: str, credits: int) -> None:
    owner = credit_lots.owner_of(work.connection, account_id)
    owned = Owned(owner.workspace_id, owner.owner_id)
    data = {"ledger_id": entry_id, "grant_id": lot.entry_id}
    record_event(work, "credits.expired", subject_id=owner.owner_id, owned=owned, data=data)
    audit(
        work,
        "credits.expired",
        subject_id=owner.owner_id,
        actor_id=SYSTEM,
        workspace_id=owner.workspace_id,
        after={"amount": -credits, **data},
        reason=_REASON,
    )
