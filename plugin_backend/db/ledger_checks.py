"""Do accounts agree with their entries: each entry is read once, however long the ledger has grown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

_CHECKING: Final = 7_305_114  # any number, the same for everybody who checks

# One statement, so that accounts and entries are those of one moment.
_CHECK: Final = text(
    """
    WITH looked AS (
        SELECT a.id, a.available, a.held, c.number,
            coalesce(c.available, 0) AS summed_available, coalesce(c.held, 0) AS summed_held
        FROM accounts a LEFT JOIN ledger_checks c ON c.account_id = a.id
        WHERE a.id > :after ORDER BY a.id LIMIT :most
    ), summed AS (
        SELECT looked.id, looked.available, looked.held, fresh.number,
            looked.summed_available + coalesce(fresh.available, 0) AS summed_available,
            looked.summed_held + coalesce(fresh.held, 0) AS summed_held
        FROM looked LEFT JOIN LATERAL (
            SELECT max(e.number) AS number, sum(e.available_delta)::bigint AS available,
                sum(e.held_delta)::bigint AS held
            FROM ledger_entries e WHERE e.account_id = looked.id AND e.number > coalesce(looked.number, 0)
        ) fresh ON true
    ), kept AS (
        INSERT INTO ledger_checks (account_id, number, available, held)
        SELECT id, number, summed_available, summed_held FROM summed WHERE number IS NOT NULL
        ON CONFLICT (account_id) DO UPDATE
        SET number = EXCLUDED.number, available = EXCLUDED.available, held = EXCLUDED.held
    )
    SELECT id, (available, held) = (summed_available, summed_held) AS is_balanced FROM summed ORDER BY id
    """
)


@dataclass(frozen=True, slots=True)
class Checked:
    """Some accounts, checked: those that are wrong, and where to go on unless these were the last."""

    unbalanced: Sequence[str]
    last: str | None


def check(connection: Connection, *, after: str, most: int) -> Checked:
    """The next accounts in the order of their ids, one checker at a time."""
    asked = text("SELECT pg_advisory_xact_lock(:checking)")
    connection.execute(asked, {"checking": _CHECKING})
    rows = connection.execute(_CHECK, {"after": after, "most": most}).all()
    unbalanced = [row.id for row in rows if not row.is_balanced]
    return Checked(unbalanced, rows[-1].id if len(rows) == most else None)
