"""Grants with an end, and the ledger entries from which their state is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, DateTime, Row, Select, delete, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from plugin_backend.db.tables import credit_checkpoints, credit_expiries, credit_lots, ledger_entries
from plugin_backend.domain.ledger import EntryKind
from plugin_backend.domain.money.credit_lots import Account, Lot, Posted, Share

_PAGE: Final = 2_000
_OWNER: Final = text(
    """
    SELECT a.owner_id, coalesce(u.workspace_id, a.owner_id) AS workspace_id
    FROM accounts a LEFT JOIN users u ON a.owner_kind = 'user' AND u.id = a.owner_id
    WHERE a.id = :account_id
    """
)


@dataclass(frozen=True, slots=True)
class AccountOwner:
    """Whose an account is: a person's, or a workspace's as its pool."""

    owner_id: str
    workspace_id: str


def open_lot(connection: Connection, entry_id: str, *, expires_at: datetime) -> None:
    """The grant of that entry ends then."""
    columns = ledger_entries.c
    end = literal(expires_at, DateTime(timezone=True))
    granted = select(columns.id, columns.account_id, columns.number, columns.available_delta, end)
    made = insert(credit_lots).from_select(
        ["entry_id", "account_id", "number", "amount", "expires_at"], granted.where(columns.id == entry_id)
    )
    connection.execute(made)


def owner_of(connection: Connection, account_id: str) -> AccountOwner:
    """Whose an account is."""
    return AccountOwner(*connection.execute(_OWNER, {"account_id": account_id}).one())


def accounts_due(connection: Connection, *, now: datetime, after: str, limit: int) -> Sequence[str]:
    """Accounts with a lot past its end, in order."""
    columns = credit_lots.c
    found = (
        select(columns.account_id)
        .where(columns.closed_at.is_(None), columns.expires_at <= now, columns.account_id > after)
        .distinct()
        .order_by(columns.account_id)
        .limit(limit)
    )
    return connection.execute(found).scalars().all()


def open_lots(connection: Connection, account_id: str) -> tuple[Lot, ...]:
    """An account's lots that still have credits, the soonest to expire first."""
    columns = credit_lots.c
    found = connection.execute(
        select(credit_lots)
        .where(columns.account_id == account_id, columns.closed_at.is_(None))
        .order_by(columns.expires_at, columns.number)
    )
    return tuple(
        Lot(
            entry_id=row.entry_id,
            number=row.number,
            amount=row.amount,
            expires_at=row.expires_at,
            swept_number=row.swept_number,
        )
        for row in found
    )


def kept_state(connection: Connection, account_id: str) -> Account | None:
    """The account as it was kept last; None where its first open lot is to be begun with."""
    columns = credit_checkpoints.c
    row = connection.execute(
        select(columns.number, columns.state).where(columns.account_id == account_id)
    ).one_or_none()
    return None if row is None else Account.from_json(row.number, row.state)


def state_before(connection: Connection, account_id: str, *, number: int) -> Account:
    """The account before its entry of that number, when no lot was open."""
    columns = ledger_entries.c
    opening: int = connection.execute(
        select(columns.available_after - columns.available_delta).where(
            columns.account_id == account_id, columns.number == number
        )
    ).scalar_one()
    return Account(number=number - 1, rest=Share(free=opening))


def keep_state(connection: Connection, account_id: str, account: Account) -> None:
    """Remember the account as it is after its entry of that number."""
    values = {"number": account.number, "state": account.to_json()}
    kept = upsert(credit_checkpoints).values(account_id=account_id, **values)
    newer = credit_checkpoints.c.number < kept.excluded.number
    connection.execute(kept.on_conflict_do_update(index_elements=["account_id"], set_=values, where=newer))


def forget_state(connection: Connection, account_id: str) -> None:
    """No lot is open any more: the next one begins anew."""
    connection.execute(delete(credit_checkpoints).where(credit_checkpoints.c.account_id == account_id))


def entries_after(connection: Connection, account_id: str, *, number: int) -> Iterator[Posted]:
    """An account's entries after one, in order, a page at a time."""
    place = number
    while True:
        found = connection.execute(_entries(account_id, place)).all()
        yield from map(_posted, found)
        if len(found) < _PAGE:
            return
        place = found[-1].number


def swept(connection: Connection, lot: Lot, *, number: int, closed_at: datetime | None) -> None:
    """A lot's rest was taken back by that entry of its account; it is closed when nothing of it is held."""
    columns = credit_lots.c
    swept_number = func.coalesce(columns.swept_number, number)
    connection.execute(
        update(credit_lots)
        .where(columns.entry_id == lot.entry_id)
        .values(swept_number=swept_number, closed_at=closed_at)
    )


def note_expiry(connection: Connection, entry_id: str, lot: Lot) -> None:
    """That entry took back what was left of a lot."""
    connection.execute(insert(credit_expiries).values(entry_id=entry_id, lot_id=lot.entry_id))


def _entries(account_id: str, after: int) -> Select[Any]:
    columns = ledger_entries.c
    return (
        select(
            columns.id,
            columns.number,
            columns.kind,
            columns.available_delta,
            columns.held_delta,
            columns.generation_id,
            columns.counterpart_id,
            credit_expiries.c.lot_id,
        )
        .outerjoin(credit_expiries, credit_expiries.c.entry_id == columns.id)
        .where(columns.account_id == account_id, columns.number > after)
        .order_by(columns.number)
        .limit(_PAGE)
    )


def _posted(row: Row[Any]) -> Posted:
    return Posted(
        id=row.id,
        number=row.number,
        kind=EntryKind(row.kind),
        available_delta=row.available_delta,
        held_delta=row.held_delta,
        generation_id=row.generation_id,
        is_transfer=row.counterpart_id is not None,
        expires=row.lot_id,
    )
