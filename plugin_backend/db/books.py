"""Reading the books: ledger entries, and whether they agree."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text

from plugin_backend.db.rows import read_row
from plugin_backend.db.tables import generations, ledger_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One entry, with the balance after it."""

    id: str
    number: int
    account_id: str
    kind: str
    available_delta: int
    held_delta: int
    available_after: int
    held_after: int
    generation_id: str | None
    actor_id: str | None
    reason: str | None
    counterpart_id: str | None
    at: datetime
    owner_id: str | None
    """Who asked for the generation it is about, what that is filed under, and which shot it is."""
    project_id: str | None
    label: str | None


_UNBALANCED = text(
    """
    SELECT count(*) FROM accounts a
    LEFT JOIN LATERAL (
        SELECT available_after, held_after FROM ledger_entries
        WHERE account_id = a.id ORDER BY number DESC LIMIT 1
    ) e ON true
    LEFT JOIN (
        SELECT account_id, sum(credits_held) AS held FROM generations WHERE finished_at IS NULL
        GROUP BY account_id
    ) open_holds ON open_holds.account_id = a.id
    WHERE (a.available, a.held) <> (COALESCE(e.available_after, 0), COALESCE(e.held_after, 0))
       OR a.held <> COALESCE(open_holds.held, 0)
    """
)


_ENTRIES = select(
    ledger_entries, generations.c.owner_id, generations.c.project_id, generations.c.label
).outerjoin(generations, generations.c.id == ledger_entries.c.generation_id)


def find_entry(connection: Connection, entry_id: str) -> LedgerRow:
    """One entry that is known to be there."""
    row = connection.execute(_ENTRIES.where(ledger_entries.c.id == entry_id)).one()
    return read_row(LedgerRow, row)


def list_entries(
    connection: Connection, account_id: str, *, before: int | None, limit: int
) -> tuple[LedgerRow, ...]:
    """An account's entries, newest first."""
    statement = _ENTRIES.where(ledger_entries.c.account_id == account_id)
    if before is not None:
        statement = statement.where(ledger_entries.c.number < before)
    found = connection.execute(statement.order_by(ledger_entries.c.number.desc()).limit(limit))
    return tuple(read_row(LedgerRow, row) for row in found)


def unbalanced_accounts(connection: Connection) -> int:
    """Accounts whose balance differs from their last entry, or whose holds from their open generations."""
    count: int = connection.execute(_UNBALANCED).scalar_one()
    return count
